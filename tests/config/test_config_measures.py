"""Spans of time and sizes, as admins write them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.config.measures import duration, duration_or_never, duration_text, positive_duration, size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("15m", 900),
        ("4h", 14400),
        ("7d", 604800),
        ("2w", 1209600),
        ("1h 30m", 5400),
        ("1H30M", 5400),
        (60, 60),
    ],
)
def test_spans_of_time_are_read(text: object, seconds: int) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "wrong",
    ["", "5", "m", "5 minutes", "-5m", "5m,", "1.5h", "PT5M", True, 1.5, None, -3, "9" * 13 + "s", "9999999999w"],
)
def test_what_is_no_span_of_time_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="must be"):
        duration(wrong)


def test_never_and_nothing_are_told_apart() -> None:
    assert duration_or_never("never") is None
    assert duration_or_never("0s") == timedelta(0)
    with pytest.raises(ValueError, match="longer than"):
        positive_duration("0s")


@given(st.integers(0, 36500 * 86400))
@settings(derandomize=True)
def test_a_written_span_reads_back_as_itself(seconds: int) -> None:
    assert duration(duration_text(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("10 MB", 10 * 1024**2),
        ("10MiB", 10 * 1024**2),
        ("10m", 10 * 1024**2),
        ("256 kB", 262144),
        ("1G", 1024**3),
        ("5", 5),
        ("5 B", 5),
        (0, 0),
    ],
)
def test_sizes_are_read(text: object, count: int) -> None:
    assert size(text) == count


@pytest.mark.parametrize("wrong", ["", "MB", "10 XB", "-1", "1.5 MB", True, -1, 2.0, None])
def test_what_is_no_size_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="must be an amount"):
        size(wrong)


def mistake(read: Callable[[object], object], text: str) -> str:
    try:
        return f"must be {read(text)}"
    except ValueError as error:
        return str(error)


@given(st.text(max_size=40))
@settings(derandomize=True)
def test_any_text_is_a_measure_or_a_clear_mistake(text: str) -> None:
    for read in (duration, size):
        assert mistake(read, text).startswith("must be")
