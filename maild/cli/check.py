"""`maild check`: every mistake of configuration and templates at once, `FILE:LINE: KEY: what`."""

import click

from maild.cli.options import given_config, with_config
from maild.errors import ConfigError


@click.command("check", help="Say what is wrong in configuration and templates, and where.")
@with_config
@click.pass_context
def command(ctx: click.Context) -> None:
    """Loads everything that a start would load, and changes nothing."""
    from maild.parts import templates
    from maild.store.blobs import bucket_trouble

    config = given_config(ctx)
    for warning in config.warnings:
        click.echo(f"warning: {warning}", err=True)
    problems = templates(config).check()
    if config.bucket and (trouble := bucket_trouble(config.bucket)):
        problems = [*problems, f"{config.path}: storage.url: {trouble}"]
    if problems:
        raise ConfigError(problems)
    click.echo(f"{config.path}: fine")
