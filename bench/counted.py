"""maild with a count of its statements and commits: `python -m bench.counted FILE run -c maild.toml`.

Another SIGUSR2 writes the counts so far to FILE as JSON: {thread: {kind: count}}. maild itself is not changed.
"""

import json
import os
import signal
import sys
import threading
from collections import Counter
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine

COUNTS: Counter[tuple[str, str]] = Counter()


def _thread() -> str:
    return threading.current_thread().name.rstrip("0123456789_-")


@event.listens_for(Engine, "before_cursor_execute")
def _statement(_connection: sa.Connection, _cursor: object, statement: str, *_: object) -> None:
    words = statement.split(None, 4)
    if words[0] not in ("BEGIN", "PRAGMA"):
        name = (
            words[2] if words[0] in ("INSERT", "DELETE") else words[1] if words[0] == "UPDATE" else _source(statement)
        )
        COUNTS[_thread(), f"{words[0]} {name}"] += 1


def _source(statement: str) -> str:
    return (statement.partition("FROM ")[2].split() or ["?"])[0].strip(",()")


@event.listens_for(Engine, "begin")
def _begin(connection: sa.Connection) -> None:
    reading = connection.get_execution_options().get("maild_reading", False)
    COUNTS[_thread(), "reading transactions" if reading else "writing transactions"] += 1


def _write(file: Path) -> None:
    found: dict[str, dict[str, int]] = {}
    for (thread, kind), count in sorted(COUNTS.copy().items()):
        found.setdefault(thread, {})[kind] = count
    part = file.with_suffix(".part")
    part.write_text(json.dumps(found))
    os.replace(part, file)


def main() -> None:
    """Takes its own word off the command line and becomes maild."""
    file = Path(sys.argv.pop(1))
    signal.signal(signal.SIGUSR2, lambda *_: _write(file))
    from maild.cli import main as maild
    from maild.store import Tx

    Tx.short = False  # every statement where SQLAlchemy's events see it
    maild()


if __name__ == "__main__":
    main()
