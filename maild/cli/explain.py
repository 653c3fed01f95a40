"""`maild explain`: what would become of a mail, and why; works without any configuration, writes nothing."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from maild.cli.options import json_option, moment_option, with_config
from maild.config import Config, builtin, find_config, load, load_or_make_secret
from maild.errors import ConfigError, PermanentError


@click.command("explain", help="Show what would become of a mail, and why; writes nothing.")
@click.argument("paths", nargs=-1)
@json_option
@moment_option("--since", "Kept mails since this time: what would be read differently now.")
@click.option("--recipient", "-r", multiple=True, help="Envelope recipient.")
@click.option("--sender", "-f", help="Envelope sender.")
@with_config
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[str, ...],
    as_json: bool,
    since: datetime | None,
    recipient: tuple[str, ...],
    sender: str | None,
) -> None:
    """One answer a mail, in order; with --json one object a line."""
    if since is not None:
        from maild.cli import reparse

        ctx.invoke(reparse.command, since=since, dry_run=True, as_json=as_json)
        return
    from maild.clock import utc_now
    from maild.desk import explain
    from maild.desk.rulebook import rulebook_of
    from maild.desk.work import checked
    from maild.intake import files
    from maild.mail.envelope import Envelope, Via
    from maild.parts import dkim_checks
    from maild.reading.pool import ReadingPool
    from maild.store import open_store

    config, own = _config(ctx)
    store = open_store(config.database_url) if own and _has_database(config) else None
    # Without a key of the desk nothing verifies, which is what a desk that was never started would say, too.
    keys = load_or_make_secret(config.secret_file) if own and config.secret_file.exists() else (b"explain",)
    book = rulebook_of(config, keys)
    pool = ReadingPool(config.worker.readers, book.hints, config.limits.mail)
    try:
        named = list(files.read_files(paths, sys.stdin.buffer))
        checks = dkim_checks(config)
        for (name, content), future in zip(named, [pool.submit(content) for _, content in named], strict=True):
            now = utc_now()
            envelope = Envelope(Via.FILE, now, sender, recipient)
            try:
                mail = checked(future.result(), envelope, content.__bytes__, checks, book, now)
                told = explain.explain(mail, envelope, book, store, now)
            except PermanentError as error:
                _print_failure(name, error, as_json=as_json)
                continue
            found = explain.as_json(name, told, envelope, book, now)
            if as_json:
                print(json.dumps(found, ensure_ascii=False))
            else:
                _print(found)
    finally:
        pool.close()


def _config(ctx: click.Context) -> tuple[Config, bool]:
    """The named or found config; the built-in one when there is none."""
    if ctx.obj.get("config"):
        return load(ctx.obj["config"]), True
    try:
        path = find_config(None)
    except ConfigError:
        return builtin(), False
    return load(path), True


def _has_database(config: Config) -> bool:
    if not config.database_url.startswith("sqlite"):
        return True
    return Path(config.database_url.partition(":///")[2]).exists()


def _print_failure(name: str, error: PermanentError, *, as_json: bool) -> None:
    from maild.desk.explain import unreadable_json

    found = unreadable_json(name, f"quarantine: {error}")
    print(json.dumps(found, ensure_ascii=False) if as_json else f"{name}\n  {found['actions'][0]}")


def _mailbox(found: dict[str, Any]) -> str:
    return f"{found['from_name'] or ''} <{found['from'] or 'nobody'}>".strip()


def _print(found: dict[str, Any]) -> None:
    sender = found["sender"]
    lines = [
        (
            "From",
            f"{_mailbox(found)}  ({sender['role']}, {sender['trust']}: {sender['because']})",
        ),
        ("To", ", ".join([*found["to"], *found["cc"]]) or "nobody"),
        ("Subject", found["subject"] or "(none)"),
        ("Kind", f"{found['kind']}: {found['kind_because']}"),
        ("Ticket", f"{found['ticket']['number'] or 'none'}: {found['ticket']['because']}"),
        *(("Asked", each) for each in found["checks"]),
        ("Language", found["language"] or "unknown"),
        ("Files", ", ".join(f"{each['name']} ({each['size']} bytes)" for each in found["attachments"]) or "none"),
        ("Bounced", ", ".join(each["address"] for each in found["bounced"])),
        ("Commands", " | ".join(found["commands"])),
        ("Wrong", " | ".join(found["errors"])),
        ("Odd", " | ".join(found["defects"])),
    ]
    click.secho(found["file"], bold=True)
    for title, words in lines:
        if words:
            click.echo(f"  {title:9} {words}")
    click.echo("  New text")
    for row in (found["new_text"] or "(empty)").splitlines():
        click.echo(f"    │ {row}")
    click.echo("  What would happen")
    for place, action in enumerate(found["actions"], 1):
        click.echo(f"    {place}. {action}")
    for way in found["otherwise"]:
        click.echo(f"  Otherwise, {way}")
    click.echo()
