"""The child process: reads frames of raw mails from stdin, writes what it understood to stdout, ends when stdin ends.

It limits itself, so that nothing must run between fork and exec: memory once, CPU anew for each mail.
"""

import logging
import os
import resource
import signal
import sys
from typing import Any, BinaryIO

from maild.mail.model import Hints, Limits
from maild.reading.codec import PREFIX, frame, hints_of, mail_frame, unframe


def main() -> None:
    """One child's life."""
    # A stop is the parent's affair: it lets the mail in hand end, then closes our stdin.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    # Only our frames may reach the parent: whatever prints to stdout goes to stderr instead.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    logging.disable(logging.CRITICAL)  # libraries log the headers of strangers
    questions = sys.stdin.buffer
    first = _next(questions)
    if first is None:
        return
    settings = first[0]
    hints, limits = hints_of(settings["hints"]), Limits(**settings["limits"])
    _limit_memory(settings["memory_bytes"])
    while (question := _next(questions)) is not None:
        _limit_cpu(settings["cpu_seconds"])
        for piece in _answer(question[1][0], hints, limits):
            answers.write(piece)
        answers.flush()


def _next(questions: BinaryIO) -> tuple[dict[str, Any], list[bytes]] | None:
    prefix = questions.read(PREFIX.size)
    if len(prefix) < PREFIX.size:
        return None
    head, tail = PREFIX.unpack(prefix)
    return unframe(questions.read(head), questions.read(tail))


def _answer(source: bytes, hints: Hints, limits: Limits) -> list[bytes]:
    from maild.mail.parse import understand  # late: an idle child costs little, and import errors become answers

    try:
        return mail_frame(understand(source, hints, limits))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as problem:  # noqa: BLE001  a panic in Rust is no Exception; the parent decides
        return frame({"failed": type(problem).__name__})


def _limit_memory(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


def _limit_cpu(seconds: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + seconds, hard))


if __name__ == "__main__":
    main()
