"""Every command and each of its forms: a line in, changes out (SPEC AG-3)."""

from datetime import UTC, datetime, timedelta
from operator import attrgetter

import pytest

from maild.commands import COMMANDS, Command, Visibility
from maild.commands.effects import (
    Block,
    Choose,
    ComeBack,
    Destroy,
    Effect,
    GoAway,
    MergeInto,
    OpenFor,
    OpenForMany,
    Relate,
    SplitOff,
    TakeOut,
    TellLinked,
)
from maild.mail.model import Mailbox
from maild.tickets.events import (
    Assigned,
    BreachExplained,
    CategoryChanged,
    Change,
    DateSet,
    Deleted,
    Escalated,
    FieldSet,
    FollowersChanged,
    Linked,
    Merged,
    ParticipantJoined,
    ParticipantLeft,
    PriorityChanged,
    QualityJudged,
    ReferencesChanged,
    RequesterChanged,
    SpamMarked,
    StatusChanged,
    SubjectChanged,
    TagsChanged,
    TeamsChanged,
    TimeSpent,
    TodoAdded,
    TodoDone,
    Unlinked,
)
from maild.tickets.ticket import Standing
from maild.tickets.workflow import Phase
from tests.commands.scene import NOW, TICKET, done, other, run

FRIDAY_NOON = datetime(2026, 3, 6, 11, 0, tzinfo=UTC)  # twelve in Berlin
TOMORROW_NINE = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
FOLLOWS = TICKET.followup_at
CLOSED = StatusChanged("open", "closed", Phase.CLOSED)
RESOLVED = StatusChanged("open", "resolved", Phase.RESOLVED)
JANE, CARL, JOE = TICKET.requester, Mailbox("carl@customer.test", "Carl"), Mailbox("joe@x.test", "")
ENDS = tuple(
    Relate(1002, each, gone=True)
    for each in sorted(("related", "duplicate of", "has duplicate", "part of", "has part"))
)

