"""The admin's when → then: words in a mail, contact forms, alerts."""

import re
import time
from dataclasses import replace

import pytest

from maild.mail.model import InboundMail, Kind, Mailbox
from maild.rules import Alert, FormSender, Keyword, Setting, as_the_customer, keyword_setting, raised
from tests.mail.mails import mail, read

FORM = FormSender("forms@acme-web.test", field="E-Mail", name_field="Name")
DOWN = Alert("nagios", "nagios.test", re.compile(r"(\w+)/(\w+) is (?:DOWN|UP)"), re.compile(r"\bUP\b"))


@pytest.mark.parametrize(
    "text", ["urgent", "URGENT!", "it is Urgent.", "(urgent)", "very-urgent", "a\nurgent\nb", "«urgent»"]
)
def test_a_keyword_counts_as_a_whole_word_in_any_case(text: str) -> None:
    assert Keyword(("urgent",)).matches(text) == "urgent"


@pytest.mark.parametrize("text", ["", "urgently", "insurgent", "urgent_2", "urgenté", "ur gent", "Ürgent"])
def test_a_keyword_inside_another_word_does_not_count(text: str) -> None:
    assert Keyword(("urgent",)).matches(text) is None


@pytest.mark.parametrize(
    ("word", "text"), [("c++", "I write C++ here"), (".*", "see .* there"), ("größe", "GRÖSSE Größe")]
)
def test_a_keyword_is_words_and_no_pattern(word: str, text: str) -> None:
    assert Keyword((word,)).matches(text) == word
    assert Keyword((".*",)).matches("anything") is None


def test_the_first_keyword_to_name_a_field_wins_and_tags_add_up() -> None:
    keywords = (
        Keyword(("fire", "smoke"), priority="urgent", tags=("fire",)),
        Keyword(("printer",), priority="low", team="print", tags=("print", "fire")),
        Keyword(("water",), category="flood"),
    )

    found = keyword_setting(keywords, "Printer on fire", "Much smoke.")

    assert found == Setting("urgent", None, "print", ("fire", "print"), ("the word 'fire'", "the word 'printer'"))


def test_no_keyword_sets_nothing() -> None:
    assert keyword_setting((Keyword(("x",), priority="high"),), "a", "b") == Setting()
    assert keyword_setting((), "a", "b") == Setting()


def test_words_far_below_do_not_count() -> None:
    assert keyword_setting((Keyword(("fire",), priority="high"),), "a", "word " * 1000 + "fire").priority is None


def form(body: str, **fields: str | None) -> InboundMail:
    return read(mail(body, From="Web <forms@acme-web.test>", **fields))


@pytest.mark.parametrize(
    "body",
    [
        "Name: Jane Doe\nE-Mail: Jane@Customer.test\nText: help",
        "**Name:** Jane Doe\n**E-Mail:** jane@customer.test\n",
        "| Name | Jane Doe |\n| E-Mail | jane@customer.test |",
        "name: Jane Doe\ne-mail: <jane@customer.test>",
        "> Name: Jane Doe\n> E-Mail: mail to jane@customer.test please",
    ],
)
def test_a_contact_form_speaks_for_the_customer_in_its_field(body: str) -> None:
    seen = as_the_customer(replace(form("x"), text=body, kind=Kind.AUTO_REPLY, auto_submitted=True, bulk=True), (FORM,))

    assert seen.author == Mailbox("jane@customer.test", "Jane Doe")
    assert (seen.kind, seen.auto_submitted, seen.bulk, seen.authentication) == (Kind.NORMAL, False, False, ())


def test_a_form_without_a_field_speaks_for_the_one_reply_to() -> None:
    plain = (FormSender("acme-web.test"),)

    assert as_the_customer(form("x", Reply_To="jane@customer.test"), plain).author == Mailbox("jane@customer.test", "")
    for unclear in (None, "jane@customer.test, joe@customer.test"):
        mail_ = form("x", Reply_To=unclear)
        assert as_the_customer(mail_, plain) is mail_


@pytest.mark.parametrize(
    "body", ["", "E-Mail:", "E-Mail: none", "Work E-Mail: jane@customer.test", "see jane@customer.test"]
)
def test_a_form_whose_field_is_not_there_stays_the_forms_own_mail(body: str) -> None:
    seen = form(body)

    assert as_the_customer(seen, (FORM,)) is seen


def test_what_others_write_in_the_manner_of_a_form_is_their_own_mail() -> None:
    for author in ("jane@customer.test", "forms@acme-web.test.evil.test", "x@sub.acme-web.test", "eve@acme-web.test"):
        seen = read(mail("E-Mail: boss@customer.test", From=author))
        assert as_the_customer(seen, (FORM,)) is seen


@pytest.mark.parametrize("kind", [Kind.BOUNCE, Kind.VACATION, Kind.SPAM, Kind.RECEIPT, Kind.LIST])
def test_a_bounce_to_the_form_is_no_customers_mail(kind: Kind) -> None:
    seen = replace(form("E-Mail: jane@customer.test"), kind=kind)

    assert as_the_customer(seen, (FORM,)) is seen


def alert(subject: str, author: str = "monitor@nagios.test", body: str = "x") -> InboundMail:
    return read(mail(body, From=author, Subject=subject))


def test_mails_about_the_same_thing_have_the_same_key_whatever_their_case_and_blanks() -> None:
    down, again, up = alert("web1/http is DOWN"), alert("** WEB1/Http is DOWN"), alert("web1/http is UP")

    found = [raised(each, (DOWN,)) for each in (down, again, up)]

    assert [each and (each.key, each.over) for each in found] == [
        ("web1|http", False),
        ("web1|http", False),
        ("web1|http", True),
    ]
    assert found[0] is not None
    assert found[0].reference == "alert:nagios:web1|http"


def test_a_key_without_groups_is_the_whole_match() -> None:
    found = raised(
        alert("disk  full on db"), (Alert("disk", "monitor@nagios.test", re.compile(r"disk\s+full on \w+")),)
    )

    assert found is not None
    assert (found.key, found.over) == ("disk full on db", False)


@pytest.mark.parametrize("author", ["eve@evil.test", "eve@nagios.test.evil.test", "eve@sub.nagios.test"])
def test_nobody_else_raises_or_ends_an_alert(author: str) -> None:
    assert raised(alert("web1/http is UP", author), (DOWN,)) is None


def test_a_mail_that_fits_no_key_is_an_ordinary_one() -> None:
    assert raised(alert("weekly report"), (DOWN,)) is None


def test_a_long_key_is_cut_where_references_are_stored() -> None:
    found = raised(alert("x", body="k" * 4000), (Alert("long", "nagios.test", re.compile("k+")),))

    assert found is not None
    assert len(found.reference) == 500


@pytest.mark.parametrize(
    "body", ["E-Mail" * 30_000, "E-Mail:" + " *|" * 60_000, "\n" * 200_000, "> " * 100_000 + "E-Mail: x"]
)
def test_rules_take_no_time_on_hostile_texts(body: str) -> None:
    seen = replace(form("x"), text=body)
    begin = time.process_time()

    as_the_customer(seen, (FORM,))
    keyword_setting((Keyword(("urgent", "E-Mail")),), "x", body)

    assert time.process_time() - begin < 0.3
