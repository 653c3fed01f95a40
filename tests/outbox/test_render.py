"""Words come from templates, ticket text stays data, and an admin's mistake never stops a mail."""

import copy
import re
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest

from maild.errors import PermanentError
from maild.outbox.audiences import CUSTOMERS_DO_NOT_SEE, EVENTS, HIDDEN, SUPPLIERS_DO_NOT_SEE
from maild.outbox.context import Context
from maild.outbox.filters import isolated
from maild.outbox.render import Templates
from maild.outbox.samples import sample, sparse_sample
from maild.outbox.styles import inlined
from maild.outbox.words import unknown_words
from maild.resources import data_dir

OURS = data_dir("templates")
DESK = {"name": "Acme Support", "address": "support@acme.test", "language": "en"}
LANGUAGES = ("de", "en")
TRICKS = ["{{ 7*7 }}", "{% for x in range(10**9) %}{% endfor %}", "{{ ''.__class__.__mro__ }}", "{# gone #}", "{%"]
BUILT_IN = Templates((OURS,), DESK)
FAILING = (
    "{{ ticket.nosuch }}",
    "{{ nosuch }}",
    "{{ 1 / 0 }}",
    "{% if %}",
    "{{ 'a' * 10**9 }}",
    "{{ ''.__class__ }}",
    "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
    "{% for a in range(9999) %}{{ 'x'|center(9999) }}{% endfor %}",
    "{% include 'en/nosuch.txt' %}",
    "{% include '../../secret.txt' %}",
    "{% extends 'en/ITSELF.txt' %}",
)
MISTAKES = (
    ("held", "Hello\n", ":1: must begin with a line 'Subject: …' and an empty line"),
    ("note", "Subject: x\nno empty line\n", ":1: must begin with a line 'Subject: …' and an empty line"),
    ("closed", "Subject: x\n\nfine\n{{ tiket.number }}\n", ":4: 'tiket' is undefined"),
    ("change", "Subject: x\n\nfine\n\n{% if ticket %}\n", ":5: Unexpected end of template"),
    ("rated", "Subject: {{ '' }}\n\nfine\n", ": gives an empty subject"),
    ("status", "Subject: x\n\n{{ '' }}\n", ": gives an empty text"),
)
OUTSIDE = ("customer", "supplier")
_LINK = {"name": "canary", "href": "mailto:canary@acme.test"}
CANARIES = {
    "requester": {"name": "canary", "address": "canary@shop.test"},
    "actions": [_LINK],
    "ratings": [{"score": 1, "href": _LINK["href"]}],
    "categories": [_LINK],
    "changes": [{"label": "canary", "old": "canary", "new": "canary"}],
    **{name: ["canary"] for name in ("tags", "teams", "collaborators", "suppliers")},
}


