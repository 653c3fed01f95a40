"""The lines of the log: each tells its own time, in the usual form."""

import logging

import pytest

from maild.cli.options import _Lines

FORM = "%(asctime)s %(levelname)s %(name)s %(message)s"


def record(created: float) -> logging.LogRecord:
    made = logging.makeLogRecord({"name": "maild", "levelname": "INFO", "msg": "ready", "created": created})
    made.msecs = float(int((created - int(created)) * 1000))
    return made


@pytest.mark.parametrize("times", [(0.0,), (1.001, 1.999, 2.0, 1.5), (1_795_345_200.25, 1_795_345_260.5)])
def test_each_line_has_the_time_that_python_would_write(times: tuple[float, ...]) -> None:
    ours, usual = _Lines(FORM), logging.Formatter(FORM)

    assert [ours.format(record(each)) for each in times] == [usual.format(record(each)) for each in times]
