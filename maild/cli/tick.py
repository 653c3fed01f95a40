"""`maild tick`: everything that is due, once; `--dry-run` shows it, `--now` is for trials."""

from datetime import UTC, datetime

import click

from maild.cli.options import open_desk, when, with_config


def _moment(_ctx: click.Context, _param: click.Parameter, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise click.UsageError(f"--now {value}: write a time such as 2026-12-24T18:00:00Z") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@click.command("tick", help="Do everything that is due, once.")
@click.option("--now", callback=_moment, help="As if it were this time (RFC 3339).")
@click.option("--dry-run", is_flag=True, help="Only show what would happen until then.")
@with_config
@click.pass_context
def command(ctx: click.Context, now: datetime | None, dry_run: bool) -> None:
    """Timers first, then the mails that they and others wrote."""
    from maild.daemon import deliverer
    from maild.desk.tick import tick, would_tick

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
