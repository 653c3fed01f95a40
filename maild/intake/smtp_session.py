"""The commands of an ESMTP session (RFC 5321 4.1.1): which mails are taken, for whom, from whom."""

from collections.abc import Mapping

from maild.intake import smtp_replies as replies
from maild.intake.smtp_body import Body
from maild.intake.smtp_connection import Phase
from maild.intake.smtp_decisions import Offer, Sender, recipient_of, sender_of
from maild.intake.smtp_keep import keep, receive
from maild.intake.smtp_log import note
from maild.intake.smtp_login import LoginConversation
from maild.intake.smtp_replies import Reply
from maild.mail.envelope import Envelope, Via


class SmtpSession(LoginConversation):
    """Takes one client's mails. `_sender` and `_recipients` are those of the mail that is being begun."""

    via = Via.SMTP
    _sender: Sender | None = None
    _recipients: tuple[str, ...] = ()

    def begin_anew(self) -> None:
        """Forget greeting, login and the mail that was begun."""
        super().begin_anew()
        self._forget_mail()

    def is_in_mail(self) -> bool:
        """True between MAIL and the end of its mail."""
        return self._sender is not None

    def _forget_mail(self) -> None:
        self._sender, self._recipients = None, ()

    # --- greetings and small talk

    async def smtp_HELO(self, hostname: str | None) -> None:  # noqa: N802
        """RFC 5321 4.1.1.1, without extensions."""
        await self.greet(hostname, [])

    async def smtp_EHLO(self, hostname: str | None) -> None:  # noqa: N802
        """RFC 5321 4.1.1.1, with them."""
        await self.greet(hostname, self.extensions())

    async def greet(self, hostname: str | None, extensions: list[str]) -> None:
        """Greets back and begins anew, like RSET."""
        if hostname is None:
            await self.say(replies.HELLO_SYNTAX)
            return
        self._forget_mail()
        self._hello, self._extended = hostname, bool(extensions)
        lines = [self.hostname, *extensions]
        await self.push("\r\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"]))

    def extensions(self) -> list[str]:
        """What is offered here and now."""
        offered: Mapping[str, bool] = {
            "PIPELINING": True,
            f"SIZE {self._settings.max_message_bytes}": True,
            "8BITMIME": True,
            "SMTPUTF8": self._settings.smtputf8,
            "STARTTLS": self.tls_context is not None and not self.is_encrypted(),
            "AUTH PLAIN LOGIN": self.offers_auth(),
            "ENHANCEDSTATUSCODES": True,
            "HELP": True,
        }
        return [keyword for keyword, is_offered in offered.items() if is_offered]

    async def smtp_NOOP(self, _arg: str | None) -> None:  # noqa: N802
        """RFC 5321 4.1.1.9."""
        await self.say(replies.OK)

    async def smtp_RSET(self, arg: str | None) -> None:  # noqa: N802
        """RFC 5321 4.1.1.5."""
        if arg is None:
            self._forget_mail()
        await self.say(replies.OK if arg is None else replies.NO_ARGUMENT)

    async def smtp_QUIT(self, arg: str | None) -> None:  # noqa: N802
        """RFC 5321 4.1.1.10."""
        await self.say(replies.BYE if arg is None else replies.NO_ARGUMENT)

    async def smtp_HELP(self, _arg: str | None) -> None:  # noqa: N802
        """RFC 5321 4.1.1.8."""
        await self.say(replies.HELP)

    async def smtp_VRFY(self, _arg: str | None) -> None:  # noqa: N802
        """RFC 5321 3.5.3: who is here is not told."""
        await self.say(replies.CANNOT_VERIFY)

    async def smtp_EXPN(self, _arg: str | None) -> None:  # noqa: N802
        """RFC 5321 7.3: nor is who is on a list."""
        await self.say(replies.NOT_IMPLEMENTED)

    # --- the envelope

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        """RFC 5321 4.1.1.2: begins a mail, or says at once why none is taken."""
        sender = self._sender_or_refusal(arg)
        if isinstance(sender, Reply):
            await self._refuse("mail-refused", sender, argument=arg)
            return
        self._sender = sender
        self._mails += 1
        await self.say(replies.SENDER_OK)

    def _sender_or_refusal(self, arg: str | None) -> Sender | Reply:
        if self._hello is None:
            return replies.HELLO_FIRST
        if self._sender is not None:
            return replies.MAIL_TWICE
        sender = sender_of(arg, self._offer())
        if isinstance(sender, Reply):
            return sender
        if self._reception.door.is_blocked(sender.address):
            return replies.BLOCKED_SENDER
        return sender if self._reception.door.has_room() else replies.OUR_FAULT

    def _offer(self) -> Offer:
        return Offer(
            extended=self._extended,
            auth=self._settings.auth_enabled,
            smtputf8=self._settings.smtputf8,
            max_message_bytes=self._settings.max_message_bytes,
        )

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        """RFC 5321 4.1.1.3: each recipient is ours, or refused here and now."""
        recipient = self._recipient_or_refusal(arg)
        if isinstance(recipient, Reply):
            await self._refuse("rcpt-refused", recipient, argument=arg)
            return
        self._recipients += (recipient,)
        await self.say(replies.RECIPIENT_OK)

    def _recipient_or_refusal(self, arg: str | None) -> str | Reply:
        if self._sender is None:
            return replies.MAIL_FIRST
        recipient = recipient_of(arg, self._sender)
        if isinstance(recipient, Reply):
            return recipient
        if not self._reception.door.is_recipient(recipient):
            return replies.UNKNOWN_RECIPIENT
        return recipient if len(self._recipients) < self._settings.max_recipients else replies.TOO_MANY_RECIPIENTS

    async def _refuse(self, event: str, reply: Reply, **facts: object) -> None:
        note(event, peer=self._peer.name, reply=f"{reply.code} {reply.status}", **facts)
        await self.say(reply)

    # --- the mail

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        """RFC 5321 4.1.1.4: 250 only after the mail is durable."""
        refusal = self._refusal_before_data(arg)
        if refusal is not None:
            await self._refuse("data-refused", refusal)
            return
        await self.push(str(replies.GO_AHEAD))
        await self.answer_mail(await self._take_mail())
        self._forget_mail()

    def _refusal_before_data(self, arg: str | None) -> Reply | None:
        checks: tuple[tuple[bool, Reply], ...] = (
            (arg is not None, replies.NO_ARGUMENT),
            (self._sender is None, replies.MAIL_FIRST),
            (not self._recipients, replies.RCPT_FIRST),
        )
        refusal = next((reply for is_wrong, reply in checks if is_wrong), None)
        return refusal or (None if self._reception.door.has_room() else replies.OUR_FAULT)

    async def _take_mail(self) -> Reply:
        self._phase, began = Phase.DATA, self.loop.time()
        body = Body(self._reception.door.spool_folder, self._settings.inline_bytes, self._reception.threads)
        try:
            mail, refusal = await receive(lambda arrived: self._read_chunk(began, arrived), body, self._settings)
        except BaseException:
            body.discard()
            raise
        self._phase = Phase.COMMIT
        self._wire.give_back(mail.rest)
        reply = refusal or await keep(body, self._envelope(), self._reception, self._patience)
        if reply.code != replies.OK.code:
            note("data-refused", peer=self._peer.name, reply=f"{reply.code} {reply.status}", bytes=mail.arrived)
        return reply

    async def _read_chunk(self, began: float, arrived: int) -> bytearray:
        now = self.loop.time()
        deadline = self._deadlines.for_data(now, began, arrived)
        self.must_be_before(deadline, now)
        while not (chunk := self._wire.chunk()):
            await self.hear(deadline)
        return chunk

    def _envelope(self) -> Envelope:
        assert self._sender is not None
        return Envelope(
            via=self.via,
            received_at=self._reception.clock(),
            mail_from=self._sender.address,
            rcpt_to=tuple(dict.fromkeys(self._recipients)),
            peer=self._peer.name,
            authenticated_as=self._agent,
            trusted=self._peer.trusted,
            origin=f"{self.via}:{self._peer.name}",
        )

    async def answer_mail(self, reply: Reply) -> None:
        """One reply for the mail, whoever its recipients are."""
        await self.say(reply)
