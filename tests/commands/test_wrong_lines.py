"""Every wrong argument of every command: what is wrong and what would be right, in words that can be read aloud."""

from dataclasses import replace

import pytest

from maild.commands import COMMANDS, Known
from maild.tickets.fields import FieldType
from maild.tickets.ticket import Todo
from maild.tickets.workflow import Phase, Workflow
from tests.commands.scene import KNOWN, NOW, TICKET, WORDS, other, run

DATES = "write 2026-12-01, 2026-12-01 14:00, tomorrow, friday, or 3d; none takes it away"
NUMBER = "write it as TICK-1001"
LOOK = "look it up with #list or #search"

# (line, what is wrong, what would be right)
WRONG = [
    ("#frobnicate", "there is no command #frobnicate", "one of #note, #reply"),
    ("#asign bob", "there is no command #asign", "did you mean #assign"),
    ("#status", "a status is missing", "one of new, open, waiting"),
    ("#status wating", "there is no status 'wating'", "did you mean waiting"),
    ("#status new", "from open there is no step to new", "allowed now: waiting, hold, resolved, closed"),
    ("#open please", "'please' is too much here", "write #open; a reason goes after --"),
    ("#reopen it", "'it' is too much here", "write #reopen; a reason goes after --"),
    ("#waiting tomorrow", "'tomorrow' is too much here", "write #waiting; a reason goes after --"),
    ("#hold on", "'on' is too much here", "write #hold; a reason goes after --"),
    ("#resolve it", "'it' is too much here", "write #resolve; a reason goes after --"),
    ("#close.", "'.' is too much here", "write #close; a reason goes after --"),
    ("#priority", "a priority is missing", "one of low, normal, high, urgent"),
    ("#priority hihg", "there is no priority 'hihg'", "did you mean high"),
    ("#assign", "a name is missing", "one of alice, bob"),
    ("#assign bbo", "nobody is called 'bbo'", "did you mean bob"),
    ("#assign jane@customer.test", "nobody is called 'jane@customer.test'", ""),
    ("#take it", "'it' is too much here", "write #take; a reason goes after --"),
    ("#drop it", "'it' is too much here", "write #drop; a reason goes after --"),
    ("#category", "a category is missing", "one of billing, technical"),
    ("#category tecnical", "there is no category 'tecnical'", "did you mean technical"),
    ("#tag", "a tag is missing", "write #tag vpn"),
    ("#tag <b>", "'<b>' cannot be a tag", "letters, digits, dots and hyphens, at most 40"),
    ("#untag ,", "a tag is missing", "write #tag vpn"),
    ("#due", "a date is missing", DATES),
    ("#due soon", "'soon' begins with no date", DATES),
    ("#due 31.2.2026", "'31.2.2026' is no day of the calendar", DATES),
    ("#due 2026-13-01", "'2026-13-01' is no day of the calendar", DATES),
    ("#due 29.2.", "'29.2.' is no day of the calendar", DATES),
    ("#due 25:00", "'25:00' is no time of day", DATES),
    ("#due 2026-03-01", "2026-03-01 is past", DATES),
    ("#due today 9:59", "today is past", DATES),
    ("#due 2099-01-01", "2099-01-01 is too far away", DATES),
    ("#due 9999-12-31 23:59", "9999-12-31 is too far away", DATES),
    ("#due 9999w", "9999w is too far away", DATES),
    ("#followup later", "'later' begins with no date", DATES),
    ("#action call them", "'call them' begins with no date", DATES),
    ("#add", "an address is missing", "write #add jane@customer.test"),
    ("#add joe", "'joe' is no mail address", "write #add jane@customer.test"),
    ("#add joe@x.test, jim@x.test", "is no mail address", "write #add jane@customer.test"),
    ("#add al@home.test", "al@home.test belongs to the desk", "write somebody of the customer's side"),
    ("#uncc", "an address is missing", "write #uncc jane@customer.test"),
    ("#uncc joe", "'joe' is no mail address", "write #uncc jane@customer.test"),
    ("#uncc joe@x.test", "joe@x.test is not on this ticket", "beside the requester: carl@customer.test, ida@"),
    ("#uncc jane@customer.test", "jane@customer.test is the requester", "another one is set by #requester ADDRESS"),
    ("#watch jane", "no agent is called 'jane'", "one of alice, bob"),
    ("#unwatch bobb", "no agent is called 'bobb'", "did you mean bob"),
    ("#requester", "an address is missing", "write #requester jane@customer.test"),
    ("#requester nobody", "'nobody' is no mail address", "write #requester jane@customer.test"),
    ("#requester support@acme.test", "support@acme.test belongs to the desk", "write somebody of the customer's side"),
    ("#subject", "the new subject is missing", "write #subject Printer in hall 2 prints nothing"),
    ("#merge", "a ticket number is missing", NUMBER),
    ("#merge that one", "'that one' is no ticket number", NUMBER),
    ("#merge 99", "there is no ticket TICK-99", LOOK),
    ("#merge 1001", "a ticket cannot be merged into itself", "name the other one"),
    ("#merge 1004", "TICK-1004 was itself merged into TICK-1002", "#merge TICK-1002"),
    ("#unmerge", "which ticket is to stand alone again?", "write #unmerge TICK-1002 with the number of that one"),
    ("#unmerge 1002", "TICK-1002 was not merged into this ticket", "merged into it: TICK-1003"),
    ("#unmerge 99", "there is no ticket TICK-99", LOOK),
    ("#split 2", "there is no customer's message number 2", "they are: 1 (jane@customer.test), 3 (ida@customer.test)"),
    ("#link", "a ticket number is missing", NUMBER),
    ("#link 99", "there is no ticket TICK-99", LOOK),
    ("#link 1001", "a ticket cannot be linked to itself", "name the other one"),
    ("#link 1002 cousin of", "there is no relation 'cousin of'", "did you mean"),
    ("#link 1002 merged into", "there is no relation 'merged into'", ""),
    ("#unlink", "a ticket number is missing", NUMBER),
    ("#unlink 1006", "TICK-1006: they are not linked", "see #show for the links of this ticket"),
    ("#unlink 1003", "TICK-1003: they are merged from, which history keeps", "see #show for the links"),
    ("#ref", "a reference is missing", "write #ref order=ORD-1234, or #ref -ORD-1234 to take it away"),
    ("#ref -", "a reference is missing", "write #ref order=ORD-1234"),
    ("#ref -ORD-7", "ORD-7 is no reference of this ticket", "there are: ORD-1, KEY-9"),
    ("#set", "a field is missing", "#set serial=…"),
    ("#set serial", "'serial' is no field=value", "#set serial=…"),
    ("#set serail=1", "there is no field 'serail'", "did you mean serial"),
    ("#set devices=many", "'many' does not fit devices", "write a number such as 20 or 1.5"),
    ("#set plan=Silver", "'Silver' is no plan of this desk", "one of Basic, Gold"),
    ("#set bought=yesterday", "'yesterday' does not fit bought", "write a day such as 2026-01-31"),
    ("#set paid=maybe", "'maybe' does not fit paid", "write yes or no"),
    ("#todo", "what is to be done is missing", "write #todo order a new ribbon"),
    ("#done", "a number is missing", "#done 1"),
    ("#done ribbon", "'ribbon' is no number of the list", "#done 1"),
    ("#done 7", "there is no thing number 7 to do", "the list: 1 order a ribbon, 2 call back"),
    ("#time", "a length is missing", "#time 20m"),
    ("#time long", "'long' is no length of time", "#time 20m"),
    ("#time 0", "'0' is no length of time", "#time 20m"),
    ("#time -5m", "'-5m' is no length of time", "#time 20m"),
    ("#quality", "a grade is missing", "1 (poor) to 5 (excellent)"),
    ("#quality 6", "'6' is no grade", "1 (poor) to 5 (excellent)"),
    ("#cause", "the cause is missing", "write #cause waited for the vendor"),
    ("#spam yes", "'yes' is too much here", "write #spam; a reason goes after --"),
    ("#block", "whom? An address or a domain is missing", "write #block spammer@evil.test or #block evil.test"),
    ("#block spammer", "'spammer' is no address or domain", "write #block spammer@evil.test or #block evil.test"),
    ("#block acme.test", "acme.test belongs to the desk", "block people outside of it"),
    ("#block bob@acme.test", "bob@acme.test belongs to the desk", "block people outside of it"),
    ("#supplier vendor", "'vendor' is no mail address", "write #supplier help@vendor.test"),
    ("#supplier bob@acme.test", "bob@acme.test belongs to the desk", ""),
    ("#supplier ida@customer.test", "ida@customer.test is on the customer's side here", "a supplier is somebody else"),
    ("#for", "an address is missing", "write #for jane@customer.test"),
    ("#for Jane", "'Jane' is no mail address", "write #for jane@customer.test"),
    ("#for bob@acme.test", "bob@acme.test belongs to the desk", ""),
    ("#bulk", "the name of a canned response is missing", "one of turn, recall"),
    ("#bulk recal", "there is no canned response 'recal'", "did you mean recall"),
    ("#undo it", "'it' is too much here", "write #undo; a reason goes after --"),
    ("#undo", "there is nothing to undo here", "your own last command of the last ten minutes"),
    ("#delete", "this destroys the ticket's words and files for ever", "if you mean it, write #delete TICK-1001"),
    ("#delete 1002", "this destroys the ticket's words and files for ever", "if you mean it, write #delete TICK-1001"),
    ("#list colour:red", "colour", "see #help list"),
    ('#list "open', "", "see #help list"),
    ("#search", "the words to look for are missing", 'write #search printer "paper jam"'),
    ("#show me", "'me' is no ticket number", NUMBER),
    ("#show 99", "there is no ticket TICK-99", LOOK),
    ("#history all", "'all' is no ticket number", NUMBER),
    ("#history 99", "there is no ticket TICK-99", LOOK),
    ("#customer jane", "'jane' is no mail address", "write #customer jane@customer.test"),
    ("#canned trun", "there is no canned response 'trun'", "did you mean turn"),
    ("#away sometime", "'sometime' begins with no date", DATES),
    ("#back soon", "'soon' is too much here", "write #back; a reason goes after --"),
    ("#notify", "which mails, and how? Both are missing", "one of new_ticket, change, note, all"),
    ("#notify chnage off", "there is no mail 'chnage'", "did you mean change"),
    ("#notify change", "on, off or digest is missing", "#notify change digest"),
    ("#notify change sometimes", "'sometimes' is no way to be told", "#notify change digest"),
    ("#help frobnicate", "there is no command #frobnicate", "one of #note, #reply"),
    ("#help asign", "there is no command #asign", "did you mean #assign"),
    ("#macro", "the name of a macro is missing", "one of turn, recall"),
    ("#macro trun", "there is no macro 'trun'", "did you mean turn"),
    ("#macro wrong", "there is no command #frobnicate", "one of #note, #reply"),
    ("#macro round", "there is no macro 'round'", "did you mean round"),
]  # fmt: skip
# Commands that take any text, or none at all, and so are never wrong by their argument.
NEVER_WRONG = {"note", "reply", "escalate"}


