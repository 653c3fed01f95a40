"""New text of answers between and below quotes, in the forms of mail clients; quotes of our own mails."""

import pytest

from maild.mail.quotes import new_text
from tests.mail.mails import HINTS, read, reply

HEAD = "On Mon, Mar 2, 2026 at 10:00 AM Acme Support <support@acme.test> wrote:"
FOR_STAFF = "ref kncgma43muk4tkxgw3w7jtykah7j"
FOR_JANE = "ref kpcgmdjjsx2iaww7zn6zwgrbaubag"
LINKS = "Take: <mailto:support+kncgma43muk4tkxgw3w7jtykah7j@acme.test?body=%23take>"
CARD = "TICK-1001  Printer on fire\n  Assigned to  bob\n  Tags         late-payer"


def _notification(end: str, *, marker: bool = True) -> str:
    top = "##- please reply above this line -##\n\n" if marker else ""
    return f"{top}Bob wrote a note\n\n> He never pays.\n\n{CARD}\n\nReply to this mail.\n\n-- \nAcme Support\n{end}"


def _between(quoted: str) -> str:
    """An answer behind the message and one behind the card."""
    rows = [f"> {row}".rstrip() for row in quoted.splitlines()]
    cut = rows.index("> > He never pays.") + 1
    end = rows.index("> Reply to this mail.")
    body = [*rows[:cut], "", "Monday is fine.", "", *rows[cut:end], "Bring the cable.", "", *rows[end:]]
    return "\n".join([HEAD, "", *body]) + "\n"


@pytest.mark.parametrize(
    "end", [f"TICK-1001 · {FOR_STAFF}", LINKS, f"{LINKS}\nTICK-1001 · {FOR_STAFF}", "TICK-1001", "-"]
)
def test_answers_between_the_lines_of_an_agents_notification_come_without_its_lines(end: str) -> None:
    assert new_text(_between(_notification(end)), HINTS) == "Monday is fine.\n\nBring the cable."
    assert new_text(f"Hi Jane.\n\n{_between(_notification(end))}", HINTS).split("\n\n")[0] == "Hi Jane."


def test_a_notification_is_known_by_its_ticket_where_its_first_line_is_gone() -> None:
    assert new_text(_between(_notification("-", marker=False)), HINTS) == "Monday is fine.\n\nBring the cable."


def test_customers_who_answer_between_our_lines_keep_them_without_their_own_reference() -> None:
    # given
    sent = f"##- please reply above this line -##\n\nDid you try it off and on?\n\nWhich model?\n\n-- \nAcme\nTICK-1001 · {FOR_JANE}"
    rows = [f"> {row}".rstrip() for row in sent.splitlines()]
    body = "\n".join([HEAD, "", *rows[:3], "Yes, twice.", *rows[3:], "X-200, I think."])
    # when
    new = new_text(body, HINTS)
    # then
    assert "> Did you try it off and on?\nYes, twice." in new
    assert "X-200, I think." in new
    assert FOR_JANE not in new


def test_nothing_but_a_quote_of_ours_stays_but_without_the_reference() -> None:
    new = new_text(f"{HEAD}\n\n> Hello Jane,\n> TICK-1001 · {FOR_JANE}\n", HINTS)
    assert "Hello Jane," in new
    assert FOR_JANE not in new


@pytest.mark.parametrize("answer", ["yes", "Yes, on Monday.", "on Monday, at nine"])
def test_one_line_right_below_a_long_quoted_line_is_an_answer(answer: str) -> None:
    # given
    question = "> May our engineer come next week, and if so on which of these days"
    body = f"{HEAD}\n\n{question[:60]}\n{answer}\n> And what else?\nNothing.\n> TICK-1001 · {FOR_STAFF}\n"
    # when, then
    assert new_text(body, HINTS) == f"{answer}\n\nNothing."


def test_the_torn_end_of_a_long_quoted_line_is_no_answer() -> None:
    long = "> The customer is known for not paying and for shouting at all those"
    body = f"{HEAD}\n\n{long}\npeople here\n> who call.\n\nMonday is fine.\n\n> TICK-1001 · {FOR_STAFF}\n"
    assert new_text(body, HINTS) == "Monday is fine."


OPENED, CLOSED = "<blockquote type='cite' class='gmail_quote'>", "</blockquote>"
SPLIT = (
    f"{OPENED}He never pays.{CLOSED}<div>Monday is fine.</div>{OPENED}Tags: late-payer{CLOSED}<p>Bring the cable.</p>"
)
PROGRAMS = {
    "thunderbird": f"<p>Hi Jane.</p><div class='moz-cite-prefix'>On 3/2/26 10:00, Acme Support wrote:<br></div>\n{SPLIT}",
    "gmail": f"<div>Hi Jane.</div><div class='gmail_quote'><div class='gmail_attr'>{HEAD}</div>{SPLIT}</div>",
    "k-9": f"<div>Hi Jane.</div><div class='gmail_quote'>On 2 Mar 2026 Acme wrote:{SPLIT}</div>",
    "roundcube": f"<p>Hi Jane.</p><p id='reply-intro'>On 2026-03-02 10:00, Acme Support wrote:</p>{SPLIT}",
    "apple": f"<div>Hi Jane.</div><div>{SPLIT}</div>",
}


@pytest.mark.parametrize("html", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_answers_between_quotes_of_html_alone_stay(html: str) -> None:
    # when
    new = read(reply(f"<html><body>{html}</body></html>", Content_Type="text/html; charset=utf-8")).new_text
    # then
    assert [row for row in new.splitlines() if row] == ["Hi Jane.", "Monday is fine.", "Bring the cable."]


def test_an_answer_below_a_quote_whose_attribution_is_unknown_is_not_lost() -> None:
    quote = "\n".join(f"> {row}".rstrip() for row in _notification(f"TICK-1001 · {FOR_STAFF}").splitlines())
    assert "Monday is fine." in new_text(f"Xqz wvw\n{quote}\n\nMonday is fine.\n", HINTS)
    assert new_text(f"{quote}\n\nMonday is fine.\n", HINTS) == "Monday is fine."


def test_of_a_quote_without_words_no_part_is_taken_for_words() -> None:
    block = (
        "From: Acme Support <support@acme.test>\nSent: Monday, March 2, 2026 10:00 AM\nTo: Alice\nSubject: Printer\n"
    )
    new = new_text(f"{block}\n{_notification('TICK-1001')}", HINTS)
    assert new.startswith(f"{block}\n{HINTS.marker}\n")
