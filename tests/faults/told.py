"""Asks many `maild … --json` commands of one process: the same code as the command line, without its start each time.

Reads one JSON list of words a line from stdin, writes one line `[exit code, answer]` each.
"""

import contextlib
import io
import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

from maild.cli.main import group
from maild.errors import MaildError


def answer(words: list[str]) -> tuple[int, Any]:
    """(0, what it printed as JSON), or (1, the error)."""
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            group(words, standalone_mode=False, obj={})
    except MaildError as error:
        return 1, str(error)
    return 0, json.loads(out.getvalue())


def main() -> None:
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


class Teller:
    """That process, seen from outside. A store that is away for a moment is asked again by the caller."""

    def __init__(self, config: Path) -> None:
        self._config = config
        command = [sys.executable, "-m", "tests.faults.told"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
        )

    def __enter__(self) -> "Teller":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()

    def __call__(self, *words: str) -> Any:
        """The JSON, or None when the command said that there is no such thing."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps([*words, "--json", "-c", str(self._config)]) + "\n")
        self._process.stdin.flush()
        code, found = json.loads(self._process.stdout.readline())
        return found if code == 0 else None


if __name__ == "__main__":
    main()
