"""How text becomes words: folded, cut, paired; and what a search for them means."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.tickets.words import LETTERS, TERM, TERMS, WORD, Term, contains, document, term, terms, unanswerable, weight


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Die Straße, GROSS", "die strasse gross"),
        ("Příliš žluťoučký kůň", "prilis zlutoucky kun"),
        ("Ёлка и йод", "елка и иод"),
        ("ΟΔΟΣ οδός", "οδοσ οδοσ"),
        ("Łódź, Ærø, Þór", "lodz aero thor"),
        ("ＡＢＣ １２３ ﬁn", "abc 123 fin"),
        ("שָׁלוֹם مَرْحَبًا", "שלום مرحبا"),
        ("हिन्दी में", "हिन्दी में"),
        ("ORD-12345 snake_case", "ord 12345 snake case"),
        ("Jane.Doe+x@customer.test", "jane doe x customer test"),
        ("it's 3.14", "it s 3 14"),
        ("soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"),
        ("東京都", "東京 京都 都"),
        ("USB接続", "usb 接続 続"),
        ("서울에서", "서울 울에 에서 서"),
        ("データ・ﾃﾞｰﾀ", "デー ータ タ デー ータ タ"),
        ("a\x00b \ud800c", "a b c"),
    ],
)
def test_text_becomes_these_words(text: str, said: str) -> None:
    assert document(text) == f" {said} "


@pytest.mark.parametrize(
    ("texts", "word"),
    [
        (["The printer burns"], "PRINTER"),
        (["Die Straße"], "strasse"),
        (["Café au lait"], "cafe"),
        (["cafe"], "café"),
        (["Order ORD-12345 is late"], "ord-12345"),
        (["from jane@customer.test"], "jane@customer.test"),
        (["from jane@customer.test"], "customer.test"),
        (["two invoices"], "inv*"),
        (["the printer is on fire"], "printer is on"),
        (["the printer is on fire"], "printer is o*"),
        (["打印机着火了"], "打印机"),
        (["打印机着火了"], "火"),
        (["打印机着火了"], "了"),
        (["プリンターが燃えている"], "燃え"),
        (["서울에서 왔어요"], "서울"),
        (["USB接続する"], "usb接続"),
        (["接続USBで"], "接続USB"),
        (["nothing", "but the second"], "second"),
    ],
)
def test_a_word_is_found_where_a_reader_sees_it(texts: list[str], word: str) -> None:
    assert contains(texts, word)


@pytest.mark.parametrize(
    ("texts", "word"),
    [
        (["invoices"], "invoice"),
        (["printer on a fire"], "printer on fire"),
        (["ends with printer", "fire begins"], "printer fire"),
        (["打印 机器"], "打印机"),
        (["12345"], "1234"),
        (["anything"], ""),
        (["*** --- ???"], "***"),
        ([], "word"),
    ],
)
def test_and_nowhere_else(texts: list[str], word: str) -> None:
    assert not contains(texts, word)


def test_what_was_typed_is_words_phrases_and_beginnings() -> None:
    typed = terms('Printer "on fire" inv* “smart quotes” "to the en*"')

    assert typed == (
        Term(("printer",)),
        Term(("on", "fire")),
        Term(("inv",), prefix=True),
        Term(("smart", "quotes")),
        Term(("to", "the", "en"), prefix=True),
    )


@pytest.mark.parametrize("text", ["", "   ", '"', '""', "***", "-- ?!", "\x00", "\U0001f525"])
def test_where_there_is_nothing_to_look_for_the_search_says_so(text: str) -> None:
    assert terms(text) == ()
    assert term(text) is None
    assert "nothing to look for" in str(unanswerable(text)) or "neither a letter nor a digit" in str(unanswerable(text))


def test_a_search_with_a_word_is_answerable() -> None:
    assert unanswerable("the") is None


def test_what_somebody_types_is_bounded() -> None:
    typed = terms("x" * 10_000 + " " + " ".join(f"w{number}" for number in range(5_000)))

    assert len(typed) == TERMS
    assert typed[0] == Term(("x" * WORD,))


def test_a_phrase_that_is_cut_off_does_not_go_on() -> None:
    assert term(" ".join(f"w{number}" for number in range(TERM + 1)) + "*") == Term(
        tuple(f"w{number}" for number in range(TERM))
    )


def test_a_long_word_is_found_by_itself() -> None:
    assert contains(["x" * 300], "x" * 300)


@pytest.mark.parametrize(
    "text",
    [
        "a" + "\u0e38\u0e48" * 500_000,
        "\ufdfa" * 1_000_000,
        "\u0300" * 1_000_000,
        '"' * 1_000_000,
        "東" * 1_000_000,
        "_ " * 500_000,
    ],
    ids=["marks to sort", "grows by eighteen", "marks alone", "quotes", "no spaces", "empty words"],
)
def test_no_text_takes_long(text: str) -> None:
    began = time.process_time()

    said, _ = document(text), terms(text)

    assert time.process_time() - began < 1.0
    assert len(said) <= 2 * LETTERS


def test_what_is_about_the_words_weighs_more() -> None:
    wanted = terms("printer")
    often, once = document("printer printer jam"), document("the printer and " + "many other things " * 30)

    assert weight(often, " ", wanted) > weight(once, " ", wanted)
    assert weight(once, document("Printer"), wanted) > weight(once, " ", wanted)


@given(st.text(max_size=200), st.text(max_size=20))
@settings(max_examples=300, deadline=None)
def test_words_are_letters_and_digits_between_spaces_whatever_the_text(text: str, more: str) -> None:
    said = document(text, more)

    assert said.isprintable() or "\ue000" in said or not said.isascii()
    assert not any(letter.isascii() and not (letter.isdigit() or letter.islower() or letter == " ") for letter in said)
    said.encode()


@given(st.text(min_size=1, max_size=30), st.text(max_size=30), st.text(max_size=30))
@settings(max_examples=300, deadline=None)
def test_a_text_holds_each_of_its_parts_between_spaces(part: str, before: str, after: str) -> None:
    if term(part) is not None:
        assert contains([f"{before}\n{part}\n{after}"], part)