CHANGES: dict[str, tuple[Change, ...]] = {
    "#note": (),
    "#note He called.": (),
    "#reply": (),
    "#reply Hello.": (),
    "#status waiting": (StatusChanged("open", "waiting", Phase.WAITING),),
    "#status: on hold": (StatusChanged("open", "hold", Phase.HOLD),),
    "#status=Solved": (RESOLVED,),
    "#open": (),
    "#reopen": (),
    "#waiting": (StatusChanged("open", "waiting", Phase.WAITING),),
    "#hold": (StatusChanged("open", "hold", Phase.HOLD),),
    "#resolve": (RESOLVED,),
    "#resolve linked": (RESOLVED,),
    "#close": (CLOSED,),
    "#priority high": (PriorityChanged("normal", "high"),),
    "#priority normal": (),
    "#escalate": (Escalated(1, 2), PriorityChanged("normal", "high")),
    "#escalate the customer is angry": (Escalated(1, 2), PriorityChanged("normal", "high")),
    "#assign alice": (Assigned("bob", "alice"),),
    "#assign @alice": (Assigned("bob", "alice"),),
    "#assign me": (Assigned("bob", "alice"),),
    "#assign AL@home.test": (Assigned("bob", "alice"),),
    "#assign bob": (),
    "#assign First-Line": (TeamsChanged(("network",), ("first-line",)), Assigned("bob", None)),
    "#assign nobody": (Assigned("bob", None),),
    "#take": (Assigned("bob", "alice"),),
    "#drop": (Assigned("bob", None),),
    "#category Technical": (CategoryChanged("billing", "technical"),),
    "#category none": (CategoryChanged("billing", None),),
    "#category billing": (),
    "#tag vpn, #Printer old": (TagsChanged(("old",), ("old", "vpn", "printer")),),
    "#tag old": (),
    "#untag old": (TagsChanged(("old",), ()),),
    "#untag new": (),
    "#due friday 12:00": (DateSet("due", None, FRIDAY_NOON),),
    "#due 2026-03-06 12:00": (DateSet("due", None, FRIDAY_NOON),),
    "#due 6.3. 12:00": (DateSet("due", None, FRIDAY_NOON),),
    "#due 6.3.2026, 12:00": (DateSet("due", None, FRIDAY_NOON),),
    "#due Fri, 12:00": (DateSet("due", None, FRIDAY_NOON),),
    "#due 3d": (DateSet("due", None, NOW + timedelta(days=3)),),
    "#due in 3 days": (DateSet("due", None, NOW + timedelta(days=3)),),
    "#due 90 min call them": (DateSet("due", None, NOW + timedelta(minutes=90), "", "call them"),),
    "#due today": (DateSet("due", None, datetime(2026, 3, 2, 16, 0, tzinfo=UTC)),),
    "#due 18:30": (DateSet("due", None, datetime(2026, 3, 2, 17, 30, tzinfo=UTC)),),
    "#due 9:30": (DateSet("due", None, datetime(2026, 3, 3, 8, 30, tzinfo=UTC)),),
    "#due none": (),
    "#followup tomorrow does it work?": (DateSet("followup", FOLLOWS, TOMORROW_NINE, "ask again", "does it work?"),),
    "#followup never": (DateSet("followup", FOLLOWS, None, "ask again", ""),),
    "#action tomorrow": (DateSet("action", None, TOMORROW_NINE),),
    "#add joe@x.test": (ParticipantJoined("joe@x.test", "", Standing.PARTICIPANT),),
    "#add Joe D <joe@x.test>": (ParticipantJoined("joe@x.test", "Joe D", Standing.PARTICIPANT),),
    "#add joe@x.test<mailto:joe@x.test>": (ParticipantJoined("joe@x.test", "", Standing.PARTICIPANT),),
    "#add Joe D <joe@x.test<mailto:joe@x.test>>": (ParticipantJoined("joe@x.test", "Joe D", Standing.PARTICIPANT),),
    "#add carl@customer.test": (ParticipantJoined("carl@customer.test", "Carl", Standing.PARTICIPANT),),
    "#add ida@customer.test": (),
    "#uncc ida@customer.test": (ParticipantLeft("ida@customer.test", "Ida", Standing.PARTICIPANT),),
    "#uncc help@vendor.test": (ParticipantLeft("help@vendor.test", "Vendor", Standing.SUPPLIER),),
    "#watch": (FollowersChanged(("bob",), ("bob", "alice")),),
    "#watch @Bob": (),
    "#unwatch": (),
    "#unwatch bob@acme.test": (FollowersChanged(("bob",), ()),),
    "#requester joe@x.test": (RequesterChanged(JANE, JOE),),
    "#requester carl@customer.test": (
        ParticipantLeft("carl@customer.test", "Carl", Standing.UNVERIFIED),
        RequesterChanged(JANE, CARL),
    ),
    "#requester jane@customer.test": (),
    "#subject  Printer   out": (SubjectChanged("Printer on fire", "Printer out"),),
    "#subject Printer on fire": (),
    "#merge TICK-1002": (Merged(None, 1002), CLOSED),
    "#merge 1002": (Merged(None, 1002), CLOSED),
    "#merge [tick-1002]": (Merged(None, 1002), CLOSED),
    "#merge #1002": (Merged(None, 1002), CLOSED),
    "#unmerge TICK-1003": (),
    "#split": (),
    "#split 1 The other one": (),
    "#link 1006": (Linked("related", 1006),),
    "#link 1006 Part of": (Linked("part of", 1006),),
    "#link 1006\u2003parent\u00a0of": (Linked("has part", 1006),),
    "#link 1002": (),
    "#unlink 1002": (Unlinked("related", 1002),),
    "#ref order=ORD-2": (ReferencesChanged(TICKET.references, (*TICKET.references, ("order", "ORD-2"))),),
    "#ref KEY-7": (ReferencesChanged(TICKET.references, (*TICKET.references, ("", "KEY-7"))),),
    "#ref order=ORD-1": (),
    "#ref -ORD-1": (ReferencesChanged(TICKET.references, (("", "KEY-9"),)),),
    "#set serial=SN-2": (FieldSet("serial", "SN-1", "SN-2"),),
    "#set Devices: 1,5": (FieldSet("devices", None, "1.5"),),
    "#set plan=gold": (FieldSet("plan", None, "Gold"),),
    "#set bought=31.1.2026": (FieldSet("bought", None, "2026-01-31"),),
    "#set paid=ja": (FieldSet("paid", None, "yes"),),
    "#set serial=none": (FieldSet("serial", "SN-1", None),),
    "#set serial=SN-1": (),
    "#todo call -- twice": (TodoAdded(3, "call -- twice"),),
    "#done 1": (TodoDone(1, done=True),),
    "#done 1, 2": (TodoDone(1, done=True),),
    "#time 20m": (TimeSpent(20),),
    "#time 1h30": (TimeSpent(90),),
    "#time 1,5 hours": (TimeSpent(90),),
    "#time 1h 30 min": (TimeSpent(90),),
    "#time 90": (TimeSpent(90),),
    "#quality 5": (QualityJudged(3, 5),),
    "#quality 3": (),
    "#cause waited -- for  the vendor": (BreachExplained(None, "waited -- for the vendor"),),
    "#spam": (SpamMarked(old=False, new=True), CLOSED),
    "#block evil.test": (),
    "#block Spam <spam@evil.test>": (),
    "#block <spam@evil.test>": (),
    "#supplier": (),
    "#supplier help@vendor.test": (),
    "#supplier new@vendor.test": (ParticipantJoined("new@vendor.test", "", Standing.SUPPLIER),),
    "#for joe@x.test": (),
    "#bulk recall": (),
    "#delete TICK-1001": (Deleted(), CLOSED),
    "#list": (),
    "#list mine": (),
    '#list is:open "paper jam" sort:-updated': (),
    "#search printer": (),
    "#show": (),
    "#show 1002": (),
    "#history": (),
    "#history TICK-1002": (),
    "#customer": (),
    "#customer jane@customer.test": (),
    "#canned": (),
    "#canned /turn": (),
    "#away": (),
    "#away until monday": (),
    "#back": (),
    "#notify change digest": (),
    "#notify new-ticket off": (),
    "#notify all on": (),
    "#help": (),
    "#help #merge": (),
    "#macro turn": (
        StatusChanged("open", "waiting", Phase.WAITING),
        TagsChanged(("old",), ("old", "turned")),
    ),
}
NEEDS_HISTORY = {"undo"}  # see test_undo.py
NAME = attrgetter("name")

