"""The conversation with one client: its commands in their order, and what the answers lead to.

The command loop is ours, since aiosmtpd's takes bare LF and answers 500 with exception texts.
"""

import asyncio

from maild.intake import smtp_replies as replies
from maild.intake.smtp_caps import identify
from maild.intake.smtp_commands import FOREIGN_VERBS, MAX_LINE, parse_command
from maild.intake.smtp_connection import Connection, Phase
from maild.intake.smtp_log import alarm, note, where
from maild.intake.smtp_patience import DeadlineError
from maild.intake.smtp_replies import Reply
from maild.intake.smtp_wire import ClientGoneError, LineTooLongError

COMMANDS_PER_TURN = 32


class Conversation(Connection):
    """The loop over a client's commands; the commands themselves are in the classes above."""

    protocol_name = "ESMTP"
    _over = False
    _mails = _commands = _errors = 0

    async def _handle_client(self) -> None:
        try:
            await self._converse()
            await self.send()
        except ClientGoneError:
            return
        finally:
            if self.transport is not None:
                self.transport.close()

    async def _converse(self) -> None:
        assert self.transport is not None
        self._peer = identify(self.transport.get_extra_info("peername"), self._settings)
        refusal = self._reception.admit(self, self._peer)
        if refusal is not None:
            await self.push(str(refusal))
            return
        await self.push(f"220 {self.hostname} {self.protocol_name}")
        while not self._over:
            await self._one_command()

    async def _one_command(self) -> None:
        try:
            await self._obey(await self.read_line())
        except LineTooLongError:
            await self.say(replies.LINE_TOO_LONG)
        except DeadlineError:
            await self.say(replies.DRAINING if self._reception.draining else replies.IDLE)
        except ClientGoneError:
            raise
        except Exception as error:  # noqa: BLE001 - any bug of ours is answered 451, the mail stays with its sender
            # What follows an error inside DATA is mail text, not commands.
            self._over = self._over or self._phase is Phase.DATA
            await self.push(await self.handle_exception(error))
        self._phase = Phase.COMMAND

    async def read_line(self) -> bytes:
        """The next line, in time. Raises what ends a session."""
        self._commands += 1
        if self._commands % COMMANDS_PER_TURN == 0:
            await self.send()
            await asyncio.sleep(0)
        if self._reception.draining:
            raise DeadlineError
        now = self.loop.time()
        deadline = self._deadlines.for_command(now, self._mails)
        self.must_be_before(deadline, now)
        while (line := self._wire.line(MAX_LINE)) is None:
            await self.hear(deadline)
        return line

    async def _obey(self, line: bytes) -> None:
        if self._commands > self._settings.max_commands:
            await self.say(replies.TOO_MANY_COMMANDS)
            return
        command = parse_command(line)
        if isinstance(command, Reply):
            await self.say(command)
            return
        method = self._smtp_methods.get(command.verb)
        if method is not None:
            await method(command.argument)
        else:
            await self.say(replies.NOT_SMTP if command.verb in FOREIGN_VERBS else replies.UNKNOWN_COMMAND)

    async def handle_exception(self, error: Exception) -> str:
        """aiosmtpd answers 500 with the exception's text: a bounce, and a leak."""
        self._reception.counts["failed"] += 1
        alarm("bug", peer=self._peer.name, error=where(error))
        return str(replies.OUR_FAULT)

    # --- answers

    async def say(self, reply: Reply) -> None:
        """Answers once, counts refusals, and ends the session where the reply says so."""
        self.put(str(reply).encode())
        await self.settle(reply)

    async def settle(self, reply: Reply) -> None:
        """What follows from an answer."""
        if reply.code < 400 and not reply.closing:
            return
        self._errors += reply.is_refusal
        if reply.code >= 400:
            self._reception.counts["refused" if reply.is_refusal else "deferred"] += 1
        if reply.closing and not self._over:
            self._over = True
            await self._close(reply)
        elif reply.is_refusal and self._errors >= self._settings.max_errors:
            await self.say(replies.TOO_MANY_ERRORS)

    async def _close(self, reply: Reply) -> None:
        if reply != replies.BYE:
            note("closed", peer=self._peer.name, reply=f"{reply.code} {reply.status}", why=reply.text)
            await self.linger()

    # --- TLS

    async def smtp_STARTTLS(self, arg: str | None) -> None:  # noqa: N802
        """RFC 3207; a failed handshake ends the connection."""
        refusal = self._refusal_before_tls(arg)
        if refusal is not None:
            await self.say(refusal)
            return
        await self.shake_hands(self._deadlines.for_command(self.loop.time(), self._mails))

    def _refusal_before_tls(self, arg: str | None) -> Reply | None:
        if arg is not None:
            return replies.NO_ARGUMENT
        if self.is_encrypted():
            return replies.TLS_ALREADY
        return None if self.tls_context is not None else replies.NOT_IMPLEMENTED
