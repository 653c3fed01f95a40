"""The query language: what is understood, what it means, and which word is wrong."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from maild.mail.model import Mailbox
from maild.tickets.matching import matches
from maild.tickets.query import Compare, Order, QueryError, Term, Value, both, parse_query, resolve
from maild.tickets.query.fields import FIELDS, SORTABLE, Kind
from maild.tickets.query.tree import Either, Every, Without
from maild.tickets.query.values import READERS
from maild.tickets.ticket import Link, Participant, Standing, Ticket
from maild.tickets.words import contains
from maild.tickets.workflow import Phase
from tests.tickets.test_query_chance import NOW, SETTING, TICKET

FULL = replace(
    TICKET,
    subject="Printer in München burns",
    status="open",
    phase=Phase.ACTIVE,
    priority="high",
    category="Billing",
    organisation="ACME GmbH",
    assignee="alice",
    teams=("first-line",),
    tags=("vpn", "münchen"),
    participants=(
        Participant("carl@other.test"),
        Participant("max@unknown.test", standing=Standing.UNVERIFIED),
        Participant("help@supplier.test", standing=Standing.SUPPLIER),
    ),
    links=(Link("related to", 1002),),
    fields=(("Größe", "XL"),),
    references=(("jira", "OPS-7"),),
    language="de",
    vip=True,
    created_at=datetime(2026, 11, 20, 23, 30, tzinfo=UTC),
    updated_at=NOW - timedelta(days=4),
    heard_at=NOW - timedelta(hours=2),
    answered_at=NOW - timedelta(hours=3),
    due_at=NOW + timedelta(hours=5),
    messages=6,
    minutes=25,
    rating=4,
    level=1,
)
BARE = replace(TICKET, number=1002, requester=Mailbox("ida@else.test", "Ida"), created_at=NOW, updated_at=NOW)


def fits(text: str, ticket: Ticket = FULL) -> bool:
    return matches(parse_query(text), ticket, SETTING, lambda word: contains([ticket.subject], word))


def refused(text: str) -> QueryError:
    with pytest.raises(QueryError) as caught:
        resolve(parse_query(text), SETTING)
    return caught.value


def term(field: str, *values: str, compare: Compare = Compare.IS) -> Term:
    return Term(field, tuple(map(Value, values)), compare)


def plain(tree: object) -> object:
    """A tree without the places of its words, to compare."""
    match tree:
        case Term():
            return replace(tree, word="", place=1)
        case Without(part=part):
            return Without(plain(part))
        case Every(parts=parts):
            return Every(tuple(map(plain, parts)))
        case Either(parts=parts):
            return Either(tuple(map(plain, parts)))
        case _:
            return tree


def test_a_query_is_terms_that_all_hold() -> None:
    query = parse_query('status:open,new priority:>=high -tag:x printer "on fire" sort:-updated,priority limit:20')

    assert plain(query.condition) == Every(
        (
            term("status", "open", "new"),
            term("priority", "high", compare=Compare.AT_LEAST),
            Without(term("tag", "x")),
            term("words", "printer"),
            Term("words", (Value("on fire", quoted=True),)),
        )
    )
    assert query.order == (Order("updated", descending=True), Order("priority", descending=False))
    assert query.limit == 20


def test_or_stands_between_two_terms_and_binds_closer_than_a_blank() -> None:
    assert plain(parse_query("is:open tag:a or tag:b").condition) == plain(
        parse_query("is:open (tag:a or tag:b)").condition
    )
    assert plain(parse_query("(is:open tag:a) or tag:b").condition) == Every(
        (Either((Every((term("is", "open"), term("tag", "a"))), term("tag", "b"))),)
    )


def test_quotation_marks_and_dashes_of_mail_programs_are_what_they_were_meant_to_be() -> None:
    assert plain(parse_query("“on fire” –tag:x").condition) == plain(parse_query('"on fire" -tag:x').condition)


def test_an_empty_query_asks_for_everything_but_what_is_merged_or_deleted() -> None:
    assert fits("") and fits(" \n ")
    assert not fits("", replace(FULL, deleted=True))
    assert not fits("", replace(FULL, merged_into=1002))
    assert fits("is:deleted", replace(FULL, deleted=True)) and not fits("is:deleted")
    assert fits("is:merged or is:open", replace(FULL, merged_into=1002))


YES = (
    *("status:open", "status:OPEN,closed", "status:in-progress", "-status:new", "phase:active", "number:1001"),
    *(
        "number:TICK-1001",
        "number:tick-1001,5",
        "number:>1000",
        "number:1000..1002",
        "priority:high",
        "priority:>normal",
    ),
    *("priority:<=high", "priority:low,HIGH", "category:billing", "category:any", "organisation:'acme',\"acme gmbh\""),
    *("assignee:me", "assignee:Alice", "assignee:any", "team:first-line", "tag:vpn", "tag:MÜNCHEN", "tag:München,x"),
    *("customer:JANE@customer.test", "customer:carl@other.test", "customer:max@unknown.test", "customer:@other.test"),
    *("supplier:help@supplier.test", "supplier:any", "supplier:@supplier.test", "vip:yes", "subject:MÜNCHEN"),
    *("subject:print", 'subject:"in münchen"', "inbox:Support@acme.test", "language:DE", "link:TICK-1002", "link:any"),
    *("ref:ops-7", "ref:any", "field.größe:xl", "field.Größe:any", "messages:>5", "messages:6", "messages:5..7"),
    *("messages:..6", "minutes:>=25", "rating:4,5", "quality:none", "level:1", "resolved:none", "due:any"),
    *("created:today", "created:2026-11-21", "created:2026-11", "created:>=2026-11-21", "created:<2026-11-22"),
    *("created:2026-11-20..2026-11-21", "created:2026-11-21T00:30", "created:..today", "created:1d", "created:>10h"),
    *("updated:<3d", "updated:5d..3d", "due:<+6h", "due:today", "due:+1d", "heard:>3h", "answered:<2h"),
    *("is:open", "is:mine", "is:needs-response", "is:new,open", "-is:closed", "-is:overdue", "-is:urgent", "printer"),
    *('"printer in"', "PRINTER burns", "münchen", "tag:x or tag:vpn", "-(tag:x printer)", "(printer or fax) -scanner"),
)
NO = (
    *(
        "status:new",
        "number:1002",
        "priority:>high",
        "category:none",
        "assignee:none",
        "assignee:bob",
        "tag:vp",
        "-tag:vpn",
    ),
    *(
        "customer:help@supplier.test",
        "customer:@test",
        "supplier:jane@customer.test",
        "vip:no",
        "subject:fax",
        "link:1003",
    ),
    *(
        "ref:ops",
        "field.größe:l",
        "messages:>6",
        "rating:none",
        "created:yesterday",
        "created:2026-10",
        "created:>today",
    ),
    *(
        "updated:>3d",
        "due:<+4h",
        "is:closed",
        "is:new",
        "is:unassigned",
        "is:urgent",
        "is:overdue",
        "fax",
        '"burns printer"',
    ),
    *("printer fax", "tag:x or tag:y", "tag:x or tag:vpn fax", "-printer", 'tag:"none"', 'assignee:"me"', "is:spam"),
)


@pytest.mark.parametrize("text", YES)
def test_a_ticket_fits(text: str) -> None:
    assert fits(text)


@pytest.mark.parametrize("text", NO)
def test_a_ticket_does_not_fit(text: str) -> None:
    assert not fits(text)


def test_what_is_not_there_is_none_and_never_less_or_more() -> None:
    empty = (
        "category",
        "assignee",
        "team",
        "tag",
        "organisation",
        "language",
        "resolved",
        "closed",
        "answered",
        "heard",
    )
    for name in (*empty, "due", "followup", "action", "rating", "quality", "link", "ref", "field.room", "supplier"):
        assert fits(f"{name}:none", BARE) and not fits(f"{name}:any", BARE), name
    for text in ("due:<2027-01-01", "due:>2020-01-01", "rating:<9", "resolved:today"):
        assert not fits(text, BARE) and fits(f"-{text}", BARE), text


def test_a_ticket_needs_a_response_when_a_customer_spoke_last() -> None:
    silent = replace(FULL, answered_at=NOW)
    assert not fits("is:needs-response", silent)
    assert fits("is:needs-response", replace(FULL, answered_at=None))
    assert not fits("is:needs-response", replace(FULL, phase=Phase.RESOLVED))
    assert fits("is:overdue", replace(FULL, due_at=NOW - timedelta(minutes=1)))


def test_a_day_begins_at_midnight_of_the_desk() -> None:
    just_before = replace(FULL, created_at=datetime(2026, 11, 20, 22, 59, 59, tzinfo=UTC))

    assert fits("created:yesterday", just_before) and not fits("created:today", just_before)


WRONG = (
    ("statu:open", "statu:open", 1, "status"),
    ("status:open  statu:open", "statu:open", 14, "status"),
    ("is:open -(tag:x statu:y)", "statu:y", 17, "status"),
    ("status:opne", "status:opne", 1, "open"),
    ("status:open,nwe", "status:open,nwe", 1, "new"),
    ("phase:wating", "phase:wating", 1, "waiting"),
    ("priority:hihg", "priority:hihg", 1, "high"),
    ("is:opn", "is:opn", 1, "open"),
    ("field.grosse:1", "field.grosse:1", 1, "Größe"),
    ("sort:updatd", "sort:updatd", 1, "updated"),
    ("sort:tag", "sort:tag", 1, "status"),
    ("x tag:", "tag:", 3, ""),
    ("tag: vpn", "tag:", 1, ""),
    ("-tag:,", "tag:,", 2, ""),
    ("tag:a, b", ", b", 6, "tag:a,b"),
    ('printer "on fire', '"on fire', 9, ""),
    ("number:printer", "number:printer", 1, "1001"),
    ("number:ABC-1", "number:ABC-1", 1, "TICK-1"),
    ("link:x", "link:x", 1, "1001"),
    ("status=open", "status=open", 1, "status:open"),
    ("priority>=high", "priority>=high", 1, "priority:>=high"),
    ("tag:>x", "tag:>x", 1, "tag:"),
    ("created:nonsense", "created:nonsense", 1, "2026-11-21"),
    ("created:2026-02-30", "created:2026-02-30", 1, "2026-11-21"),
    ("created:2026-11-21T24:00", "created:2026-11-21T24:00", 1, ""),
    ("created:0000-01-01", "created:0000-01-01", 1, ""),
    ("created:..", "created:..", 1, "2026-01-01.."),
    ("messages:many", "messages:many", 1, ">5"),
    ("messages:²", "messages:²", 1, ">5"),
    ("customer:jane", "customer:jane", 1, "jane@"),
    ("customer:other.test", "customer:other.test", 1, "@other.test"),
    ("vip:maybe", "vip:maybe", 1, "vip:yes"),
    ("limit:0", "limit:0", 1, "limit:20"),
    ("-limit:3", "limit:3", 2, ""),
    ("a or sort:updated", "sort:updated", 6, ""),
    ("or x", "or", 1, "quotes"),
    ("x or", "or", 3, ""),
    ("a or or b", "or", 6, "quotes"),
    ("(a", "(", 1, ")"),
    ("a)", ")", 2, "quotes"),
    ("()", ")", 2, ""),
    ("http://x", "http://x", 1, "quotes"),
    ('""', '""', 1, ""),
    ("x %%%", "%%%", 3, ""),
    ("a\0b", "U+0000", 2, ""),
)


@pytest.mark.parametrize(("text", "word", "place", "hint"), WRONG)
def test_an_error_points_at_the_word_and_names_what_would_be_right(text: str, word: str, place: int, hint: str) -> None:
    error = refused(text)

    assert (error.word, error.place) == (word, place)
    assert hint in error.hint
    assert word in str(error) and f"column {place}" in str(error)


def test_nobody_in_particular_has_no_tickets_of_his_own() -> None:
    nobody = replace(SETTING, me=None)

    for text in ("assignee:me", "is:mine"):
        with pytest.raises(QueryError, match="assignee:NAME"):
            resolve(parse_query(text), nobody)


def test_two_queries_together_ask_for_what_both_ask_for() -> None:
    role, asked = parse_query("team:first-line tag:a or tag:vpn limit:50"), parse_query("is:open sort:number limit:9")

    joined = both(role, asked)

    assert matches(joined, FULL, SETTING, lambda _: False)
    assert not matches(joined, replace(FULL, teams=()), SETTING, lambda _: False)
    assert not matches(joined, replace(FULL, phase=Phase.CLOSED), SETTING, lambda _: False)
    assert joined.limit == 9 and joined.order == (Order("number", descending=False),)
    assert both(role, parse_query("")).limit == 50


def test_what_a_role_does_not_see_cannot_be_asked_for() -> None:
    role = parse_query("team:first-line -is:deleted")

    for text in ("is:deleted", "is:deleted or is:open", "(number:1 or is:deleted)", "-is:open or is:deleted"):
        assert not matches(both(role, parse_query(text)), replace(FULL, deleted=True), SETTING, lambda _: True)
        assert not matches(both(role, parse_query(text)), replace(FULL, teams=()), SETTING, lambda _: True)


def test_full_text_is_asked_only_when_it_matters() -> None:
    asked: list[str] = []

    def listening(word: str) -> bool:
        asked.append(word)
        return True

    assert not matches(parse_query("printer is:closed"), FULL, SETTING, listening)
    assert asked == []
    assert matches(parse_query("printer is:open"), FULL, SETTING, listening)
    assert asked == ["printer"]


def test_every_kind_of_field_has_a_reader_and_every_column_is_a_tickets() -> None:
    assert set(READERS) == set(Kind)
    assert len({field.name for field in FIELDS}) == len(FIELDS)
    assert [field.name for field in FIELDS if field.column and not hasattr(TICKET, field.column)] == []
    assert [name for name in SORTABLE if resolve(parse_query(f"sort:-{name}"), SETTING).order == ()] == []
