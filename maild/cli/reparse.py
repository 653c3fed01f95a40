"""`maild reparse`: kept mails read again after an upgrade; texts are taken over, decisions never."""

from datetime import datetime

import click

from maild.cli.options import json_option, moment_option, open_desk, print_json, with_config
from maild.cli.progress import tracked


@click.command("reparse", help="Read kept mails again after an upgrade and take their texts over.")
@moment_option("--since", "Only mails since this time.")
@click.option("--dry-run", is_flag=True, help="Only show what would be read differently.")
@json_option
@with_config
@click.pass_context
def command(ctx: click.Context, since: datetime | None, dry_run: bool, as_json: bool) -> None:
    """With a progress bar where a person looks."""
    from maild.desk import replay
    from maild.parts import readers

    config, room = open_desk(ctx)
    pool = readers(config, room)
    try:
        total = replay.count(room, since)
        changed, rows = 0, []
        for _, found in tracked(replay.differences(room, pool, since), total, "reading"):
            rows += found
            changed += 0 if dry_run or not found else replay.take_over(room, found)
    finally:
        pool.close()
        room.store.close()
    if as_json:
        print_json([{"ticket": room.book.label(each.ticket), "message": each.message, "field": each.field,
                     "old": each.old, "new": each.new} for each in rows])  # fmt: skip
        return
    for each in rows:
        click.echo(f"{room.book.label(each.ticket)} message {each.message} {each.field}")
        click.echo(f"  was: {_short(each.old)}\n  now: {_short(each.new)}")
    click.echo(f"{total} mails read, {len(rows)} differences, {changed} texts taken over")


def _short(text: str) -> str:
    line = " ⏎ ".join(text.splitlines())
    return line if len(line) <= 160 else f"{line[:100]} … {line[-50:]}"
