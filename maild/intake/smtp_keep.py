"""From 354 to the promise: read a mail to its end, then hand it to the desk and wait until it is durable."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

from maild.desk.door import SpoolFile
from maild.intake import smtp_replies as replies
from maild.intake.smtp_body import Body
from maild.intake.smtp_data import DotReader
from maild.intake.smtp_log import alarm, note, where
from maild.intake.smtp_patience import DeadlineError, Patience
from maild.intake.smtp_reception import Reception
from maild.intake.smtp_replies import Reply
from maild.intake.smtp_settings import SmtpSettings
from maild.intake.smtp_weigh import refusal_of, smells_of_smuggling
from maild.mail.envelope import Envelope


async def receive(
    read: Callable[[int], Awaitable[bytearray]], body: Body, settings: SmtpSettings
) -> tuple[DotReader, Reply | None]:
    """Reads to the final dot, also when the mail is refused long before (RFC 5321 4.2.5).

    `read` gives the next bytes and is told how many have arrived.
    """
    mail, refusal = DotReader(), None
    while not mail.ended:
        piece = mail.feed(await read(mail.arrived))
        if refusal is None:
            refusal = refusal_of(mail, settings) or await _store(body, piece)
            if refusal is not None:
                mail.discard()
                body.discard()
    if smells_of_smuggling(mail):
        body.discard()
        refusal = replies.COMMANDS_AFTER_BARE_NEWLINES
    return mail, refusal


async def _store(body: Body, piece: bytes) -> Reply | None:
    try:
        await body.add(piece)
    except OSError as error:
        alarm("spool-failed", error=where(error))
        return replies.OUR_FAULT
    return None


async def keep(body: Body, envelope: Envelope, reception: Reception, patience: Patience) -> Reply:
    """Hands the mail over and waits. The commit goes on by itself: a client that goes away now changes nothing."""
    commit = _Commit(body, envelope, reception, asyncio.get_running_loop().create_future(), reception.monotonic())
    commit.begin()
    seconds = reception.settings.commit_seconds
    try:
        return await patience.wait(commit.answer, commit.began + seconds)
    except DeadlineError:
        # The mail may still be kept; the sender's repetition is then a duplicate, which is better than a loss.
        alarm("commit-slow", seconds=seconds, peer=envelope.peer)
        return replies.OUR_FAULT


@dataclass(slots=True, eq=False)
class _Commit:
    """One mail between its last dot and its row. `answer` is what its session waits for, if that still does."""

    body: Body
    envelope: Envelope
    reception: Reception
    answer: "asyncio.Future[Reply]"
    began: float

    def begin(self) -> None:
        self.reception.commits.add(self)
        if self.body.hops > self.reception.settings.max_hops:
            self.body.discard()
            self._end(replies.MAIL_LOOP)
        else:
            source = self.body.whole() if self.body.is_small else self.body.file()
            self.reception.handover.put(partial(self._submit, source))

    def _submit(self, source: bytes | SpoolFile) -> None:
        try:
            kept = self.reception.door.submit(source, self.envelope)
        except Exception as error:  # noqa: BLE001 - whatever went wrong here is our fault and never the sender's
            self._fail(error)
        else:
            kept.add_done_callback(lambda done: self.reception.handback.put(partial(self._settle, done)))

    def _settle(self, kept: "Future[int]") -> None:
        try:
            number = kept.result()
        except Exception as error:  # noqa: BLE001 - as above; also a desk that gives up its work and cancels
            self._fail(error)
        else:
            self._promise(number)

    def _promise(self, number: int) -> None:
        self.reception.counts["kept"] += 1
        took = self.reception.monotonic() - self.began
        note("kept", **_facts(self.envelope), inbound=number, ms=round(took * 1000))
        self._end(replies.kept(number))

    def _fail(self, error: Exception) -> None:
        self.body.discard()
        self.reception.counts["failed"] += 1
        alarm("not-kept", via=self.envelope.via, peer=self.envelope.peer, error=where(error))
        self._end(replies.OUR_FAULT)

    def _end(self, reply: Reply) -> None:
        self.reception.commits.discard(self)
        if not self.answer.done():
            self.answer.set_result(reply)


def _facts(envelope: Envelope) -> dict[str, object]:
    return {
        "via": envelope.via,
        "peer": envelope.peer,
        "agent": envelope.authenticated_as,
        "sender": f"<{envelope.mail_from}>",
        "recipients": ",".join(envelope.rcpt_to),
    }
