"""Custom fields in their one form, organisations by address, references found in any text within bounded time."""

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.config.steepness import steep
from maild.rules.links import LOOKED_AT, MOST, Reference, found, whole_words
from maild.tickets.fields import FieldKind, FieldType, WrongValue, missing, read
from maild.tickets.organisations import Organisation, is_vip, organisation_of

COLOUR = FieldType("colour", FieldKind.CHOICE, ("Red", "Green"), required=True)
KINDS = {kind: FieldType("x", kind, ("Red",) if kind is FieldKind.CHOICE else ()) for kind in FieldKind}
ORDER = Reference("order", whole_words(r"ORD-\d{4,}"))
KEY = Reference("key", whole_words(r"(?i)key:\s?([a-f0-9]{4})"))


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("text", "  two \n words ", "two words"),
        ("number", "+1,50", "1.5"), ("number", "-0.0", "0"), ("number", "007", "7"), ("number", "100", "100"),
        ("date", "2026-1-5", "2026-01-05"), ("date", "5. 1.2026", "2026-01-05"),
        ("choice", "rEd", "Red"),
        ("yes-no", "Ja", "yes"), ("yes-no", "OFF", "no"),
    ],
)  # fmt: skip
def test_a_value_is_kept_in_one_form(kind: str, text: str, value: str) -> None:
    assert read(KINDS[FieldKind(kind)], text) == value


@pytest.mark.parametrize(
    ("kind", "text", "hint"),
    [
        ("text", " ", "write some words"),
        ("text", "x" * 501, "write at most 500 letters"),
        ("number", "1,500", "write thousands without a mark, and parts as in 1.5"),
        ("number", "1e5", "write a number such as 20 or 1.5"),
        ("number", "٣", "write a number such as 20 or 1.5"),
        ("date", "01/02/2026", "write a day such as 2026-01-31"),
        ("date", "2026-02-30", "write a day such as 2026-01-31"),
        ("choice", "Rad", "did you mean Red"),
        ("choice", "", "one of Red"),
        ("yes-no", "perhaps", "write yes or no"),
    ],
)
def test_a_wrong_value_is_answered_with_what_would_be_right(kind: str, text: str, hint: str) -> None:
    with pytest.raises(WrongValue) as caught:
        read(KINDS[FieldKind(kind)], text)

    assert caught.value.hint == hint


@given(st.sampled_from(list(FieldKind)), st.one_of(st.text(), st.dates().map(date.isoformat), st.decimals().map(str)))
@settings(max_examples=300, derandomize=True, deadline=None)
def test_any_text_has_one_form_or_is_refused_and_reading_it_again_changes_nothing(kind: FieldKind, text: str) -> None:
    try:
        value = read(KINDS[kind], text)
    except WrongValue:
        return

    assert read(KINDS[kind], value) == value


def test_required_fields_without_a_value_are_named() -> None:
    assert missing((), (COLOUR, KINDS[FieldKind.TEXT])) == ("colour",)
    assert missing((("Colour", "Red"),), (COLOUR,)) == ()


def test_an_address_goes_before_a_domain_and_a_subdomain_is_somebody_elses() -> None:
    acme = Organisation("Acme", ("acme.test",), vip=True)
    jane = Organisation("Jane & Sons", addresses=("Jane@ACME.test",))

    assert organisation_of("jane@acme.test", (acme, jane)) == jane
    assert organisation_of("bob@ACME.test", (acme, jane)) == acme
    assert organisation_of("bob@evil.acme.test", (acme, jane)) is None
    assert organisation_of("bob@notacme.test", (acme, jane)) is None
    assert not is_vip("jane@acme.test", (acme, jane))
    assert is_vip("bob@acme.test", (acme, jane))
    assert is_vip("Joe@x.test", (), ("joe@X.test",))


def test_references_are_whole_words_each_once_in_their_form() -> None:
    text = "ORD-1234, (ORD-1234) WORD-5678 ORD-99999x Key: 12aB, key:12AB5 xkey:0000 ORD-777"

    assert found(text, (ORDER, KEY)) == (("order", "ORD-1234"), ("key", "12aB"))


def test_only_so_much_of_a_text_and_so_many_references_count() -> None:
    assert len(found(" ".join(f"ORD-{number}" for number in range(1000, 2000)), (ORDER,))) == MOST
    assert found(" " * LOOKED_AT + "ORD-1234", (ORDER,)) == ()


@pytest.mark.parametrize(
    "pattern", [r"[\w ]*[\w ]*x", r"\d+\d+x", r"(?:a?b?c?d?e?)\w+!", r".{0,100}.{0,100}#", r"a*?a*?b"]
)
@pytest.mark.parametrize("piece", ["a", "a ", "1", "1 1-", "abcde", "#", "-"])
def test_the_worst_pattern_that_may_be_written_takes_bounded_time_on_the_worst_text(pattern: str, piece: str) -> None:
    assert steep(pattern) == ""
    text = piece * (LOOKED_AT // len(piece))

    before = time.process_time()
    found(text, (Reference("x", whole_words(pattern)),))

    assert time.process_time() - before < 3
