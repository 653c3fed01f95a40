"""`replace` of ours does what the standard library's does."""

import dataclasses
from dataclasses import dataclass, field

import pytest

from maild.records import replace


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int = 0
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deep(Point):
    z: int = field(default=1)


@dataclass(frozen=True, slots=True)
class Checked:
    low: int
    high: int

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low is above high")


@dataclass(frozen=True)
class Open:
    a: int
    b: int


@pytest.mark.parametrize("record", [Point(1, 2, ("a",)), Deep(1, 2, ("b",), 3), Open(1, 2), Checked(1, 2)])
def test_a_copy_is_the_same_but_for_what_was_changed(record: Point) -> None:
    name = dataclasses.fields(record)[0].name

    assert replace(record) == record
    assert replace(record, **{name: 0}) == dataclasses.replace(record, **{name: 0})
    assert type(replace(record)) is type(record)


def test_the_first_record_stays_as_it_was() -> None:
    point = Deep(1, 2)

    assert replace(point, z=9, x=8) == Deep(8, 2, (), 9)
    assert point == Deep(1, 2)


def test_a_name_that_is_no_field_is_refused() -> None:
    with pytest.raises(TypeError, match="colour"):
        replace(Point(1), colour="red")  # type: ignore[call-arg]


def test_a_record_that_looks_at_its_values_looks_again() -> None:
    with pytest.raises(ValueError, match="above"):
        replace(Checked(1, 2), high=0)


def test_a_copy_is_as_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        replace(Point(1)).x = 2  # type: ignore[misc]