class Looks(HTMLParser):
    """Collects what a mail client would load, run or lay out."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.unstyled: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "background", "action")]
        if "class" in values and "style" not in values:
            self.unstyled.append(f"{tag}.{values['class']}")


@pytest.fixture
def reports() -> list[str]:
    return []


@pytest.fixture
def admin(tmp_path: Path, reports: list[str]) -> tuple[Path, Templates]:
    return tmp_path, Templates((tmp_path, OURS), DESK, reports.append)


def write(folder: Path, name: str, source: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(source)


def filled_everywhere(context: Context, text: str) -> dict[str, object]:
    """The context with `text` in each value that a stranger can choose."""
    hostile = copy.deepcopy(context)
    if hostile["ticket"]:
        hostile["ticket"]["subject"] = hostile["ticket"]["category"] = text
        hostile["ticket"]["requester"]["name"] = text
        hostile["ticket"]["tags"] = hostile["ticket"]["suppliers"] = [text]
        hostile["ticket"]["organisation"] = text
    if hostile["message"]:
        hostile["message"]["text"] = hostile["message"]["author_name"] = text
        hostile["message"]["attachments"] = [{"name": text, "size_text": "1 kB"}]
    for line in hostile["lines"]:
        line["text"] = text
    hostile["fields"] = [{"name": text, "value": text}]
    hostile["references"] = [{"name": text, "value": text, "url": text}]
    hostile["earlier"] = [{"number": "TICK-0911", "subject": text, "status": text, "at": text}]
    hostile["todos"] = [{"number": 1, "text": text, "done": False}]
    for item in hostile["items"]:
        item["subject"] = item["words"] = item["actor"] = text
    for section in hostile["sections"]:
        section["text"] = section["result"] = text
        section["rows"] = [{**row, "cells": [text] * len(row["cells"])} for row in section["rows"]]
    return {**hostile, "problem": text, "reason": text, "customer_sees": text, "context_text": text}


def own_links(context: Context) -> set[str]:
    """The links that we gave to a mail."""
    return {value for value in _strings(context) if value.startswith(("mailto:", "https:"))}


def _strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [each for inner in value.values() for each in _strings(inner)]
    if isinstance(value, list):
        return [each for inner in value for each in _strings(inner)]
    return [value] if isinstance(value, str) else []


def test_every_built_in_template_is_without_mistake() -> None:
    assert BUILT_IN.check() == []
    assert BUILT_IN.languages() == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("event", EVENTS)
def test_every_mail_exists_in_both_languages_and_both_forms(event: str, language: str) -> None:
    words = BUILT_IN.render(event, EVENTS[event], language, sample(event))

    assert (OURS / language / f"{event}.txt").is_file()
    assert words.subject and words.html
    assert "\n\n\n" not in words.text
    assert all(len(line) <= 92 for line in words.text.splitlines() if "mailto:" not in line)
    assert len(words.html.encode()) < 20_000


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("event", EVENTS)
def test_no_mail_loads_anything_from_elsewhere_and_its_styles_are_inlined(event: str, language: str) -> None:
    looks = Looks(BUILT_IN.render(event, EVENTS[event], language, sample(event)).html or "")

    assert set(looks.links) <= own_links(sample(event))
    assert not {"script", "link", "img", "iframe", "form", "object", "svg"} & set(looks.tags)
    assert looks.unstyled == []


@pytest.mark.parametrize("event", EVENTS)
def test_text_and_html_say_the_same(event: str) -> None:
    words = BUILT_IN.render(event, EVENTS[event], "en", sample(event))
    context = sample(event)

    html = words.html or ""
    for value in (context["problem"], context["reason"], context["ticket"] and context["ticket"]["created_at"]):
        assert ((value or "") in words.text) == ((value or "") in html.replace("&nbsp;", " "))


@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.parametrize("event", EVENTS)
def test_ticket_text_is_never_a_template(event: str, trick: str) -> None:
    context = filled_everywhere(sample(event), trick)

    words = BUILT_IN.render(event, EVENTS[event], "en", context)

    assert "49" not in words.text.replace("%", "") and "<class" not in words.text
    if event != "acknowledgement" and (context["message"] or context["problem"] in words.text):
        assert trick in f"{words.subject}\n{words.text}"


@pytest.mark.parametrize("event", EVENTS)
def test_no_text_of_a_stranger_becomes_markup(event: str) -> None:
    words = BUILT_IN.render(event, EVENTS[event], "en", filled_everywhere(sample(event), '<img src="//evil.test/x">'))

    assert set(Looks(words.html or "").links) <= own_links(sample(event))


@pytest.mark.parametrize("event", EVENTS)
def test_no_text_of_a_stranger_breaks_out_of_the_subject(event: str) -> None:
    words = BUILT_IN.render(event, EVENTS[event], "en", filled_everywhere(sample(event), "a\r\nBcc: evil@x.test\n\nb"))

    assert "\n" not in words.subject and "\r" not in words.subject


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_acknowledgement_repeats_nothing_that_its_receiver_chose(language: str) -> None:
    context = filled_everywhere(sample("answer"), "canary")
    context["recipient"] = {"name": "canary", "address": "canary@shop.test"}

    words = BUILT_IN.render("acknowledgement", "customer", language, context)

    assert "canary" not in f"{words.subject}{words.text}{words.html}"
    assert "TICK-1001" in words.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("event", [event for event, audience in EVENTS.items() if audience in OUTSIDE])
def test_customers_and_suppliers_never_see_internal_things_or_agents_addresses(event: str, language: str) -> None:
    audience = EVENTS[event]

    words = BUILT_IN.render(event, audience, language, with_canaries(sample(event), audience))

    assert "canary" not in f"{words.subject}{words.text}{words.html}"


def with_canaries(context: Context, audience: str) -> dict[str, object]:
    """A canary in everything that this audience must not see."""
    marked: dict[str, object] = copy.deepcopy({**context})
    for place, names in HIDDEN[audience].items():
        value = marked[place] if place else marked
        if isinstance(value, dict):
            value.update({name: CANARIES.get(name, "canary") for name in names})
    return marked


def test_a_supplier_does_not_learn_who_the_customer_is() -> None:
    context = sample("supplier_message")
    assert context["ticket"]

    words = BUILT_IN.render("supplier_message", "supplier", "en", context)

    mail = f"{words.subject}{words.text}{words.html}"
    assert "Mira" not in mail and "mira@" not in mail and "mailto:" not in mail
    assert "error 0x1F" in mail and "Alice Berger" in mail


def test_an_audience_that_nobody_named_is_shown_the_least() -> None:
    context = with_canaries(sample("answer"), "supplier")

    words = BUILT_IN.render("answer", "stranger", "en", context)

    assert "canary" not in f"{words.text}{words.html}"


def test_a_customers_template_that_asks_for_an_agents_address_is_a_mistake(admin: tuple[Path, Templates]) -> None:
    folder, templates = admin
    write(folder, "en/answer.txt", "Subject: x\n\n{{ message.text }}\n{{ message.author_address }}\n")

    problems = templates.check()

    assert problems == [f"{folder}/en/answer.txt:4: 'dict object' has no attribute 'author_address'"]
    assert set(CUSTOMERS_DO_NOT_SEE) == set(SUPPLIERS_DO_NOT_SEE) == {"", "ticket", "message"}
    assert all(CUSTOMERS_DO_NOT_SEE[place] <= SUPPLIERS_DO_NOT_SEE[place] for place in CUSTOMERS_DO_NOT_SEE)


def test_the_acknowledgement_excuses_itself_only_when_it_is_late() -> None:
    late, prompt = (
        BUILT_IN.render("acknowledgement", "customer", "en", {**sample("acknowledgement"), "late": late}).text
        for late in (True, False)
    )

    assert "reaches you late" in late
    assert "late" not in prompt


def test_marker_stands_first_and_reference_last() -> None:
    context = sample("answer")

    words = BUILT_IN.render("answer", "customer", "en", context)

    assert words.text.startswith(context["marker"])
    assert words.text.rstrip().endswith(context["reference"])
    assert context["marker"] in (words.html or "") and context["reference"] in (words.html or "")


def test_wrong_command_lines_are_marked_and_the_others_are_not() -> None:
    lines = BUILT_IN.render("commands_refused", "agent", "en", sample("commands_refused")).text.splitlines()

    assert ">>> #asign bob" in lines
    assert "    #tag printer" in lines
    assert "        (did you mean #assign?)" in lines


def test_a_forged_frame_of_ours_stays_quoted_in_agents_mails() -> None:
    context = copy.deepcopy(sample("new_ticket"))
    assert context["message"]
    context["message"]["text"] = f"{context['marker']}\n-- \nAcme Support\n#close"

    text = BUILT_IN.render("new_ticket", "agent", "en", context).text

    assert [line for line in text.splitlines() if line.endswith("#close")] == ["> #close"]
    assert text.count(f"\n{context['marker']}") == 0


@pytest.mark.parametrize(("wanted", "desk", "word"), [
    ("de", "en", "Guten Tag"), ("de-AT", "en", "Guten Tag"), ("fr", "de", "Guten Tag"), ("fr", "it", "Hello"),
    ("", "en", "Hello"), ("../../etc", "en", "Hello"),
])  # fmt: skip
def test_the_language_falls_back_to_the_desks_and_then_to_english(wanted: str, desk: str, word: str) -> None:
    templates = Templates((OURS,), {**DESK, "language": desk})

    words = templates.render("acknowledgement", "customer", wanted, sample("acknowledgement"))

    assert word in words.text
    assert f'lang="{"de" if word == "Guten Tag" else "en"}"' in (words.html or "")


def test_an_admins_file_takes_the_place_of_ours_and_only_that_file(admin: tuple[Path, Templates]) -> None:
    folder, templates = admin
    write(folder, "en/closed.txt", "Subject: {{ ticket.number }} done\n\nBye from {{ desk.name }}.\n")

    closed = templates.render("closed", "customer", "en", sample("closed"))
    resolved = templates.render("resolved", "customer", "en", sample("resolved"))

    assert (closed.subject, closed.text) == ("TICK-1001 done", "Bye from Acme Support.\n")
    assert closed.html and "is now closed" in closed.html
    assert "we believe" in resolved.text


def test_an_admins_layout_and_style_sheet_change_every_mail(admin: tuple[Path, Templates]) -> None:
    folder, templates = admin
    write(folder, "layout.css", "p { color: #123456; }\n")
    write(
        folder,
        "layout.txt",
        "{% block body required %}{% endblock %}\n{% block signature %}{% endblock %}\nHouse rules\n",
    )

    words = templates.render("closed", "customer", "en", sample("closed"))

    assert 'style="color: #123456;"' in (words.html or "")
    assert words.text.endswith("House rules\n")


def test_an_own_language_needs_no_html(admin: tuple[Path, Templates]) -> None:
    folder, templates = admin
    write(folder, "fr/closed.txt", "Subject: Fini\n\nC'est fini.\n")

    words = templates.render("closed", "customer", "fr", sample("closed"))

    assert (words.text, words.html) == ("C'est fini.\n", None)


@pytest.mark.parametrize("body", FAILING)
def test_a_failing_template_of_the_admins_is_replaced_by_ours_and_told_once(
    body: str, admin: tuple[Path, Templates], reports: list[str]
) -> None:
    folder, templates = admin
    write(folder, "en/closed.txt", f"Subject: x\n\n{body.replace('ITSELF', 'closed')}\n")

    mails = [templates.render("closed", "customer", "en", sample("closed")) for _ in range(3)]

    assert ["is now closed" in words.text for words in mails] == [True] * 3
    assert len(reports) == 1 and "built-in template is used" in reports[0]


def test_check_finds_every_template_that_would_fail(admin: tuple[Path, Templates]) -> None:
    folder, templates = admin
    for event, body in zip(EVENTS, FAILING, strict=False):
        write(folder, f"en/{event}.txt", f"Subject: x\n\n{body.replace('ITSELF', event)}\n")

    problems = templates.check()

    failing = list(EVENTS)[: len(FAILING)]
    assert [event for event in failing if not any(event in each for each in problems)] == []


def test_check_names_file_line_and_mistake(admin: tuple[Path, Templates]) -> None:
    folder, templates = admin
    for event, source, _ in MISTAKES:
        write(folder, f"en/{event}.txt", source)

    problems = templates.check()

    assert [event for event, _, what in MISTAKES if not any(f"en/{event}.txt{what}" in each for each in problems)] == []


def test_check_finds_files_that_are_no_mails(admin: tuple[Path, Templates]) -> None:
    folder, templates = admin
    write(folder, "en/anwser.txt", "Subject: x\n\ny\n")
    write(folder, "fr/closed.html", "<p>Fini</p>\n")

    problems = templates.check()

    assert any("anwser.txt: no such mail; there are acknowledgement, answer" in each for each in problems)
    assert any("fr/closed.html: has no closed.txt beside it" in each for each in problems)


def test_an_event_without_any_template_fails_for_good() -> None:
    with pytest.raises(PermanentError, match="no words for nosuch"):
        BUILT_IN.render("nosuch", "agent", "en", {})


def test_a_context_that_lacks_optional_things_is_completed() -> None:
    text = BUILT_IN.render("mailbox_trouble", "admin", "en", {"problem": "imap is away"}).text

    assert "imap is away" in text and text.rstrip().endswith("Acme Support")


@pytest.mark.parametrize("event", EVENTS)
def test_a_mail_with_everything_absent_that_may_be_absent_still_reads_well(event: str) -> None:
    words = BUILT_IN.render(event, EVENTS[event], "en", sparse_sample(event))

    assert "None" not in words.text and "None" not in (words.html or "")
    assert "\n\n\n" not in words.text


def test_styles_are_put_on_elements_around_jinja_tags() -> None:
    rows = '<tr><td class="x" title="{{ t }}">{{ v }}</td></tr>{% for i in n %}<tr></tr>{% endfor %}'
    source = f"{{% if a > b %}}<table>{rows}</table>{{% endif %}}"

    styled = inlined(source, ".x { color: red; }")

    assert '<td class="x" title="{{ t }}" style="color: red;">{{ v }}</td>' in styled
    assert styled.startswith("{% if a > b %}<table>") and styled.endswith("</table>{% endif %}")


def test_a_template_that_is_no_whole_html_stays_as_its_author_wrote_it() -> None:
    source = "<p {% if a %}class='x'{% endif %}>{{ b }}</p>"

    assert inlined(source, ".x { color: red; }") == source


def test_an_admin_changes_single_words_and_the_others_stay(admin: tuple[Path, Templates]) -> None:
    folder, templates = admin
    write(folder, "en/words.toml", 'nobody = "the team"\n[actions]\ntake = "Mine!"\nfix = "Fix it"\n')
    context = sample("new_ticket")
    assert context["ticket"]
    context["ticket"] = {**context["ticket"], "assignee": None}
    context["actions"] = [{"name": name, "href": "mailto:a@b.test"} for name in ("take", "note", "fix", "unheard")]

    text = templates.render("new_ticket", "agent", "en", context).text

    assert [line.strip() for line in text.splitlines() if "mailto:" in line] == [
        f"{word}: mailto:a@b.test" for word in ("Mine!", "Note", "Fix it", "unheard")
    ]
    assert "the team" in text and "Priority" in text
    assert templates.check() == []


def test_a_language_without_a_table_of_words_speaks_english_words(admin: tuple[Path, Templates]) -> None:
    folder, templates = admin
    write(folder, "fr/note.txt", 'Subject: x\n\n{% include "_card.txt" %}\n')

    assert "Assigned to" in templates.render("note", "agent", "fr", sample("note")).text


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ('no_bdy = "x"\n', "en/words.toml: no_bdy: no mail uses this word"),
        ('[card]\nstatsu = "x"\n', "en/words.toml: card.statsu: no mail uses this word"),
        ("nobody = 3\n", "en/words.toml: nobody: must be a text in quotes"),
        ("nobody = \n", "en/words.toml: Invalid value (at line 1, column 10)"),
        ('[card]\nstatus = ["a"]\n', "en/words.toml: card.status: must be a text in quotes"),
    ],
)
def test_a_mistake_in_a_table_of_words_stops_no_mail_and_is_told(
    table: str, problem: str, admin: tuple[Path, Templates], reports: list[str]
) -> None:
    folder, templates = admin
    write(folder, "en/words.toml", table)

    assert templates.render("note", "agent", "en", sample("note")).text.count("They have no service contract") == 1
    assert list(unknown_words((folder, OURS), "en")) == [f"{folder}/{problem}"]


def test_every_language_of_ours_has_every_word() -> None:
    tables = [(OURS / language / "words.toml").read_text("utf-8") for language in LANGUAGES]

    names = [re.findall(r"^(\[?\w+)", table, re.MULTILINE) for table in tables]
    assert names[0] == names[1]


def test_a_mail_that_waited_while_maild_was_upgraded_still_leaves() -> None:
    card = {"number": "TICK-1", "subject": "s", "status": "open", "phase": "active", "priority": "low", "category": "",
            "requester": {"name": "", "address": "a@b.test"}, "assignee": None, "teams": [], "tags": [],
            "created_at": "today", "updated_at": "today"}  # fmt: skip

    words = BUILT_IN.render("change", "agent", "en", {"ticket": card, "actor": "Bob"})

    assert "Bob changed this ticket" in words.text


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "mailto:a b", "ftp://x", "MAILTO:", ""])
def test_only_links_that_write_a_mail_or_open_a_page_become_links(link: str) -> None:
    context = sample("new_ticket")
    context["actions"] = [{"name": "take", "href": link}]
    context["references"] = [{"name": "order", "value": "A-77123", "url": link}]

    words = BUILT_IN.render("new_ticket", "agent", "en", context)

    assert Looks(words.html or "").links == []
    assert "A-77123" in words.text and "Take" not in words.text
    assert not link or link not in words.text


def test_a_link_is_escaped_for_html_and_whole_in_text() -> None:
    words = BUILT_IN.render("resolved", "customer", "en", sample("resolved"))

    link = sample("resolved")["solved_href"]
    assert link in words.text and link.replace("&", "&amp;") in (words.html or "")
    assert link in Looks(words.html or "").links


def test_without_links_the_resolved_mail_says_that_a_reply_is_enough() -> None:
    words = BUILT_IN.render("resolved", "customer", "en", {**sparse_sample("resolved")})

    assert "mailto:" not in words.text and "just reply to this mail" in words.text
    assert Looks(words.html or "").links == []


def test_a_name_from_right_to_left_does_not_turn_the_address_beside_it() -> None:
    assert isolated("Mira") == "Mira"
    assert isolated("שלום") == "\u2068שלום\u2069"


@pytest.mark.parametrize("event", ["outreach", "supplier_message"])
def test_a_conversation_that_we_open_answers_nothing_in_its_subject(event: str) -> None:
    full = BUILT_IN.render(event, EVENTS[event], "en", sample(event))
    sparse = BUILT_IN.render(event, EVENTS[event], "en", sparse_sample(event))

    assert full.subject == "Label printer prints blank labels"
    assert "Acme Support" in sparse.subject


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_is_rendered_in_less_than_the_time_that_its_flush_takes(language: str) -> None:
    context = sample("new_ticket")
    BUILT_IN.render("new_ticket", "agent", language, context)

    begin = time.process_time()
    for _ in range(20):
        BUILT_IN.render("new_ticket", "agent", language, context)

    assert (time.process_time() - begin) / 20 < 0.01  # about 1 ms; ten times that for slow machines
