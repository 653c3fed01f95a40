"""`maild report [NAME] [--period …]`: numbers about the desk."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from maild.cli.options import open_desk, with_config
from maild.desk import by_hand
from maild.desk.room import Room
from maild.reports import Table, as_csv, as_html, as_text, sla_json, sla_table, volume_json, volume_table

DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
FORMS = {"text": as_text, "csv": as_csv, "html": as_html}


def _volume(room: Room, length: timedelta) -> tuple[Table, dict[str, Any]]:
    found = by_hand.volume(room, length)
    return volume_table(found), volume_json(found)


def _sla(room: Room, length: timedelta) -> tuple[Table, dict[str, Any]]:
    found = by_hand.kept_promises(room, length)
    return sla_table(found), sla_json(found)


REPORTS = {"volume": _volume, "sla": _sla}


@click.command("report", help="Numbers about the desk: volume, or sla (promises kept and broken, and why).")
@click.argument("name", type=click.Choice(tuple(REPORTS)), default="volume")
@click.option("--period", type=click.Choice(tuple(DAYS)), default="month", help="The time that ends now.")
@click.option("--format", "form", type=click.Choice((*FORMS, "json")), default="text")
@click.option("--output", type=click.Path(path_type=Path), help="A file instead of stdout.")
@with_config
@click.pass_context
def command(ctx: click.Context, name: str, period: str, form: str, output: Path | None) -> None:
    """One report."""
    _, room = open_desk(ctx)
    table, document = REPORTS[name](room, timedelta(days=DAYS[period]))
    text = json.dumps(document, indent=2) if form == "json" else FORMS[form](table)
    if output:
        output.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    else:
        click.echo(text)
