"""Addresses that are read without the scanner are what the scanner would have read."""

from hypothesis import given
from hypothesis import strategies as st
from mailparser.utils import get_addresses

from maild.mail.parse import _PLAIN, _scan

ATOM = st.text("abcXYZ019", min_size=1, max_size=6)
ODD = st.sampled_from(["", " ", "  ", ".", "..", "-", "+", "_", ",", '"', "<", ">", "(x)", "@", ";", ":", "\t", "é"])
LOCAL = st.lists(st.one_of(ATOM, ODD), min_size=1, max_size=5).map("".join)


def scanned(value: str) -> list[tuple[str, str]]:
    return [(name, address) for name, address in get_addresses(value, defects=[]) if address]


@given(LOCAL, LOCAL, LOCAL, st.booleans())
def test_whatever_is_read_at_once_is_read_alike(name: str, local: str, domain: str, bare: bool) -> None:
    value = f"{local}@{domain}" if bare else f"{name} <{local}@{domain}>"

    if _PLAIN.match(value):
        assert _scan(value) == (scanned(value), [])


@given(st.lists(ATOM, max_size=3), st.lists(ATOM, min_size=1, max_size=3), st.lists(ATOM, min_size=1, max_size=3))
def test_usual_addresses_are_read_at_once(name: list[str], local: list[str], domain: list[str]) -> None:
    address = f"{'.'.join(local)}@{'.'.join(domain)}"
    value = f"{' '.join(name)} <{address}>" if name else address

    assert _PLAIN.match(value)
    assert _scan(value) == (scanned(value), [])
