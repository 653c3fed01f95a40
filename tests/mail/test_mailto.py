"""A click on a link writes the mail that was meant, in every reader of RFC 6068."""

import html
import re
from html.parser import HTMLParser
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.mail.mailto import LONGEST, mailto

SUPPORT = "support+kpabcdefghij234567abcdefgh2a@acme.test"
# RFC 6068 2: what may stand bare in an address, and in a name or value of a field.
PATH = re.compile(r"(?:[A-Za-z0-9\-._~!$'*+]|%[0-9A-F]{2})*@(?:[A-Za-z0-9\-._~]|%[0-9A-F]{2})*\Z")
VALUE = re.compile(r"(?:[A-Za-z0-9\-._~!$'()*+,;:@/?]|%[0-9A-F]{2})*\Z")

lines = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Cf", "Zs", "Zl", "Zp"), exclude_characters="\ufffe\uffff")
)
words = st.lists(lines.filter(bool), max_size=4).map(" ".join)
bodies = st.lists(words.filter(bool), max_size=4).map("\n".join)
locals_ = st.text("abcXYZ019!#$%&'*+-/=?^_`{|}~", min_size=1, max_size=30)


def by_the_rfc(link: str) -> tuple[str, str, str]:
    """(address, subject, body) as RFC 6068 reads them: `+` is a plus."""
    scheme, _, rest = link.partition(":")
    path, _, query = rest.partition("?")
    assert scheme == "mailto" and PATH.match(path), link
    fields = dict.fromkeys(("subject", "body"), "")
    for field in filter(None, query.split("&")):
        name, equals, value = field.partition("=")
        assert equals and name in fields and not fields[name] and VALUE.match(value), link
        fields[name] = unquote(value, errors="strict")
    return unquote(path, errors="strict"), fields["subject"], fields["body"]


def as_a_form(link: str) -> tuple[str, str, str]:
    """The same as webmail reads it, which takes the link for a form: `+` would be a space."""
    parts = urlsplit(link)
    fields = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    return unquote(parts.path.replace("+", " ")), fields.get("subject", ""), fields.get("body", "")


@given(locals_, words, bodies)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_every_reader_gets_back_what_was_meant(local: str, subject: str, body: str) -> None:
    link = mailto(f"{local}@acme.test", subject, body)

    if not link:
        return
    address, title, text = by_the_rfc(link)
    assert as_a_form(link) == (address, title, text)
    assert address == f"{local}@acme.test"
    assert subject.startswith(title) and (title == subject or len(link) > LONGEST - 20)
    assert text == (body.replace("\n", "\r\n") + "\r\n\r\n" if body else "")
    assert link.isascii() and len(link) <= LONGEST


@given(st.text(max_size=60), st.text(max_size=400), st.text(max_size=400))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_no_text_at_all_breaks_the_link(local: str, subject: str, body: str) -> None:
    link = mailto(f"x{local}@acme.test", subject, body)

    assert len(link) <= LONGEST
    assert not link or by_the_rfc(link) == as_a_form(link)


def test_the_plus_of_a_signed_address_is_written_so_that_nobody_makes_a_space_of_it() -> None:
    assert mailto(SUPPORT).startswith("mailto:support%2Bkp")
    assert by_the_rfc(mailto(SUPPORT))[0] == as_a_form(mailto(SUPPORT))[0] == SUPPORT


def test_a_command_stands_in_the_first_line_and_the_cursor_below_it() -> None:
    link = mailto("support@acme.test", "Re: [TICK-1001] a & b", "#assign bob")

    assert link == (
        "mailto:support@acme.test?subject=Re%3A%20%5BTICK-1001%5D%20a%20%26%20b&body=%23assign%20bob%0D%0A%0D%0A"
    )


def test_letters_beyond_ascii_are_utf_8() -> None:
    assert mailto("jürgen@straße.example", "Größe 💡") == (
        "mailto:j%C3%BCrgen@stra%C3%9Fe.example?subject=Gr%C3%B6%C3%9Fe%20%F0%9F%92%A1"
    )


@pytest.mark.parametrize("subject", ["a\r\nBcc: eve@evil.test", "a\nbody=#close", "a&body=%23close", "a\x00\ud800b"])
def test_a_subject_that_a_stranger_wrote_adds_no_field_and_no_command(subject: str) -> None:
    _, title, body = by_the_rfc(mailto(SUPPORT, subject, "#take"))

    assert "\n" not in title and "\r" not in title
    assert body == "#take\r\n\r\n"


def test_a_long_subject_is_cut_between_letters_and_the_command_stays_whole() -> None:
    link = mailto(SUPPORT, "ß" * 300, "#note")

    address, title, body = by_the_rfc(link)
    assert LONGEST - 6 <= len(link) <= LONGEST
    assert (address, body) == (SUPPORT, "#note\r\n\r\n")
    assert set(title) == {"ß"}


def test_a_command_that_does_not_fit_gives_no_link_rather_than_half_a_command() -> None:
    assert mailto(SUPPORT, "x", "#assign " + "b" * LONGEST) == ""


def test_line_ends_of_any_kind_become_those_of_mail() -> None:
    assert by_the_rfc(mailto(SUPPORT, "", "#take\r\n#tag vpn\r#due monday\n\n"))[2] == (
        "#take\r\n#tag vpn\r\n#due monday\r\n\r\n"
    )


def test_inside_html_only_the_ampersand_needs_an_escape() -> None:
    link = mailto(SUPPORT, 'a"><b', "#take")
    seen: list[str | None] = []

    class Links(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.append(dict(attrs)["href"])

    Links().feed(f'<a href="{html.escape(link)}">take</a>')

    assert seen == [link]
    assert html.escape(link) == link.replace("&", "&amp;")
