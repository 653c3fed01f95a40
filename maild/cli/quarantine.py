"""`maild quarantine list|show|retry|delete`: mails that could not be handled, or wait for a person (IN-5)."""

import sys
from typing import Any

import click

from maild.cli.options import ROW, json_option, limit_option, open_desk, print_json, print_table, when, with_config
from maild.clock import rfc3339
from maild.desk import by_hand
from maild.errors import PermanentError


@click.group("quarantine", help="Mails that could not be handled, or wait for a person.")
def command() -> None:
    """The group."""


@command.command("list", help="Held and failed mails.")
@click.option("--count", is_flag=True, help="Only how many.")
@limit_option
@json_option
@with_config
@click.pass_context
def list_(ctx: click.Context, count: bool, limit: int, as_json: bool) -> None:
    """Newest first."""
    _, room = open_desk(ctx)
    if count:
        click.echo(by_hand.count_quarantined(room))
        return
    rows = by_hand.quarantined(room, None if as_json else limit)
    if as_json:
        print_json([_json(row) for row in rows])
        return
    shown = (
        (row.id, row.state, when(row.received_at), row.from_address or row.mail_from, row.size, row.reason)
        for row in rows
    )
    print_table("", ("id", "state", "received", "from", "bytes", "reason"), shown)


def _json(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "state": row.state,
        "at": rfc3339(row.received_at),
        "reason": row.reason,
        "attempts": row.attempts,
        "message_id": row.message_id,
        "from": row.from_address or row.mail_from,
        "size": row.size,
        "sha256": row.source,
        "source": row.origin or row.via,
    }


@command.command("show", help="One mail: why it lies here, and its bytes with --raw.")
@click.argument("number", type=ROW)
@click.option("--raw", is_flag=True, help="The bytes as they came, on stdout.")
@json_option
@with_config
@click.pass_context
def show(ctx: click.Context, number: int, raw: bool, as_json: bool) -> None:
    """Also for mails that were released or deleted: their bytes are kept."""
    _, room = open_desk(ctx)
    row = by_hand.spooled(room, number)
    if row is None:
        raise PermanentError(f"there is no mail {number}")
    if raw:
        sys.stdout.buffer.write(by_hand.raw_bytes(room, row.source))
        return
    if as_json:
        print_json(_json(row) | {"trace": row.trace})
        return
    click.echo(f"mail {row.id}, {row.state}: {row.reason}")
    click.echo(f"from {row.from_address or row.mail_from or 'unknown'}, {row.size} bytes, by {row.origin or row.via}")
    if row.trace:
        click.echo(f"\n{row.trace}")


@command.command("retry", help="Release a held mail, or handle a failed one again.")
@click.argument("number", type=ROW)
@with_config
@click.pass_context
def retry(ctx: click.Context, number: int) -> None:
    """The running daemon takes it up."""
    _, room = open_desk(ctx)
    if not by_hand.release(room, number):
        raise PermanentError(f"mail {number} is not in quarantine")
    click.echo(f"mail {number} is handled next")


@command.command("delete", help="Take a mail out of quarantine for good.")
@click.argument("number", type=ROW)
@with_config
@click.pass_context
def delete(ctx: click.Context, number: int) -> None:
    """Its row stays as ignored."""
    _, room = open_desk(ctx)
    if not by_hand.forget(room, number):
        raise PermanentError(f"mail {number} is not in quarantine")
    click.echo(f"mail {number} is deleted from quarantine")
