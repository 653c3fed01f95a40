"""`maild ingest`: mails from stdin, .eml, mbox and Maildir, kept durably; sysexits for a mail server's pipe."""

import sys
from collections.abc import Iterator

import click

from maild.cli.options import given_config, with_config
from maild.errors import ConfigError, MaildError, PermanentError, TransientError

IN_FLIGHT = 50


@click.command("ingest", help="Take in mails from stdin, .eml, mbox or Maildir.")
@click.argument("paths", nargs=-1)
@click.option("--recipient", "-r", multiple=True, help="Envelope recipient; may be repeated.")
@click.option("--sender", "-f", help="Envelope sender; empty for the null sender.")
@click.option("--wait", is_flag=True, help="Also handle what waits: tickets exist when it returns.")
@click.option("--quiet-import", is_flag=True, help="Old mails: closed, unanswered, with their own dates.")
@with_config
@click.pass_context
def command(
    ctx: click.Context, paths: tuple[str, ...], recipient: tuple[str, ...], sender: str | None, wait: bool, quiet_import: bool
) -> int:  # fmt: skip
    """0 kept, 64 usage, 65 refused for good, 75 try again (sysexits)."""
    from maild.intake import files

    try:
        return _take_in(ctx, paths, recipient, sender, wait=wait, quiet=quiet_import)
    except ConfigError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        return files.EX_TEMPFAIL  # a wrong config is ours to mend: the mail server keeps the mail
    except TransientError as error:
        print(f"maild: {error}", file=sys.stderr)
        return files.EX_TEMPFAIL
    except PermanentError as error:
        print(f"maild: {error}", file=sys.stderr)
        return files.EX_DATAERR
    except MaildError as error:
        print(f"maild: {error}", file=sys.stderr)
        return files.EX_TEMPFAIL


def _take_in(
    ctx: click.Context, paths: tuple[str, ...], recipient: tuple[str, ...], sender: str | None, *, wait: bool, quiet: bool
) -> int:  # fmt: skip
    from maild.clock import utc_now
    from maild.desk.accept import Acceptor
    from maild.desk.room import open_room
    from maild.intake import files
    from maild.mail.envelope import Envelope, Via
    from maild.resources import data_dir

    config = given_config(ctx)
    try:
        room = open_room(config, data_dir("migrations"))
    except PermanentError as error:
        raise TransientError(str(error)) from error  # the schema is ours to mend
    via = Via.FILE if paths and paths != (files.STDIN,) else Via.PIPE
    refused: list[str] = []

    def refuse(name: str, words: str) -> None:
        refused.append(name)
        print(f"maild: {name}: {words}", file=sys.stderr)

    mails = files.read_files(paths, sys.stdin.buffer, max_bytes=config.limits.message_bytes, refuse=refuse)
    acceptor = Acceptor(room)
    try:
        kept = 0
        waiting = []
        for _name, content in _counted(mails, show=via is Via.FILE):
            envelope = Envelope(via, utc_now(), sender, recipient, quiet=quiet)
            waiting.append(acceptor.submit(content, envelope))
            if len(waiting) >= IN_FLIGHT:
                kept += _settled(waiting)
        kept += _settled(waiting)
    finally:
        acceptor.close()
    handled = _handle(config, room) if wait else ""
    room.store.close()
    if via is Via.FILE or wait:
        click.echo(f"{kept} kept{handled}", err=via is Via.PIPE)
    return files.EX_DATAERR if refused else files.EX_OK


def _settled(waiting: list) -> int:  # type: ignore[type-arg]
    """Waits for durability; raises TransientError when the store refused."""
    for future in waiting:
        future.result()
    count = len(waiting)
    waiting.clear()
    return count


def _counted(mails: Iterator[tuple[str, bytes]], *, show: bool) -> Iterator[tuple[str, bytes]]:
    if not show or not sys.stderr.isatty():
        yield from mails
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.completed} mails"),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=None)
        for name, content in mails:
            yield name, content
            progress.update(task, advance=1, description=name[-50:])


def _handle(config, room) -> str:  # type: ignore[no-untyped-def]
    from maild.daemon import readers
    from maild.desk.recover import worker_name
    from maild.desk.work import Worker

    pool = readers(config, room)
    try:
        done = Worker(room, pool, worker_name("ingest"), config.worker.batch).drain()
    finally:
        pool.close()
    states: dict[str, int] = {}
    for each in done:
        states[each.state] = states.get(each.state, 0) + 1
    return "".join(f", {count} {state}" for state, count in sorted(states.items()) if state != "received")
