"""`maild ingest`: mails from stdin, .eml, mbox and Maildir, kept durably; sysexits for a mail server's pipe."""

import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass

import click

from maild.cli.options import given_config, with_config
from maild.cli.progress import tracked
from maild.config import Config
from maild.desk import by_hand
from maild.desk.accept import Acceptor
from maild.desk.room import Room, open_room
from maild.errors import ConfigError, MaildError, PermanentError, TransientError
from maild.intake import files
from maild.mail.envelope import Envelope, Via
from maild.resources import data_dir

IN_FLIGHT = 50
LOOK_AGAIN_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line said."""

    paths: tuple[str, ...]
    recipients: tuple[str, ...]
    sender: str | None
    wait: bool
    quiet: bool

    @property
    def via(self) -> Via:
        """A mail server's pipe, or an admin's files."""
        return Via.FILE if self.paths and self.paths != (files.STDIN,) else Via.PIPE


@click.command("ingest", help="Take in mails from stdin, .eml, mbox or Maildir.")
@click.argument("paths", nargs=-1)
@click.option("--recipient", "-r", "recipients", multiple=True, help="Envelope recipient; may be repeated.")
@click.option("--sender", "-f", help="Envelope sender; empty for the null sender.")
@click.option("--wait", is_flag=True, help="Also handle what waits: tickets exist when it returns.")
@click.option("--quiet-import", "quiet", is_flag=True, help="Old mails: closed, unanswered, with their own dates.")
@with_config
@click.pass_context
def command(ctx: click.Context, /, **given: object) -> int:
    """0 kept, 64 usage, 65 refused for good, 75 try again (sysexits)."""
    wish = Wish(**given)  # type: ignore[arg-type]  # click's own types, declared above
    for address in (*wish.recipients, wish.sender or ""):
        if not address.isprintable():
            raise click.UsageError("an address holds a character that cannot be printed")
    try:
        return _take_in(ctx, wish)
    except ConfigError as error:
        # A wrong config is ours to mend: the mail server keeps the mail.
        return _tell(error.problems, files.EX_TEMPFAIL)
    except TransientError as error:
        return _tell([f"maild: {error}"], files.EX_TEMPFAIL)
    except PermanentError as error:
        return _tell([f"maild: {error}"], files.EX_DATAERR)
    except MaildError as error:
        return _tell([f"maild: {error}"], files.EX_TEMPFAIL)


def _tell(lines: list[str], code: int) -> int:
    for line in lines:
        print(line, file=sys.stderr)
    return code


def _take_in(ctx: click.Context, wish: Wish) -> int:
    config = given_config(ctx)
    try:
        room = open_room(config, data_dir("migrations"))
    except PermanentError as error:
        raise TransientError(str(error)) from error  # the schema is ours to mend
    refused: list[str] = []

    def refuse(name: str, words: str) -> None:
        refused.append(name)
        print(f"maild: {name}: {words}", file=sys.stderr)

    try:
        mails = files.read_files(wish.paths, sys.stdin.buffer, max_bytes=config.limits.message_bytes, refuse=refuse)
        kept = _keep(room, _counted(mails, wish), wish)
        handled = _handle(config, room, kept) if wish.wait else ""
    finally:
        room.store.close()
    if wish.via is Via.FILE or wish.wait:
        click.echo(f"{len(kept)} kept{handled}", err=wish.via is Via.PIPE)
    return files.EX_DATAERR if refused else files.EX_OK


def _keep(room: Room, mails: Iterable[tuple[str, bytes]], wish: Wish) -> list[int]:
    """Durably in the spool, all of them, or an error; many share one commit. Gives their ids."""
    acceptor = Acceptor(room)
    waiting: list[Future[int]] = []
    kept: list[int] = []
    try:
        for _name, content in mails:
            envelope = Envelope(wish.via, room.clock(), wish.sender, wish.recipients, quiet=wish.quiet)
            waiting.append(acceptor.submit(content, envelope))
            if len(waiting) >= IN_FLIGHT:
                kept += _settled(waiting)
        return kept + _settled(waiting)
    finally:
        acceptor.close()


def _settled(waiting: list[Future[int]]) -> list[int]:
    """Waits for durability; raises TransientError when the store refused."""
    ids = [future.result() for future in waiting]
    waiting.clear()
    return ids


def _counted(mails: Iterator[tuple[str, bytes]], wish: Wish) -> Iterator[tuple[str, bytes]]:
    return mails if wish.via is Via.PIPE else tracked(mails, None, "keeping")


def _handle(config: Config, room: Room, ids: list[int]) -> str:
    """Handles what waits, and waits for what a running daemon took up before us."""
    from maild.desk.recover import worker_name
    from maild.desk.work import Worker
    from maild.parts import dkim_checks, readers

    pool = readers(config, room)
    try:
        worker = Worker(room, pool, worker_name("ingest"), config.worker.batch, checks=dkim_checks(config))
        done = worker.drain()
        while by_hand.still_waiting(room, ids):
            time.sleep(LOOK_AGAIN_SECONDS)
            done += worker.drain()
    finally:
        pool.close()
    states = Counter(each.state for each in done if each.state != "received")
    return "".join(f", {count} {state}" for state, count in sorted(states.items()))