@pytest.mark.parametrize(("line", "what", "hint"), WRONG, ids=[row[0] for row in WRONG])
def test_a_wrong_line_is_named_with_what_would_be_right_and_stops_everything(line: str, what: str, hint: str) -> None:
    outcome = run(f"#tag vpn\n{line}\n\nHello Jane")

    assert [each.written for each in outcome.wrong] == [line]
    assert what in outcome.wrong[0].what
    assert hint in outcome.wrong[0].hint
    assert (outcome.changes, outcome.effects, outcome.asks, outcome.text) == ((), (), (), "")


def test_every_command_has_a_wrong_row_here() -> None:
    wrong = {line[1:].split()[0].strip(".") for line, _, _ in WRONG}

    assert [each.name for each in COMMANDS if each.name not in wrong | NEVER_WRONG] == []


def test_what_is_wrong_can_be_read_aloud() -> None:
    for line, _, _ in WRONG:
        for each in run(line).wrong:
            assert 5 < len(each.what) < 200
            assert "None" not in each.what + each.hint
            assert "()" not in each.what + each.hint
            assert each.what[0].islower() or each.what[0] in "'/" or each.what.startswith(("TICK-", "ORD-", "2", "9"))
            assert not each.hint.endswith((".", " "))


@pytest.mark.parametrize(
    ("line", "what", "hint"),
    [
        ("#category billing", "there is no category 'billing'", "this desk has no categories"),
        ("#set serial=1", "this desk has no fields of its own", "an admin adds them as [[fields]] to the config"),
        ("#bulk recall", "there is no canned response 'recall'", "an admin puts them into canned_dir"),
        ("#canned recall", "there is no canned response 'recall'", "an admin puts them into canned_dir"),
        ("#macro turn", "there is no macro 'turn'", "an admin puts them into canned_dir"),
        ("#hold", "no status of this desk is hold", "one of new, open"),
        ("#resolve", "no status of this desk is resolved", "one of new, open"),
        ("#resolve linked", "no status of this desk is resolved", "one of new, open"),
    ],
)
def test_what_a_desk_does_not_have_is_said(line: str, what: str, hint: str) -> None:
    small = Workflow(WORDS.workflow.statuses[:2])
    words = replace(WORDS, categories=(), fields=(), canned=(), workflow=small)

    wrong = run(line, words=words).wrong

    assert [each.what for each in wrong] == [what]
    assert hint in wrong[0].hint


