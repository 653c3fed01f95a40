"""How an agent's text is read: lenient in form, strict in meaning, all or nothing."""

from datetime import UTC, datetime
from random import Random

import pytest

from maild.commands import COMMANDS, Outcome, Visibility, Vocabulary, names, read_script, run_script
from maild.commands.script import MAX_LINES
from maild.mail.model import Mailbox
from maild.tickets.events import Assigned, ParticipantJoined, PriorityChanged, StatusChanged, TagsChanged, TeamsChanged
from maild.tickets.people import Agent, Directory, Inbox
from maild.tickets.ticket import Participant, Standing, Ticket
from maild.tickets.workflow import DEFAULT_PRIORITIES, DEFAULT_WORKFLOW, Phase

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ALICE = Agent("alice", "alice@acme.test", teams=("first-line",), addresses=("al@home.test",))
BOB = Agent("bob", "bob@acme.test", teams=("network",))
DORA = Agent("dora", "dora@acme.test", role="developer")
DIRECTORY = Directory((ALICE, BOB, DORA), (Inbox(("support@acme.test",)),))
WORDS = Vocabulary(DEFAULT_WORKFLOW, DEFAULT_PRIORITIES, DIRECTORY, now=NOW)
TICKET = Ticket(
    number=1001,
    subject="Printer on fire",
    status="open",
    phase=Phase.ACTIVE,
    priority="normal",
    category=None,
    requester=Mailbox("jane@customer.test", "Jane"),
    inbox="support@acme.test",
    created_at=NOW,
    updated_at=NOW,
    tags=("old",),
    participants=(Participant("carl@customer.test", "Carl", Standing.UNVERIFIED),),
    seq=3,
)


def run(text: str, agent: Agent = ALICE, ticket: Ticket = TICKET) -> Outcome:
    return run_script(read_script(text), COMMANDS, ticket, agent, WORDS)


def done(text: str) -> list[object]:
    outcome = run(text)
    assert outcome.wrong == ()
    return [each.change for each in outcome.changes]


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("#status waiting", StatusChanged("open", "waiting", Phase.WAITING)),
        ("#status On-Hold", StatusChanged("open", "hold", Phase.HOLD)),
        ("#waiting", StatusChanged("open", "waiting", Phase.WAITING)),
        ("#pending", StatusChanged("open", "waiting", Phase.WAITING)),
        ("#hold", StatusChanged("open", "hold", Phase.HOLD)),
        ("#resolve", StatusChanged("open", "resolved", Phase.RESOLVED)),
        ("#solved", StatusChanged("open", "resolved", Phase.RESOLVED)),
        ("#close", StatusChanged("open", "closed", Phase.CLOSED)),
        ("#priority high", PriorityChanged("normal", "high")),
        ("#prio URGENT", PriorityChanged("normal", "urgent")),
        ("#assign bob", Assigned(None, "bob")),
        ("#assign @Bob", Assigned(None, "bob")),
        ("#assign bob@acme.test", Assigned(None, "bob")),
        ("#assign al@home.test", Assigned(None, "alice")),
        ("#assign Network", TeamsChanged((), ("network",))),
        ("#take", Assigned(None, "alice")),
        ("#mine", Assigned(None, "alice")),
        ("#tag vpn", TagsChanged(("old",), ("old", "vpn"))),
        ("#tag #VPN, printer old", TagsChanged(("old",), ("old", "vpn", "printer"))),
        ("#untag old", TagsChanged(("old",), ())),
        ("#add joe@customer.test", ParticipantJoined("joe@customer.test", "", Standing.PARTICIPANT)),
        ('#add "Joe D" <JOE@customer.test>', ParticipantJoined("joe@customer.test", "Joe D", Standing.PARTICIPANT)),
        ("#add mailto:joe@customer.test", ParticipantJoined("joe@customer.test", "", Standing.PARTICIPANT)),
        ("#add carl@customer.test", ParticipantJoined("carl@customer.test", "Carl", Standing.PARTICIPANT)),
    ],
)
def test_a_right_command_does_its_one_thing(text: str, change: object) -> None:
    assert done(text) == [change]


@pytest.mark.parametrize(
    "text", ["#open", "#status open", "#priority normal", "#tag old", "#untag new", "#add jane@customer.test"]
)
def test_what_is_so_already_changes_nothing_and_is_not_wrong(text: str) -> None:
    assert done(text) == []


