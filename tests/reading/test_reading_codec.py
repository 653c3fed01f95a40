"""What a child understood arrives at the parent unchanged."""

from datetime import UTC, datetime
from typing import get_type_hints

from hypothesis import given, settings
from hypothesis import strategies as st

from maild.mail.model import (
    Attachment,
    AuthenticationResult,
    Bounced,
    Forwarded,
    Hints,
    InboundMail,
    Kind,
    Limits,
    Mailbox,
)
from maild.reading import codec

TEXT = st.text(max_size=20)
BOXES = st.builds(Mailbox, TEXT, TEXT)
VALUES = {
    str: TEXT,
    str | None: st.none() | TEXT,
    bool: st.booleans(),
    int: st.integers(0, 99),
    Kind: st.sampled_from(Kind),
    Mailbox | None: st.none() | BOXES,
    datetime | None: st.none() | st.datetimes(timezones=st.just(UTC)),
    Forwarded | None: st.none()
    | st.builds(Forwarded, BOXES, TEXT, st.none() | st.datetimes(timezones=st.just(UTC)), TEXT, TEXT, st.none() | TEXT),
    tuple[str, ...]: st.lists(TEXT, max_size=3).map(tuple),
    tuple[Mailbox, ...]: st.lists(BOXES, max_size=3).map(tuple),
    tuple[Bounced, ...]: st.lists(st.builds(Bounced, TEXT, st.booleans(), st.none() | TEXT), max_size=2).map(tuple),
    tuple[Attachment, ...]: st.lists(
        st.builds(Attachment, TEXT, TEXT, st.binary(max_size=30), st.booleans(), st.none() | TEXT), max_size=3
    ).map(tuple),
    tuple[AuthenticationResult, ...]: st.lists(
        st.builds(AuthenticationResult, TEXT, TEXT, TEXT, st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple)),
        max_size=2,
    ).map(tuple),
}  # fmt: skip
MAILS = st.builds(InboundMail, **{name: VALUES[kind] for name, kind in get_type_hints(InboundMail).items()})


@settings(max_examples=80, deadline=None, derandomize=True)
@given(MAILS)
def test_every_mail_survives_the_way_through_the_pipe(mail: InboundMail) -> None:
    # when
    wire = b"".join(codec.mail_frame(mail))
    head, tail = codec.PREFIX.unpack_from(wire)
    begin = codec.PREFIX.size + head
    document, blobs = codec.unframe(wire[codec.PREFIX.size : begin], wire[begin:])
    # then
    assert len(wire) == begin + tail
    assert codec.mail_of(document["mail"], blobs) == mail


def test_hints_survive_too() -> None:
    hints = Hints(frozenset({"a@b.c", "d@e.f"}), ("Acme",), "##", "T")
    wire = b"".join(codec.settings_frame(hints, Limits(), 10, 1))
    document, _ = codec.unframe(wire[codec.PREFIX.size :], b"")
    assert codec.hints_of(document["hints"]) == hints
    assert Limits(**document["limits"]) == Limits()
