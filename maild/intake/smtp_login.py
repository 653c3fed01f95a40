"""AUTH for agents (RFC 4954): who logs in is named in the envelope; it gives no right to relay."""

import base64

from maild.intake import smtp_replies as replies
from maild.intake.smtp import Conversation
from maild.intake.smtp_credentials import CANCEL, Credentials, decode_text, login_credentials, plain_credentials
from maild.intake.smtp_log import note
from maild.intake.smtp_replies import Reply

MECHANISMS = ("PLAIN", "LOGIN")


class LoginConversation(Conversation):
    """A conversation that knows greetings, and AUTH by the mechanisms PLAIN and LOGIN."""

    _hello: str | None = None
    _extended = False
    _agent: str | None = None

    def begin_anew(self) -> None:
        """Forget greeting and login."""
        super().begin_anew()
        self._hello = self._agent = None

    def is_in_mail(self) -> bool:
        """True between MAIL and the end of its mail."""
        raise NotImplementedError

    def offers_auth(self) -> bool:
        """True where a password may be sent."""
        return self._settings.auth_enabled and (self.is_encrypted() or not self._settings.require_tls_for_auth)

    async def smtp_AUTH(self, arg: str | None) -> None:  # noqa: N802
        """RFC 4954 4."""
        refusal = self._refusal_before_auth(arg)
        if refusal is not None:
            await self.say(refusal)
            return
        mechanism, _, initial = (arg or "").partition(" ")
        credentials = await self._credentials(mechanism.upper(), initial.strip())
        await self.say(credentials if isinstance(credentials, Reply) else await self._log_in(credentials))

    def _refusal_before_auth(self, arg: str | None) -> Reply | None:
        mechanism = (arg or "").partition(" ")[0].upper()
        is_waiting = self._reception.throttle.is_waiting(self._peer.key, self.loop.time())
        checks: tuple[tuple[bool, Reply], ...] = (
            (not self._settings.auth_enabled, replies.NOT_IMPLEMENTED),
            (self._hello is None or not self._extended, replies.HELLO_FIRST),
            (not self.offers_auth(), replies.AUTH_NEEDS_TLS),
            (self._agent is not None, replies.AUTH_ALREADY),
            (self.is_in_mail(), replies.AUTH_IN_MAIL),
            (mechanism not in MECHANISMS, replies.AUTH_UNKNOWN),
            (is_waiting, replies.TOO_MANY_LOGINS),
        )
        return next((reply for is_wrong, reply in checks if is_wrong), None)

    async def _credentials(self, mechanism: str, initial: str) -> Credentials | Reply:
        first = initial.encode() or await self._ask("" if mechanism == "PLAIN" else "Username:")
        if first == CANCEL:
            return replies.AUTH_CANCELLED
        if mechanism == "PLAIN":
            return plain_credentials(decode_text(first)) or replies.AUTH_UNREADABLE
        second = await self._ask("Password:")
        if second == CANCEL:
            return replies.AUTH_CANCELLED
        return login_credentials(decode_text(first), decode_text(second)) or replies.AUTH_UNREADABLE

    async def _ask(self, challenge: str) -> bytes:
        await self.push(b"334 " + base64.b64encode(challenge.encode()))
        return (await self.read_line()).rstrip(b"\r\n")

    async def _log_in(self, credentials: Credentials) -> Reply:
        # Checking a password is slow on purpose, so it has a thread.
        self._agent = await self.loop.run_in_executor(
            self._reception.threads, self._reception.door.login, credentials.username, credentials.password
        )
        note("login" if self._agent else "login-refused", peer=self._peer.name, agent=self._agent)
        if self._agent is not None:
            self._reception.throttle.forgive(self._peer.key)
            return replies.AUTH_OK
        must_wait = self._reception.throttle.fail(self._peer.key, self.loop.time(), self._settings.max_auth_failures)
        return replies.TOO_MANY_LOGINS if must_wait else replies.AUTH_WRONG