EFFECTS: dict[str, tuple[Effect, ...]] = {
    "#resolve linked": (TellLinked(resolve=True),),
    "#reply linked": (TellLinked(resolve=False),),
    "#merge 1002": (MergeInto(1002),),
    "#unmerge 1003": (TakeOut(1003),),
    "#split": (SplitOff(13, Mailbox("ida@customer.test", "Ida"), "And the scanner", by_customer=True),),
    "#split 1": (SplitOff(11, JANE, "Printer on fire", by_customer=True),),
    "#split 1 Two": (SplitOff(11, JANE, "Two", by_customer=True),),
    "#split The scanner": (SplitOff(13, Mailbox("ida@customer.test", "Ida"), "The scanner", by_customer=True),),
    "#link 1006 part of": (Relate(1006, "has part"),),
    "#unlink 1002": ENDS,
    "#block evil.test": (Block("evil.test"),),
    "#block Spam <Spam@evil.test>": (Block("spam@evil.test"),),
    "#block @Evil.test": (Block("evil.test"),),
    "#block spam@EVIL.test": (Block("spam@evil.test"),),
    "#for Joe D <joe@x.test>": (OpenFor(Mailbox("joe@x.test", "Joe D")),),
    "#for joe@x.test — as he asked": (OpenFor(JOE),),
    "#bulk /recall": (OpenForMany("recall"),),
    "#delete 1001": (Destroy(),),
    "#away": (GoAway(None),),
    "#away until Friday 12:00": (GoAway(FRIDAY_NOON),),
    "#away tomorrow": (GoAway(datetime(2026, 3, 3, 7, 0, tzinfo=UTC)),),
    "#back": (ComeBack(),),
    "#notify change digest": (Choose("change", "digest"),),
    "#notify new-ticket off": (Choose("new_ticket", "off"),),
    "#notify all mail": (Choose("*", "mail"),),
}