@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        ("#frobnicate", "there is no command #frobnicate", "#note"),
        ("#resovle", "there is no command #resovle", "#resolve"),
        ("#status", "a status is missing", "new, open, waiting"),
        ("#status wating", "there is no status 'wating'", "did you mean waiting"),
        ("#status new", "from open there is no step to new", "allowed now: waiting"),
        ("#close now", "'now' is too much here", "a reason goes after --"),
        ("#take it", "'it' is too much here", "#take"),
        ("#priority", "a priority is missing", "low, normal"),
        ("#priority hihg", "there is no priority 'hihg'", "did you mean high"),
        ("#assign", "a name is missing", "alice, bob"),
        ("#assign bobb", "nobody is called 'bobb'", "did you mean bob"),
        ("#assign jane@customer.test", "nobody is called 'jane@customer.test'", ""),
        ("#tag", "a tag is missing", "#tag vpn"),
        ("#tag ,", "a tag is missing", "#tag vpn"),
        ("#tag <b>", "'<b>' cannot be a tag", "letters"),
        ("#tag " + "x" * 41, "cannot be a tag", "at most 40"),
        ("#untag", "a tag is missing", ""),
        ("#add", "an address is missing", "#add jane@customer.test"),
        ("#add joe", "'joe' is no mail address", ""),
        ("#add joe@x.test, jim@x.test", "is no mail address", ""),
        ("#add joe@x.test\x00", "is no mail address", ""),
        ("#add support@acme.test", "belongs to the desk", "customer's side"),
        ("#add Support+token@ACME.test", "belongs to the desk", "customer's side"),
        ("#add al@home.test", "belongs to the desk", "customer's side"),
    ],
)
def test_a_wrong_line_is_named_with_what_would_be_right(text: str, what: str, hint: str) -> None:
    outcome = run(f"#priority high\n{text}\n\nHello Jane")

    assert (outcome.changes, outcome.text, outcome.visibility) == ((), "", None)
    assert len(outcome.wrong) == 1
    assert what in outcome.wrong[0].what
    assert hint in outcome.wrong[0].hint
    assert outcome.wrong[0].written == text.strip()


def test_every_wrong_line_is_named_at_once() -> None:
    outcome = run("#frob\n#close\n#prio x\n#close please")

    assert [each.written for each in outcome.wrong] == ["#frob", "#prio x", "#close please"]


@pytest.mark.parametrize(
    "text", ["#close", "#assign bob", "#take", "#tag x", "#add joe@x.test", "#reply Hi", "#prio low"]
)
def test_a_developer_may_only_note(text: str) -> None:
    outcome = run(text, DORA)

    assert "your role (developer) may not" in outcome.wrong[0].what
    assert run("#note seen", DORA).visibility is Visibility.INTERNAL


def test_a_role_that_nobody_knows_may_nothing() -> None:
    assert len(run("#note x\n#close", Agent("x", "x@acme.test", role="ghost")).wrong) == 2


def test_later_lines_see_what_earlier_ones_did() -> None:
    assert [type(each).__name__ for each in done("#close\n#open\n#tag a\n#tag b")] == [
        "StatusChanged",
        "StatusChanged",
        "TagsChanged",
        "TagsChanged",
    ]
    assert done("#close\n#open")[1] == StatusChanged("closed", "open", Phase.ACTIVE)
    assert "from closed there is no step to hold" in run("#close\n#hold").wrong[0].what


def test_a_team_takes_a_ticket_off_its_assignee() -> None:
    assert done("#take\n#assign network")[1:] == [TeamsChanged((), ("network",)), Assigned("alice", None)]


@pytest.mark.parametrize("dash", ["--", "—", "–"])
def test_the_reason_stands_after_two_hyphens_or_what_a_phone_makes_of_them(dash: str) -> None:
    outcome = run(f"#close {dash} it works -- again")

    assert outcome.changes[0].reason == "it works -- again"


def test_a_reason_belongs_to_its_line_alone() -> None:
    assert [each.reason for each in run("#close -- done\n#tag x").changes] == ["done", ""]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("#note\n\nHe called -- twice.", "He called -- twice."),
        ("#note He called -- twice.", "He called -- twice."),
        ("#note one\n#note two\n\nthree", "one\n\ntwo\n\nthree"),
    ],
)
def test_notes_and_replies_keep_their_words_whole(text: str, words: str) -> None:
    assert run(text).text == words


def test_a_mail_is_a_note_or_an_answer_and_never_a_note_that_a_later_line_makes_public() -> None:
    assert run("#note\n\nx").visibility is Visibility.INTERNAL
    assert run("#close\n\nx").visibility is None

    outcome = run("#note He never pays.\n#reply We will help you.")

    assert (outcome.text, outcome.visibility) == ("", None)
    assert outcome.wrong[0].what == "the lines above make this mail a note for colleagues"


@pytest.mark.parametrize(
    "line",
    [
        "#resolve",
        "# resolve",
        "#\u00a0resolve",
        "\u00a0#resolve\u00a0",
        "\u200b#resolve",
        "#\u200bresolve\ufeff",
        "\ufeff#resolve",
        "＃resolve",
        "#RESOLVE",
        "#Resolve ",
        "  #resolve\t",
        "#re\u00adsolve",
        "\u200e#resolve\u200f",
    ],
)
def test_whatever_a_mail_client_makes_of_a_command_it_is_the_same(line: str) -> None:
    assert done(f"{line}\n\nThanks!") == [StatusChanged("open", "resolved", Phase.RESOLVED)]


