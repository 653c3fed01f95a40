"""Signed references: nobody makes one without the key, and ours survive what mail systems do to them."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.mail.tokens import (
    ALPHABET,
    EPOCH,
    Signer,
    Token,
    TokenKind,
    decode_number,
    encode_number,
    plus_address,
    plus_part,
    recipient_tag,
    remove_tokens,
)

KEY, OTHER = b"k" * 32, b"o" * 32
SIGNER = Signer((KEY,))
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
JANE = "jane@customer.test"

numbers = st.integers(0, 10**9)
kinds = st.sampled_from(TokenKind)
days = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))
recipients = st.emails() | st.text(min_size=1, max_size=40)


@given(kinds, numbers, recipients, days)
def test_a_token_says_after_its_journey_what_was_signed(kind: TokenKind, number: int, to: str, now: datetime) -> None:
    token = SIGNER.verify(SIGNER.sign(kind, number, to, now))

    assert token is not None
    assert (token.kind, token.number) == (kind, number)
    assert timedelta(0) <= now - token.issued < timedelta(days=1)
    assert SIGNER.is_for(token, to)


@given(st.integers(0, 2**60))
def test_numbers_survive_their_digits(number: int) -> None:
    assert decode_number(encode_number(number)) == number


@given(kinds, numbers, days)
def test_a_token_survives_systems_that_fold_case(kind: TokenKind, number: int, now: datetime) -> None:
    text = SIGNER.sign(kind, number, JANE, now)

    assert SIGNER.verify(text.upper()) == SIGNER.verify(f"  {text.title()}\t") == SIGNER.verify(text)


@given(kinds, numbers, days)
def test_a_reply_address_fits_into_a_local_part(kind: TokenKind, number: int, now: datetime) -> None:
    local = plus_address("support@acme.test", SIGNER.sign(kind, number, JANE, now)).partition("@")[0]

    assert len(local) <= 64, "RFC 5321 4.5.3.1.1"


def test_ten_thousand_random_tokens_never_verify() -> None:
    chance = Random(1)

    def guess() -> str:
        return "k" + chance.choice("pnicb") + "".join(chance.choices(ALPHABET, k=chance.randint(25, 30)))

    assert not any(SIGNER.verify(guess()) for _ in range(10_000))


def test_ten_thousand_altered_tokens_never_verify() -> None:
    chance = Random(2)

    def altered() -> str:
        good = SIGNER.sign(chance.choice(list(TokenKind)), chance.randint(1, 10**9), JANE, NOW)
        place, letter = chance.randrange(len(good)), chance.choice(ALPHABET)
        ways = (
            good[:place] + letter + good[place + 1 :],
            good[:place] + letter + good[place:],
            good[:place] + good[place + 1 :],
            good + letter,
            good[:26] + encode_number(chance.randint(1, 10**9)),
        )
        bad = chance.choice(ways)
        return altered() if bad == good else bad

    assert not any(SIGNER.verify(altered()) for _ in range(10_000))


@given(st.text(max_size=80))
def test_no_text_is_a_token_and_none_makes_the_reading_fail(text: str) -> None:
    assert SIGNER.verify(text) is None
    assert SIGNER.read_message_id(text) is None


@pytest.mark.parametrize(
    "text",
    ["", "k", "kp", "K" * 40, "kpaaa", "kp" + "é" * 26, "kp" + "ｋ" * 26, "kp" + "1" * 26, "kp" + "\udcff" * 26, "\n"],
)
def test_odd_texts_are_no_tokens(text: str) -> None:
    assert SIGNER.verify(text) is None


def test_a_token_of_one_kind_never_counts_as_another() -> None:
    for kind in TokenKind:
        good = SIGNER.sign(kind, 1001, JANE, NOW)
        for other in "abcdefghijklmnopqrstuvwxyz":
            token = SIGNER.verify(good[0] + other + good[2:])
            assert (token is not None) == (other == kind.value)


def test_a_kind_that_is_none_of_ours_is_no_token_even_when_signed() -> None:
    head = "kz" + "aaa" + recipient_tag(KEY, JANE)

    assert SIGNER.verify(head + Signer._mac(KEY, head + "b") + "b") is None


def test_another_desks_key_verifies_nothing() -> None:
    assert Signer((OTHER,)).verify(SIGNER.sign(TokenKind.PUBLIC, 1001, JANE, NOW)) is None


def test_after_a_rotation_old_tokens_verify_and_new_ones_are_of_the_new_key() -> None:
    old = SIGNER.sign(TokenKind.NOTICE, 1001, JANE, NOW)
    rotated = Signer((OTHER, KEY))

    new = rotated.sign(TokenKind.NOTICE, 1001, JANE, NOW)

    token = rotated.verify(old)
    assert token is not None
    assert rotated.is_for(token, JANE)
    assert SIGNER.verify(new) is None
    assert Signer((OTHER,)).verify(new) is not None
    assert Signer((OTHER,)).verify(old) is None, "the old key's end"


@pytest.mark.parametrize("text", ["<.\u0080@x>", "<\u00e9.aaaaaaaaaaaa@x>", "<kp.\u00e9@x>", "<a.\udcffaaaaaaaa@x>"])
def test_a_foreign_message_id_in_any_alphabet_is_only_foreign(text: str) -> None:
    assert SIGNER.read_message_id(text) is None


def test_an_address_of_broken_bytes_owns_no_token() -> None:
    token = SIGNER.verify(SIGNER.sign(TokenKind.NOTICE, 1, JANE, NOW))

    assert token is not None
    assert not SIGNER.is_for(token, "j\udcffne@customer.test")


@pytest.mark.parametrize("same", ["jane@customer.test", "JANE@Customer.Test", " jane@customer.test "])
def test_a_token_is_for_its_address_in_every_writing(same: str) -> None:
    token = SIGNER.verify(SIGNER.sign(TokenKind.NOTICE, 1, JANE, NOW))

    assert token is not None
    assert SIGNER.is_for(token, same)


@pytest.mark.parametrize(
    "other",
    ["", "jane", "jane@customer.test.evil.test", "jan@customer.test", "jane+x@customer.test", "ｊane@customer.test"],
)
def test_a_token_is_for_nobody_else(other: str) -> None:
    token = SIGNER.verify(SIGNER.sign(TokenKind.NOTICE, 1, JANE, NOW))

    assert token is not None
    assert not SIGNER.is_for(token, other)


def test_the_first_candidate_that_verifies_counts() -> None:
    good = SIGNER.sign(TokenKind.PUBLIC, 7, JANE, NOW)

    found = SIGNER.first(["nonsense", good[:-1] + "z" + "z", good, SIGNER.sign(TokenKind.PUBLIC, 8, JANE, NOW)])

    assert found == Token(TokenKind.PUBLIC, 7, EPOCH + (NOW.replace(hour=0) - EPOCH), good[5:10])
    assert SIGNER.first([]) is None


@given(kinds, numbers, st.text(max_size=60))
def test_our_message_ids_read_back_also_in_capitals(kind: TokenKind, number: int, cause: str) -> None:
    message_id = SIGNER.message_id(kind, number, JANE, cause, "acme.test", NOW)

    token = SIGNER.read_message_id(message_id)

    assert token is not None
    assert (token.kind, token.number) == (kind, number)
    assert SIGNER.read_message_id(message_id.upper()) == token
    assert SIGNER.read_message_id(message_id.strip("<>")) == token


def test_a_repeat_of_a_notice_has_the_same_message_id_and_another_cause_another() -> None:
    def made(cause: str, to: str = JANE) -> str:
        return SIGNER.message_id(TokenKind.PUBLIC, 1001, to, cause, "acme.test", NOW)

    assert made("event:1") == made("event:1")
    assert len({made("event:1"), made("event:2"), made("event:1", "joe@customer.test")}) == 3


def test_a_message_id_altered_at_any_place_is_foreign() -> None:
    message_id = SIGNER.message_id(TokenKind.PUBLIC, 1001, JANE, "event:1", "acme.test", NOW)
    local, _, domain = message_id.strip("<>").partition("@")

    for place, old in enumerate(local):
        for new in ALPHABET[:3] + "." + ALPHABET[-1]:
            if new != old:
                altered = f"<{local[:place]}{new}{local[place + 1 :]}@{domain}>"
                assert SIGNER.read_message_id(altered) is None, altered


def test_a_token_alone_or_with_an_invented_end_is_no_message_id() -> None:
    token = SIGNER.sign(TokenKind.PUBLIC, 1001, JANE, NOW)

    for text in (
        f"<{token}@acme.test>",
        f"<{token}.@acme.test>",
        f"<{token}.abc@acme.test>",
        f"<{token}.{'a' * 24}@x>",
    ):
        assert SIGNER.read_message_id(text) is None


@settings(max_examples=200)
@given(kinds, numbers, days, st.text(max_size=20), st.text(max_size=20), st.booleans())
def test_no_token_stays_in_a_text_that_leaves(
    kind: TokenKind, number: int, now: datetime, before: str, after: str, capitals: bool
) -> None:
    token = SIGNER.sign(kind, number, JANE, now)
    shown = token.upper() if capitals else token

    cleaned = remove_tokens(f"{before} support+{shown}@acme.test {after}")

    assert token not in cleaned.lower()


@pytest.mark.parametrize("mark", ["", "+", "<", "ref:", "(", "_", ".", "-", "/", "=", "ä", "1", "0", "8", "x+"])
def test_no_token_stays_whatever_stands_around_it(mark: str) -> None:
    token = SIGNER.sign(TokenKind.NOTICE, 1001, JANE, NOW)

    assert token not in remove_tokens(f"{mark}{token}{mark[::-1]}")


def test_words_of_people_stay() -> None:
    text = "knickknack support+sales@acme.test kp the rest, Kindergarten 123 kilometerstein"

    assert remove_tokens(text) == text


@given(st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.test", fullmatch=True), numbers)
def test_a_plus_address_gives_its_token_back(base: str, number: int) -> None:
    token = SIGNER.sign(TokenKind.PUBLIC, number, JANE, NOW)

    assert plus_part(plus_address(base, token)) == (base, token)


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("Support@Acme.Test", ("support@acme.test", "")),
        ("support+A+b@acme.test", ("support@acme.test", "a+b")),
        ("+x@acme.test", ("@acme.test", "x")),
        ("nobody", ("", "")),
    ],
)
def test_plus_parts(address: str, parts: tuple[str, str]) -> None:
    base, detail = plus_part(address)

    assert detail == parts[1]
    assert base == parts[0] or address == "nobody"


def test_a_signer_never_shows_its_keys() -> None:
    assert repr(SIGNER) == "Signer(1 keys)"
    assert "kkkk" not in f"{SIGNER} {SIGNER!r} {[SIGNER]}"


@pytest.mark.parametrize("year", [1, 1970, 2019, 2110, 9999])
def test_a_clock_that_is_wrong_by_ages_still_gives_tokens_that_verify(year: int) -> None:
    token = SIGNER.sign(TokenKind.PUBLIC, 1001, JANE, datetime(year, 1, 1, tzinfo=UTC))

    read = SIGNER.verify(token)

    assert read is not None
    assert (read.number, len(token)) == (1001, len(SIGNER.sign(TokenKind.PUBLIC, 1001, JANE, NOW)))


@pytest.mark.parametrize("link", ["mailto:support%2B{}@acme.test", "MAILTO:support%2b{}%40acme.test", "x%2B{}%2B"])
def test_no_token_stays_in_a_link(link: str) -> None:
    token = SIGNER.sign(TokenKind.NOTICE, 1001, JANE, NOW)

    assert token not in remove_tokens(link.format(token))
