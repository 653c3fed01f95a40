"""`maild outbox list|retry|drop`: mails that have not left yet."""

from typing import Any

import click

from maild.cli.options import ROW, json_option, limit_option, open_desk, print_json, print_table, when, with_config
from maild.clock import rfc3339
from maild.desk import by_hand
from maild.errors import PermanentError


@click.group("outbox", help="Mails that have not left yet.")
def command() -> None:
    """The group."""


@command.command("list", help="Waiting, unknown and failed mails; --all for every one.")
@click.option("--all", "everything", is_flag=True, help="Sent ones too.")
@click.option("--count", is_flag=True, help="Only how many still have to leave.")
@limit_option
@json_option
@with_config
@click.pass_context
def list_(ctx: click.Context, everything: bool, count: bool, limit: int, as_json: bool) -> None:
    """Newest first."""
    _, room = open_desk(ctx)
    if count:
        click.echo(by_hand.count_waiting_mails(room))
        return
    rows = by_hand.waiting_mails(room, None if as_json else limit, everything=everything)
    if as_json:
        print_json([_json(row, room.book.prefix) for row in rows])
        return
    shown = (
        (row.id, row.state, row.attempts, when(row.next_at), row.recipient, row.event, row.last_reply) for row in rows
    )
    print_table("", ("id", "state", "tries", "next", "to", "event", "last reply"), shown)


def _json(row: Any, prefix: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "state": row.state,
        "attempts": row.attempts,
        "next_at": rfc3339(row.next_at),
        "to": row.recipient,
        "message_id": row.message_id,
        "ticket": f"{prefix}-{row.ticket}" if row.ticket else None,
        "event": row.event,
        "last_reply": row.last_reply,
    }


@command.command("retry", help="Try a waiting, failed or unknown mail now.")
@click.argument("number", type=ROW)
@with_config
@click.pass_context
def retry(ctx: click.Context, number: int) -> None:
    """By hand."""
    _, room = open_desk(ctx)
    if not by_hand.retry_mail(room, number):
        raise PermanentError(f"mail {number} is not waiting; see `maild outbox list --all`")
    click.echo(f"mail {number} is tried next")


@command.command("drop", help="A mail that has not left will not leave.")
@click.argument("number", type=ROW)
@with_config
@click.pass_context
def drop(ctx: click.Context, number: int) -> None:
    """By hand."""
    _, room = open_desk(ctx)
    if not by_hand.drop_mail(room, number):
        raise PermanentError(f"mail {number} is not waiting; see `maild outbox list --all`")
    click.echo(f"mail {number} is dropped")
