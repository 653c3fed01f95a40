"""From 354 to the promise: read a mail to its end, then hand it to the desk and wait until it is durable."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from maild.intake import smtp_replies as replies
from maild.intake.smtp_body import Body
from maild.intake.smtp_data import DotReader
from maild.intake.smtp_log import alarm, note, where
from maild.intake.smtp_reception import Reception
from maild.intake.smtp_replies import Reply
from maild.intake.smtp_settings import SmtpSettings
from maild.intake.smtp_weigh import beginning, hops, refusal_of, smells_of_smuggling
from maild.mail.envelope import Envelope


async def receive(
    read: Callable[[int], Awaitable[bytes]], body: Body, settings: SmtpSettings
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


async def keep(body: Body, envelope: Envelope, reception: Reception) -> Reply:
    """Hands the mail over and waits, in a task of its own: a client that goes away now changes nothing."""
    task = asyncio.get_running_loop().create_task(_keep(body, envelope, reception))
    reception.commits.add(task)
    task.add_done_callback(reception.commits.discard)
    try:
        async with asyncio.timeout(reception.settings.commit_seconds):
            return await asyncio.shield(task)
    except TimeoutError:
        # The mail may still be kept; the sender's repetition is then a duplicate, which is better than a loss.
        alarm("commit-slow", seconds=reception.settings.commit_seconds, peer=envelope.peer)
        return replies.OUR_FAULT


async def _keep(body: Body, envelope: Envelope, reception: Reception) -> Reply:
    began = reception.monotonic()
    try:
        source = await body.finish()
        if hops(await _beginning(source, reception)) > reception.settings.max_hops:
            body.discard()
            return replies.MAIL_LOOP
        number = await _durable(source, envelope, reception)
    except Exception as error:  # noqa: BLE001 - whatever went wrong here is our fault and never the sender's
        body.discard()
        reception.counts["failed"] += 1
        alarm("not-kept", via=envelope.via, peer=envelope.peer, error=where(error))
        return replies.OUR_FAULT
    reception.counts["kept"] += 1
    note("kept", **_facts(envelope), inbound=number, ms=round((reception.monotonic() - began) * 1000))
    return replies.kept(number)


async def _beginning(source: bytes | Path, reception: Reception) -> bytes:
    if isinstance(source, bytes):
        return beginning(source)
    return await asyncio.get_running_loop().run_in_executor(reception.threads, beginning, source)


async def _durable(source: bytes | Path, envelope: Envelope, reception: Reception) -> int:
    future = reception.door.submit(source, envelope)
    try:
        return await asyncio.wrap_future(future)
    except asyncio.CancelledError:
        if not future.cancelled():
            raise
        # A desk that gives up its work cancels; to the task that waits it must not look like its own end.
        raise RuntimeError("the desk cancelled the mail") from None


def _facts(envelope: Envelope) -> dict[str, object]:
    return {
        "via": envelope.via,
        "peer": envelope.peer,
        "agent": envelope.authenticated_as,
        "sender": f"<{envelope.mail_from}>",
        "recipients": ",".join(envelope.rcpt_to),
    }
