"""The query language in SQL: it finds what it says, what it says in memory, and by way of an index.

`python -m tests.store.test_find 100` compares memory and SQLite for a hundred more seeds.
"""

import sys
from dataclasses import replace
from functools import partial
from random import Random
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from maild.resources import data_dir
from maild.store import Store, find, migrate, open_store, schema, tickets
from maild.tickets.matching import holds
from maild.tickets.query import QueryError, both, parse_query, resolve
from maild.tickets.query.conditions import fold, forms
from maild.tickets.ticket import Ticket
from maild.tickets.words import contains
from maild.tickets.workflow import Phase
from tests.tickets.test_query_chance import NOW, SETTING, TICKET, some_query, some_tickets

T = schema.tickets


def kept(store: Store, *some: Ticket) -> None:
    with store.begin() as tx:
        for ticket in some:
            tickets.save(tx, None, ticket)


def says(ticket: Ticket, word: str) -> bool:
    """Full text of the subject alone: what these tests put in the place of the store's index."""
    return any(form in fold(ticket.subject) for form in forms(word))


def in_sql(store: Store, some: list[Ticket], text: str) -> set[int]:
    def told(word: str) -> sa.ColumnElement[bool]:
        return T.c.number.in_([each.number for each in some if says(each, word)])

    plan = resolve(parse_query(text), SETTING)
    with store.read() as tx:
        rows = tx.execute(sa.select(T.c.number).where(find.where(plan, tx.dialect.name, told)))
        return set(rows.scalars())


def in_memory(some: list[Ticket], text: str) -> set[int]:
    condition = resolve(parse_query(text), SETTING).condition

    def fits(ticket: Ticket) -> bool:
        return holds(condition, ticket, lambda word: says(ticket, word))

    return {ticket.number for ticket in some if fits(ticket)}


def agree(store: Store, seed: int, count_of_tickets: int, count_of_queries: int) -> int:
    """How many queries found something, and not everything."""
    random = Random(seed)
    some = some_tickets(random, count_of_tickets)
    kept(store, *some)
    telling = 0
    for _ in range(count_of_queries):
        text = some_query(random)
        expected = in_memory(some, text)
        assert in_sql(store, some, text) == expected, text
        telling += 0 < len(expected) < count_of_tickets
    return telling


def test_memory_and_sqlite_agree_on_any_ticket_and_query(sqlite_store: Store) -> None:
    assert agree(sqlite_store, seed=1, count_of_tickets=200, count_of_queries=120) > 50


def test_memory_and_postgresql_agree_on_any_ticket_and_query(postgresql_store: Store) -> None:
    assert agree(postgresql_store, seed=2, count_of_tickets=60, count_of_queries=60) > 20


def found(store: Store, text: str, limit: int | None = None) -> list[int]:
    with store.read() as tx:
        return [each.number for each in find.find(tx, parse_query(text), SETTING, limit)]


CLOSED = replace(TICKET, number=1002, status="closed", phase=Phase.CLOSED, assignee="Alice", subject="100% broken")
FOUND = (
    *(("status:NEW", [1001]), ("-status:new", [1002]), ("assignee:alice", [1002]), ("assignee:none", [1001])),
    *(("tag:vpn", [1001]), ("tag:vp", []), ("tag:münchen", [1001]), ("-tag:vpn", [1002]), ("number:TICK-1002", [1002])),
    *(("customer:JANE@customer.test", [1002, 1001]), ("subject:100%", [1002]), ("subject:0%b", []), ("tag:%", [])),
    *(("tag:MÜNCHEN", [1001]), ("tag:München", [1001]), ('tag:"\' or 1=1 --"', []), ("number:999999999999999999", [])),
    *(("phase:new,closed", [1002, 1001]), ("", [1002, 1001]), ("messages:>999999998", []), ("field.room:any", [])),
    *(("sort:number", [1001, 1002]), ("sort:number limit:1", [1001]), ("customer:@customer.test is:open", [1001])),
)


def test_a_query_finds_what_it_says(store: Store) -> None:
    kept(store, replace(TICKET, tags=("münchen", "vpn")), CLOSED)

    assert [(text, found(store, text)) for text, _ in FOUND] == list(FOUND)


def test_full_text_means_the_same_in_memory_and_in_the_index(store: Store) -> None:
    texts = ("Drucker in München", "VPN down again", "invoice ORD-12345", "再起動", "")
    some = [replace(TICKET, number=1001 + place, subject=text) for place, text in enumerate(texts)]
    kept(store, *some)

    for text in (
        "münchen",
        "-münchen",
        "vpn or drucker",
        "-(vpn or drucker)",
        '"vpn down"',
        "down vpn",
        '"ord 12345"',
        "起動",
        "inv*",
    ):
        condition = resolve(parse_query(text), SETTING).condition
        fitting = [each.number for each in some if holds(condition, each, partial(contains, [each.subject, "Jane"]))]
        assert sorted(found(store, text)) == fitting, text