def test_every_command_has_a_row_here() -> None:
    shown = {line[1:].split()[0].strip(":=") for line in CHANGES} | NEEDS_HISTORY

    assert [each.name for each in COMMANDS if each.name not in shown] == []


@pytest.mark.parametrize("line", CHANGES)
def test_a_line_changes_what_it_says(line: str) -> None:
    assert tuple(done(line)) == CHANGES[line]


@pytest.mark.parametrize("line", EFFECTS)
def test_a_line_reaches_beyond_its_ticket_where_it_says_so(line: str) -> None:
    outcome = run(line)

    assert outcome.wrong == ()
    assert outcome.effects == EFFECTS[line]


@pytest.mark.parametrize("command", [each for each in COMMANDS if each.name not in NEEDS_HISTORY], ids=NAME)
def test_the_example_that_help_shows_is_right(command: Command) -> None:
    known = {
        "merge": "#merge TICK-1002",
        "unmerge": "#unmerge TICK-1003",
        "canned": "#canned recall",
        "bulk": "#bulk recall",
        "uncc": "#uncc ida@customer.test",
    }

    assert run(known.get(command.name, command.example)).wrong == ()
    assert command.example.startswith(f"#{command.name}")


@pytest.mark.parametrize(
    ("text", "visibility", "words"),
    [
        ("#note\n\nHe called.", Visibility.INTERNAL, "He called."),
        ("#note He called -- twice", Visibility.INTERNAL, "He called -- twice"),
        ("#reply\n\nHello.", Visibility.PUBLIC, "Hello."),
        ("#reply linked\n\nHello.", Visibility.PUBLIC, "Hello."),
        ("#resolve linked\n\nFixed.", Visibility.PUBLIC, "Fixed."),
        ("#supplier help@vendor.test\n\nHow?", Visibility.SUPPLIER, "How?"),
        ("#macro turn", None, "Please turn it off and on."),
        ("#macro turn\n\nBye.", None, "Please turn it off and on.\n\nBye."),
        ("#take\n\nHello.", None, "Hello."),
    ],
)
def test_the_words_go_where_the_lines_say(text: str, visibility: Visibility | None, words: str) -> None:
    outcome = run(text)

    assert (outcome.wrong, outcome.visibility, outcome.text) == ((), visibility, words)


def test_every_alias_does_what_its_command_does() -> None:
    forms = {line[1:].split()[0]: line for line in CHANGES if " " in line}

    for command in COMMANDS:
        line = forms.get(command.name, f"#{command.name}")
        for alias in command.aliases:
            assert run(line.replace(command.name, alias, 1)).changes == run(line).changes, (alias, line)


def test_names_and_aliases_belong_to_one_command_each() -> None:
    words = [word for each in COMMANDS for word in (each.name, *each.aliases)]

    assert sorted(set(words)) == sorted(words)
    assert "macro" not in words


@pytest.mark.parametrize(
    "line",
    ["#close -- solved by Ida", "#close — solved by Ida", "#close – solved by Ida", "#close --solved by Ida",
     "#Close\u2003--\u00a0solved by Ida", "#close: -- solved by Ida"],
)  # fmt: skip
def test_the_reason_goes_with_the_change(line: str) -> None:
    assert [each.reason for each in run(line).changes] == ["solved by Ida"]


def test_escalating_says_why_without_a_dash_and_stops_at_the_highest_priority() -> None:
    outcome = run("#escalate he is angry", ticket=other(1001, priority="urgent"))

    assert [(each.change, each.reason) for each in outcome.changes] == [(Escalated(1, 2), "he is angry")]


def test_questions_are_asked_once_all_lines_are_right() -> None:
    outcome = run("#list mine\n#take\n#help take")

    assert [each.written for each in outcome.asks] == ["#list mine", "#help take"]
    assert len(outcome.changes) == 1
