"""`maild report [NAME] [--period DAYS]`: numbers about the desk."""

from datetime import timedelta
from pathlib import Path

import click

from maild.cli.options import open_desk, with_config
from maild.desk import by_hand

REPORTS = ("volume",)


@click.command("report", help="Numbers about the desk: volume.")
@click.argument("name", type=click.Choice(REPORTS), default="volume")
@click.option("--period", type=click.Choice(("day", "week", "month", "year")), default="month")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text")
@click.option("--output", type=click.Path(path_type=Path), help="A file instead of stdout.")
@with_config
@click.pass_context
def command(ctx: click.Context, name: str, period: str, form: str, output: Path | None) -> None:
    """One report."""
    import json

    from maild.reports import volume_json, volume_text

    _, room = open_desk(ctx)
    days = {"day": 1, "week": 7, "month": 30, "year": 365}[period]
    found = by_hand.volume(room, timedelta(days=days))
    text = volume_text(found) if form == "text" else json.dumps(volume_json(found), indent=2)
    if output:
        output.write_text(text + "\n", encoding="utf-8")
    else:
        click.echo(text)