def test_a_list_is_in_the_order_that_was_asked_for(store: Store) -> None:
    levels = ("urgent", "low", "high", "normal", "low")
    some = [replace(TICKET, number=1001 + place, priority=level) for place, level in enumerate(levels)]
    some[1] = replace(some[1], due_at=NOW, subject="b")
    some[3] = replace(some[3], updated_at=NOW.replace(year=2027), subject="A")
    kept(store, *some)

    assert found(store, "") == [1004, 1005, 1003, 1002, 1001]
    assert found(store, "sort:priority") == [1005, 1002, 1004, 1003, 1001]
    assert found(store, "sort:-priority,number") == [1001, 1003, 1004, 1002, 1005]
    assert found(store, "sort:due,number") == found(store, "sort:-due,number") == [1002, 1001, 1003, 1004, 1005]
    assert found(store, "sort:subject,-number") == [1004, 1002, 1005, 1003, 1001]
    assert found(store, "limit:3", 2) == [1004, 1005] and found(store, "limit:1", 2) == [1004]


def test_tickets_come_whole_and_can_be_counted_without_a_limit(store: Store) -> None:
    some = some_tickets(Random(5), 30)
    kept(store, *some)

    with store.read() as tx:
        everything = parse_query("is:merged or -is:merged is:deleted or -is:deleted sort:number limit:7")
        assert find.find(tx, everything, SETTING) == some[:7]
        assert find.count(tx, everything, SETTING) == 30


def test_a_role_and_a_question_are_asked_together(store: Store) -> None:
    kept(store, replace(TICKET, teams=("network",)), CLOSED)

    with store.read() as tx:
        role = parse_query("team:network")
        for text in ("", "is:open or is:closed", "number:1002 or number:1001", "-team:network or team:any"):
            assert [each.number for each in find.find(tx, both(role, parse_query(text)), SETTING)] == [1001]


def test_a_word_that_the_desk_does_not_know_is_refused_before_anything_is_asked(sqlite_store: Store) -> None:
    with pytest.raises(QueryError, match="did you mean urgent"):
        found(sqlite_store, "priority:urgnet")


def test_every_value_is_bound_and_none_stands_in_the_statement() -> None:
    text = 'tag:"x\'y" subject:"x\'y" customer:"x\'y@z" ref:"x\'y" field.room:"x\'y" assignee:"x\'y" -category:"x\'y"'
    plan = resolve(parse_query(text), SETTING)

    statement = str(find.where(plan, "sqlite").compile(dialect=sqlite.dialect()))

    assert "x'y" not in statement and "'y" not in statement


def ways(store: Store, text: str) -> str:
    """How SQLite would look for it."""
    plan = resolve(parse_query(text), SETTING)
    wanted = sa.select(T).where(find.where(plan, "sqlite")).order_by(*find._order(plan, "sqlite")).limit(50)
    compiled = wanted.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    with store.read() as tx:
        return "; ".join(row[-1] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}"))


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("is:open assignee:me sort:-updated", "INDEX ix_tickets_assignee_phase (assignee=? AND phase=?)"),
        ("number:1001", "tickets_1 (number=?)"),
        ("customer:jane@customer.test", "INDEX ix_tickets_requester_created_at (requester=?)"),
        ("customer:jane@customer.test", "INDEX ix_participants_address (address=?)"),
        ("is:open sort:-updated", "INDEX ix_tickets_open"),
        ("is:open updated:<3d", "INDEX ix_tickets_open (updated_at<?)"),
        ("", "INDEX ix_tickets_updated_at_number"),
        ("sort:-created", "INDEX ix_tickets_created_at_number"),
    ],
)
def test_the_lists_that_are_asked_for_most_go_by_an_index(sqlite_store: Store, text: str, index: str) -> None:
    assert index in ways(sqlite_store, text)
    assert "SCAN tickets USING INDEX" in ways(sqlite_store, text) or "SCAN tickets" not in ways(sqlite_store, text)


def campaign(seeds: range) -> None:
    """Other tickets and other queries for each seed."""
    for seed in seeds:
        with TemporaryDirectory() as folder:
            store = open_store(f"sqlite:///{folder}/maild.db")
            migrate.upgrade(store, data_dir("migrations"))
            print(
                seed,
                agree(store, seed, count_of_tickets=200, count_of_queries=300),
                "of 300 queries told tickets apart",
            )
            store.close()


if __name__ == "__main__":
    campaign(range(100, 100 + int(sys.argv[1])))
