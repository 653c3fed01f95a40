"""LMTP (RFC 2033): SMTP for the last step, where each recipient gets an answer of his own after the dot."""

from maild.intake import smtp_replies as replies
from maild.intake.smtp_replies import Reply
from maild.intake.smtp_session import SmtpSession
from maild.mail.envelope import Via


class LmtpSession(SmtpSession):
    """Greets with LHLO, and answers DATA once for each accepted RCPT, in their order (RFC 2033 4.2).

    With aiosmtpd's single answer a client waits for the second one, gives up, and sends the mail again.
    """

    via = Via.LMTP
    protocol_name = "LMTP"

    async def smtp_LHLO(self, hostname: str | None) -> None:  # noqa: N802
        """RFC 2033 4.1, the same as EHLO."""
        await self.greet(hostname, self.extensions())

    async def smtp_HELO(self, _hostname: str | None) -> None:  # noqa: N802
        """No greeting of LMTP."""
        await self.say(replies.LHLO_WANTED)

    async def smtp_EHLO(self, _hostname: str | None) -> None:  # noqa: N802
        """No greeting of LMTP."""
        await self.say(replies.LHLO_WANTED)

    async def answer_mail(self, reply: Reply) -> None:
        """The mail is kept or refused as a whole, so all answers are alike; it counts as one."""
        await self.push("\r\n".join([str(reply)] * len(self._recipients)))
        await self.settle(reply)
