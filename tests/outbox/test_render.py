"""Words come from templates, ticket text stays data, and an admin's mistake never stops a mail."""

import copy
from html.parser import HTMLParser
from pathlib import Path

import pytest

from maild.errors import PermanentError
from maild.outbox.context import CUSTOMERS_DO_NOT_SEE, EVENTS, Context, sample, sparse_sample
from maild.outbox.render import Templates
from maild.outbox.styles import inlined
from maild.resources import data_dir

OURS = data_dir("templates")
DESK = {"name": "Acme Support", "address": "support@acme.test", "language": "en"}
LANGUAGES = ("de", "en")
TRICKS = ["{{ 7*7 }}", "{% for x in range(10**9) %}{% endfor %}", "{{ ''.__class__.__mro__ }}", "{# gone #}", "{%"]
BUILT_IN = Templates((OURS,), DESK)


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
        hostile["ticket"]["tags"] = [text]
    if hostile["message"]:
        hostile["message"]["text"] = hostile["message"]["author_name"] = text
        hostile["message"]["attachments"] = [{"name": text, "size_text": "1 kB"}]
    for line in hostile["lines"]:
        line["text"] = text
    return {**hostile, "problem": text, "reason": text, "customer_sees": text}


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
    assert all(len(line) <= 88 for line in words.text.splitlines())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("event", EVENTS)
def test_no_mail_loads_anything_from_elsewhere_and_its_styles_are_inlined(event: str, language: str) -> None:
    looks = Looks(BUILT_IN.render(event, EVENTS[event], language, sample(event)).html or "")

    assert looks.links == []
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

    assert "49" not in words.text and "<class" not in words.text
    if event != "acknowledgement" and (context["message"] or context["problem"] in words.text):
        assert trick in f"{words.subject}\n{words.text}"


@pytest.mark.parametrize("event", EVENTS)
def test_no_text_of_a_stranger_becomes_markup(event: str) -> None:
    words = BUILT_IN.render(event, EVENTS[event], "en", filled_everywhere(sample(event), '<img src="//evil.test/x">'))

    assert Looks(words.html or "").links == []


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
@pytest.mark.parametrize("event", [event for event, audience in EVENTS.items() if audience == "customer"])
def test_customers_never_see_internal_things_or_agents_addresses(event: str, language: str) -> None:
    context = copy.deepcopy(sample("answer"))
    context.update(
        reason="canary", customer_sees="canary", changes=[{"label": "canary", "old": "canary", "new": "canary"}]
    )
    assert context["ticket"] and context["message"]
    context["ticket"].update(tags=["canary"], teams=["canary"])
    context["message"]["author_address"] = "canary@acme.test"

    words = BUILT_IN.render(event, "customer", language, context)

    assert "canary" not in f"{words.subject}{words.text}{words.html}"


def test_a_customers_template_that_asks_for_an_agents_address_is_a_mistake(admin: tuple[Path, Templates]) -> None:
    folder, templates = admin
    write(folder, "en/answer.txt", "Subject: x\n\n{{ message.text }}\n{{ message.author_address }}\n")

    problems = templates.check()

    assert problems == [f"{folder}/en/answer.txt:4: 'dict object' has no attribute 'author_address'"]
    assert set(CUSTOMERS_DO_NOT_SEE) == {"", "ticket", "message"}


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


@pytest.mark.parametrize(
    "body",
    [
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
        "{% extends 'en/closed.txt' %}",
    ],
)
def test_a_failing_template_of_the_admins_is_replaced_by_ours_and_told_once(
    body: str, admin: tuple[Path, Templates], reports: list[str]
) -> None:
    folder, templates = admin
    write(folder, "en/closed.txt", f"Subject: x\n\n{body}\n")

    mails = [templates.render("closed", "customer", "en", sample("closed")) for _ in range(3)]

    assert ["is now closed" in words.text for words in mails] == [True] * 3
    assert len(reports) == 1 and "built-in template is used" in reports[0]
    assert any("closed" in problem for problem in templates.check())


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("Hello\n", ":1: must begin with a line 'Subject: …' and an empty line"),
        ("Subject: x\nno empty line\n", ":1: must begin with a line 'Subject: …' and an empty line"),
        ("Subject: x\n\nfine\n{{ tiket.number }}\n", ":4: 'tiket' is undefined"),
        ("Subject: x\n\nfine\n\n{% if ticket %}\n", ":5: Unexpected end of template"),
        ("Subject: {{ '' }}\n\nfine\n", ": gives an empty subject"),
        ("Subject: x\n\n{{ '' }}\n", ": gives an empty text"),
    ],
)
def test_check_names_file_line_and_mistake(source: str, problem: str, admin: tuple[Path, Templates]) -> None:
    folder, templates = admin
    write(folder, "en/held.txt", source)

    problems = templates.check()

    assert any(f"en/held.txt{problem}" in each for each in problems), problems


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
