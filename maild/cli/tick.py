"""`maild tick`: everything that is due, once; `--dry-run` shows it, `--now` is for trials."""

from datetime import datetime

import click

from maild.cli.options import moment_option, open_desk, when, with_config


@click.command("tick", help="Do everything that is due, once.")
@moment_option("--now", "As if it were this time (RFC 3339).")
@click.option("--dry-run", is_flag=True, help="Only show what would happen until then.")
@with_config
@click.pass_context
def command(ctx: click.Context, now: datetime | None, dry_run: bool) -> None:
    """Timers first, then the mails that they and others wrote."""
    from maild.desk.tick import tick, would_tick
    from maild.parts import deliverer

    config, room = open_desk(ctx)
    moment = now or room.clock()
    if now is not None:
        room.clock = lambda: moment
    done = would_tick(room, moment) if dry_run else tick(room, moment)
    for each in done:
        click.echo(f"{room.book.label(each.ticket)}  {each.kind}  due {when(each.due_at)}  {each.words}")
    if not dry_run:
        sent = deliverer(config, room).drain()
        click.echo(f"{len(done)} timers, {sent} mails")
    room.store.close()