def test_smart_quotes_around_a_name_are_plain_ones() -> None:
    change = done("#add “Joe D” <joe@x.test>")[0]

    assert isinstance(change, ParticipantJoined)
    assert change.name == "Joe D"


def test_blank_lines_between_commands_do_not_end_the_block() -> None:
    script = read_script("\n\n#take\n\n \n#close\n\u200b\n#tag x\n\nHello\n#untag y")

    assert [line.word for line in script.lines] == ["take", "close", "tag"]
    assert script.text == "Hello\n#untag y"


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r", "\u2028", "\x0b"])
def test_lines_end_as_mail_clients_end_them(ending: str) -> None:
    assert [line.word for line in read_script(ending.join(("#take", "", "#close", "Bye"))).lines] == ["take", "close"]


@pytest.mark.parametrize(
    "text",
    [
        "#1 is broken",
        "#",
        "# ",
        "#\n#close",
        "##close",
        "#!/bin/sh",
        "#-x",
        "# 5 things",
        "#_x",
        "#١",
        "-#close",
        "> #close",
    ],
)
def test_what_only_looks_like_a_command_is_text(text: str) -> None:
    script = read_script(text)

    assert script.lines == ()
    assert script.text == text.strip()


def test_a_text_without_commands_stays_as_it_is() -> None:
    outcome = run("Hello Jane,\n\n#close to our office there is a shop.\n")

    assert outcome.changes == ()
    assert outcome.text == "Hello Jane,\n\n#close to our office there is a shop."


def test_thirty_commands_are_done_and_one_more_is_wrong_and_never_a_text_for_the_customer() -> None:
    assert run("\n".join(["#tag x"] * MAX_LINES)).wrong == ()

    outcome = run("\n".join(["#tag x"] * MAX_LINES + ["#close"]) + "\n\nHello")

    assert [(each.written, each.what) for each in outcome.wrong] == [("#close", "more than 30 commands")]
    assert (outcome.changes, outcome.text) == ((), "")


def test_a_hundred_thousand_commands_cost_no_more_than_a_few() -> None:
    assert len(read_script("#tag x\n" * 100_000).lines) == MAX_LINES + 1
    assert len(run("#nonsense\n" * 100_000).wrong) == 1


def test_nothing_gives_nothing() -> None:
    for text in ("", "\n", " \t\n\u200b"):
        assert read_script(text).lines == ()
        assert (run(text).changes, run(text).wrong) == ((), ())


PIECES = (
    *(f"#{name}" for name in names(COMMANDS)),
    *(alias and f"#{alias}" for command in COMMANDS for alias in command.aliases),
    "# resolve", "＃close", "#", "#1", "#frob", "#-", "\u200b#take", "#\u00a0hold", "#" + "x" * 500,
)  # fmt: skip
ARGUMENTS = (
    "", "bob", "@alice", "network", "first-line", "dora", "high", "low", "open", "waiting", "closed", "vpn", "old", ",",
    "joe@x.test", "Joe <joe@x.test>", "support@acme.test", "-- why", "x -- y -- z", "—", "\x00", "<script>", "'; drop",
    "é" * 50, "#tag", "\udcff", "\u202e", "a b c", "%s {}", "\\", "9" * 60, "mailto:a@b", "@", "<", "\t",
)  # fmt: skip


def test_five_thousand_random_blocks_are_all_right_or_all_wrong() -> None:
    chance = Random(4)
    rights = wrongs = 0
    for _ in range(5000):
        rows = [f"{chance.choice(PIECES)} {chance.choice(ARGUMENTS)}" for _ in range(chance.randint(1, 4))]
        outcome = run("\n".join(rows) + chance.choice(["", "\n\nHello", "\n-- \nAlice"]), chance.choice((ALICE, DORA)))
        if outcome.wrong:
            wrongs += 1
            assert (outcome.changes, outcome.text, outcome.visibility) == ((), "", None)
            assert all(each.what and each.written for each in outcome.wrong)
        else:
            rights += 1
    assert min(rights, wrongs) > 300


def test_two_thousand_heaps_of_letters_are_read_without_an_error() -> None:
    chance = Random(5)
    letters = "##＃ \n\r\t-–—ax1éß\u200b\u00a0\x00\u2028<>@,.'\""
    for _ in range(2000):
        run("".join(chance.choices(letters, k=chance.randint(0, 60))))


def test_a_long_hostile_block_is_read_in_no_time() -> None:
    for text in ("#" * 200_000, "#a" * 100_000, "#close " + " --" * 100_000, "# " * 100_000, "#add " + "<" * 100_000):
        run(text)