def test_a_required_field_must_be_known_before_a_ticket_is_resolved() -> None:
    words = replace(WORDS, fields=(FieldType("cause", required=True),))

    assert run("#resolve", words=words).wrong[0].what == "cause must be known before it is resolved"
    assert run("#resolve", words=words).wrong[0].hint == "#set cause=…"
    assert run("#set cause=lightning\n#resolve", words=words).wrong == ()


@pytest.mark.parametrize(
    ("line", "ticket", "what"),
    [
        ("#cause the vendor", other(1001, clocks=None), "no promise of this ticket was broken"),
        ("#split", other(1001, messages=1), "it has one message only"),
        ("#merge 1006", other(1001, merged_into=1002), "it is merged into TICK-1002 already"),
        ("#supplier", other(1001, participants=()), "no supplier is on this ticket yet"),
        ("#reply linked", other(1001), "no open ticket is linked to this one"),
        ("#resolve linked", other(1001), "no open ticket is linked to this one"),
        ("#resolve", other(1001, status="closed", phase=Phase.CLOSED), "from closed there is no step to resolved"),
        ("#uncc joe@x.test", other(1001, participants=()), "joe@x.test is not on this ticket"),
        ("#ref -X", other(1001, references=()), "X is no reference of this ticket"),
        ("#done 1", other(1001, todos=()), "there is no thing number 1 to do"),
        ("#todo x", other(1001, todos=tuple(Todo(n, "x") for n in range(50))), "there are 50 things to do already"),
    ],
)
def test_what_the_ticket_does_not_allow_now_is_wrong(line: str, ticket: object, what: str) -> None:
    assert what in run(line, ticket=ticket).wrong[0].what  # type: ignore[arg-type]


