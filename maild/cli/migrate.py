"""`maild migrate`: the database schema, created or brought up to date."""

import click

from maild.cli.options import given_config, with_config
from maild.desk.room import upgrade
from maild.resources import data_dir


@click.command("migrate", help="Create or upgrade the database schema.")
@with_config
@click.pass_context
def command(ctx: click.Context) -> None:
    """Runs the migrations."""
    before, after = upgrade(given_config(ctx), data_dir("migrations"))
    click.echo(f"the schema is {after}" + (" already" if before == after else f" now, it was {before or 'empty'}"))
