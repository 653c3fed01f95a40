"""Options that many commands take, and what they lead to: the config and the opened room."""

import json
import logging
import re
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from maild.clock import rfc3339
from maild.config import Config, find_config, load
from maild.desk.room import Room, open_room
from maild.errors import PermanentError
from maild.resources import data_dir

PIPE_WIDTH = 200
YEARS = range(1970, 9000)  # at the calendar's ends no deadline could be reckoned
NUMBER = re.compile("[0-9]{1,15}")
ROW = click.IntRange(1, 2**63 - 1)  # what a database's key can be
F = TypeVar("F", bound=Callable[..., Any])


def with_config(function: F) -> F:
    """`--config` and `--debug` also after the subcommand's own words."""
    config = click.option("-c", "--config", type=click.Path(path_type=Path), expose_value=False, callback=_keep_config)
    return config(with_debug(function))


def with_debug(function: F) -> F:
    """`--debug` after the subcommand's own words; `main` reads it off the command line."""
    return click.option("--debug", is_flag=True, expose_value=False, help="Show tracebacks.")(function)


def _keep_config(ctx: click.Context, _param: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.ensure_object(dict)["config"] = value


def json_option(function: F) -> F:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")(function)


def moment_option(name: str, words: str) -> Callable[[F], F]:
    """A time, RFC 3339 or a date; without a zone it is UTC."""
    return click.option(name, callback=_moment, help=words)


def _moment(_ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise click.UsageError(f"--{param.name} {value}: write a time such as 2026-12-24T18:00:00Z") from error
    if moment.year not in YEARS:
        raise click.UsageError(f"--{param.name} {value}: write a year from {YEARS[0]} to {YEARS[-1]}")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def limit_option(function: F) -> F:
    """`--limit`: how long a table may get; JSON has every row."""
    words = "At most so many rows in the table; --json has all."
    return click.option("--limit", default=200, show_default=True, help=words)(function)


def given_config(ctx: click.Context) -> Config:
    """The configuration that the command line names, or the default one."""
    return load(find_config(ctx.obj.get("config")))


def open_desk(ctx: click.Context) -> tuple[Config, Room]:
    """The config and the room on its database."""
    config = given_config(ctx)
    return config, open_room(config, data_dir("migrations"))


def ticket_number(room: Room, text: str) -> int:
    """`TICK-1001`, `tick-1001` or `1001`."""
    digits = text.upper().removeprefix(f"{room.book.prefix.upper()}-")
    if not NUMBER.fullmatch(digits):
        raise PermanentError(f"'{text}' is no ticket number; write {room.book.label(room.book.first_number)}")
    return int(digits)


def print_json(value: object) -> None:
    """One document on stdout."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def print_table(title: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """A table for people; plain when stdout is no terminal."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns, title=title or None, title_justify="left", box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False).print(table)


def _cell(value: object) -> str:
    from rich.markup import escape

    shown = "".join(char if char.isprintable() else " " for char in str("" if value is None else value))
    return escape(shown)


def when(moment: Any) -> str:
    """A time for a table."""
    return (rfc3339(moment) or "").replace("T", " ").replace("Z", "")


def log_to_stderr(level: int = logging.INFO) -> None:
    """One line per decision; control characters in values can't forge lines."""
    # Not looked up for each line, as no line tells them ("Optimization" in Python's logging HOWTO).
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("mail.log", "imapclient", "mailparser", "alembic", "apscheduler"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


class _Lines(logging.Formatter):
    _second, _told = -1, ""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        """The usual text, made once a second. Handlers format one record after the other."""
        second = int(record.created)
        if second != self._second:
            self._second, self._told = second, super().formatTime(record, self.default_time_format)
        return f"{self._told},{int(record.msecs):03}"

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        if record.exc_info or text.isprintable():
            return text
        return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)