def test_without_a_customers_message_nothing_is_split_off() -> None:
    words = replace(WORDS, known=Known(own=1001))

    assert run("#split", words=words).wrong[0].what == "no customer wrote here"


@pytest.mark.parametrize("command", [each.name for each in COMMANDS if each.scope.value == "ticket"])
def test_a_command_for_a_ticket_is_wrong_in_a_mail_that_belongs_to_none(command: str) -> None:
    wrong = run(f"#{command}", ticket=None).wrong

    assert [each.what for each in wrong] == ["this mail belongs to no ticket"]
    assert wrong[0].hint == "answer one of its notifications, or find it by #list"


@pytest.mark.parametrize("line", ["#show", "#history", "#customer"])
def test_a_question_about_this_ticket_names_one_in_a_mail_that_belongs_to_none(line: str) -> None:
    wrong = run(line, ticket=None, words=replace(WORDS, known=replace(KNOWN, own=0))).wrong

    assert "missing" in wrong[0].what


@pytest.mark.parametrize(
    "text",
    [
        "#for a@x.test\n#for b@x.test\n\nHello",
        "#for a@x.test\n#bulk recall\n\nHello",
        "#reply linked\n#resolve linked\n\nHello",
        "#split 1\n#split 1",
        "#split 1\n#split 3",
        "#merge 1002\n#split",
        "#merge 1002\n#delete 1001",
        "#unmerge 1003\n#unmerge 1003",
    ],
)
def test_what_a_mail_can_ask_for_only_once_is_wrong_the_second_time(text: str) -> None:
    outcome = run(text)

    assert [each.written for each in outcome.wrong] == [text.splitlines()[1]]
    assert outcome.wrong[0].hint == "write it in a mail of its own"


