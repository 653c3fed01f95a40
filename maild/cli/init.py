"""`maild init [FILE]`: a commented starter configuration; an existing file is never overwritten."""

from pathlib import Path

import click

from maild.cli.options import with_config
from maild.config import STARTER
from maild.errors import PermanentError


@click.command("init", help="Write a commented starter configuration.")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@with_config
@click.pass_context
def command(ctx: click.Context, file: Path | None) -> None:
    """Writes the starter; the file may also be named by `--config`."""
    file = file or ctx.obj.get("config") or Path("maild.toml")
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(STARTER)
    except FileExistsError as error:
        raise PermanentError(f"{file} is there already; it was not touched") from error
    except OSError as error:
        raise PermanentError(f"{file} cannot be written: {error.strerror}") from error
    click.echo(f"{file} is written. Edit [desk] and [[agents]], then: maild check -c {file} && maild run -c {file}")