@pytest.mark.parametrize(
    "lines", [("#note", "#reply"), ("#note x", "#resolve linked"), ("#supplier help@vendor.test", "#note"),
              ("#reply", "#supplier"), ("#note He never pays.", "#reply Dear Jane")]
)  # fmt: skip
def test_no_mail_has_two_readers(lines: tuple[str, str]) -> None:
    outcome = run("\n".join(lines) + "\n\nHello")

    assert [(each.written, each.hint) for each in outcome.wrong] == [(lines[1], "write two mails")]
    assert outcome.text == ""


@pytest.mark.parametrize("line", ["#note he never pays", "#close", "#tag late-payer", "#Assign bob -- he is difficult"])
def test_a_right_command_below_the_text_is_never_words_for_the_customer(line: str) -> None:
    for text in (f"#take\n\nHello Jane,\nall is well.\n{line}\n\nAlice", f"Hello Jane.\n\n  {line}\n"):
        outcome = run(text)

        assert [(each.written, each.what) for each in outcome.wrong] == [(line, "this command stands below the text")]
        assert (outcome.text, outcome.changes) == ("", ())


@pytest.mark.parametrize("line", ["#close to our office", "#1 of three", "# Note", "#hashtag", "## note", "see #close"])
def test_words_that_only_look_like_a_command_stay_words(line: str) -> None:
    outcome = run(f"#take\n\nHello Jane,\n{line}\n")

    assert outcome.wrong == ()
    assert line in outcome.text


def test_the_rest_of_a_line_that_a_mail_program_broke_in_two_is_never_words_for_the_customer() -> None:
    torn = "#close -- he shouted at all of us on the phone and we should not\nanswer him any more"

    outcome = run(torn)

    assert [each.what for each in outcome.wrong] == ["an empty line is missing below"]
    assert run("#close -- he shouted\nDear Jane, goodbye").text == "Dear Jane, goodbye"
    assert run(torn.replace("\n", "\n\n")).text == "answer him any more"
    assert run("#note he shouted at all of us on the phone and we should not ever\nanswer him").wrong == ()


def test_a_date_is_read_in_the_desks_own_time_zone_even_at_the_end_of_time() -> None:
    for zone in ("America/Los_Angeles", "Pacific/Kiritimati", "UTC"):
        for line in ("#due 9999-12-31 23:59", "#due 9999w", "#away until 9999-12-31"):
            words = replace(WORDS, timezone=zone, now=NOW)
            assert "too far away" in run(line, ticket=TICKET, words=words).wrong[0].what
