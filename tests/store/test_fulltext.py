"""Full-text search: the same answers from both databases and from texts at hand, whatever is written or asked."""

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from alembic import command

from maild.mail.model import Mailbox
from maild.resources import data_dir
from maild.store import Store, Tx, fulltext, migrate, open_store, schema
from maild.store.dialect import UTCDateTime
from maild.tickets.words import contains, terms
from tests.store.rows import NOW

MILD = (
    "printer",
    "Straße",
    "STRASSE",
    "Příliš",
    "kůň",
    "Ёлка",
    "елка",
    "Привет",
    "Ελλάς",
    "οδός",
    "打印机着火",
    "打印",
)
MIXED = (
    "東京都に住む",
    "京都",
    "プリンター",
    "ﾌﾟﾘﾝﾀｰ",
    "서울에서",
    "서울",
    "ภาษาไทย",
    "हिन्दी",
    "jane@customer.test",
    "12345",
)
ODD = (
    "ORD-12345",
    "ord",
    "it's",
    "a_b",
    "x",
    "機",
    "USB接続",
    "e\u0301te\u0301",
    "NEAR",
    "AND",
    "\x00",
    "100%",
    "(",
    "'",
    "\\",
)
PIECES = MILD + MIXED + ODD
ASKED = (*PIECES, "prin*", "ord-1*", "打", "火", "京", "printer 12345", "a b", "str*", "жел*", "ёл*", "customer.test")
HOSTILE = (
    *(
        '"unbalanced',
        "a AND",
        "OR",
        "NOT x",
        "col:x",
        "words:x",
        "-x",
        "it's",
        "*",
        "a*b",
        "^x",
        "{x}",
        "NEAR(a b)",
        "x'",
    ),
    *("\x00", "a\x00b", "%", "_", "\\", "a & !b", "a <-> b", "':*", "'; DROP TABLE tickets; --", "\ud800", "\ue000"),
    *("x" * 10_000, "x " * 5_000, "京" * 10_000, '"' * 10_000, "(" * 10_000, "a* " * 300, "\U0001f525"),
)
BLANK = ((UTCDateTime, NOW), (sa.JSON, []), (sa.Boolean, False), (sa.Integer, 0), (sa.Text, ""))


def blank(table: sa.Table) -> dict[str, object]:
    needed = [column for column in table.c if not column.nullable and column.name != "id"]
    return {column.name: next(value for kind, value in BLANK if isinstance(column.type, kind)) for column in needed}


def ticket(tx: Tx, number: int, subject: str = "", people: Iterable[str] = (), **given: object) -> None:
    tx.execute(sa.insert(schema.tickets), [blank(schema.tickets) | {"number": number, "subject": subject} | given])
    fulltext.index_subject(tx, number, subject, people)


def message(tx: Tx, number: int, *texts: str) -> int:
    row = blank(schema.messages) | {"ticket": number, "new_text": texts[0] if texts else "", "at": NOW}
    made: int = tx.execute(sa.insert(schema.messages).returning(schema.messages.c.id), [row]).scalar_one()
    fulltext.index_message(tx, made, *texts)
    return made


def found(tx: Tx, word: str) -> set[int]:
    return set(tx.execute(sa.select(schema.tickets.c.number).where(fulltext.holds(word))).scalars())


def newest(store: Store, text: str, limit: int = 50, before: int | None = None) -> list[int]:
    with store.read() as tx:
        return [hit.message for hit in fulltext.newest(tx, text, limit, before)]


def random_text(chance: random.Random) -> str:
    return chance.choice((" ", " ", ", ", "", "\n")).join(chance.choices(PIECES, k=chance.randint(0, 5)))


def test_the_index_and_texts_at_hand_give_the_same_answer(store: Store) -> None:
    chance = random.Random(20261121)
    texts: dict[int, list[str]] = {}
    with store.begin() as tx:
        for number in range(1, 121):
            texts[number] = [random_text(chance) for _ in range(4)]
            subject, name, *said = texts[number]
            ticket(tx, number, clean(subject), [clean(name)])
            for each in said:
                message(tx, number, clean(each))

    asked = [
        *ASKED,
        *(" ".join(chance.sample(PIECES, 2)) for _ in range(60)),
        *(random_text(chance) for _ in range(60)),
    ]
    with store.read() as tx:
        for word in asked:
            assert found(tx, word) == {number for number, said in texts.items() if contains(said, word)}, word


def clean(text: str) -> str:
    """As the desk keeps texts: PostgreSQL refuses NUL."""
    return text.replace("\x00", " ")


@pytest.mark.parametrize("limit", [1, 3, 50])
def test_the_newest_come_first_and_pages_follow_each_other(store: Store, limit: int) -> None:
    chance = random.Random(limit)
    said: dict[int, str] = {}
    with store.begin() as tx:
        ticket(tx, 1)
        for _ in range(150):
            text = clean(random_text(chance))
            said[message(tx, 1, text)] = text

    for word in ("printer", "x", "jane@customer.test", "京", "nowhere"):
        pages, last = [], None
        while page := newest(store, word, limit, last):
            pages += page
            last = page[-1]
        assert pages == [each for each in reversed(said) if contains([said[each]], word)]


def test_all_words_must_occur_in_one_message(store: Store) -> None:
    with store.begin() as tx:
        ticket(tx, 1)
        both = message(tx, 1, "the printer is on fire")
        message(tx, 1, "the printer")
        message(tx, 1, "a fire")

    assert newest(store, "fire printer") == [both]
    assert newest(store, '"printer is" fi*') == [both]
    assert newest(store, '"printer fire"') == []


def test_a_hit_says_where_and_when(store: Store) -> None:
    with store.begin() as tx:
        ticket(tx, 7)
        made = message(tx, 7, "The printer burns.", "Jane Doe")

    with store.read() as tx:
        assert fulltext.newest(tx, "doe", 5) == [fulltext.Hit(made, 7, NOW, "The printer burns.")]


def test_what_is_most_about_the_words_comes_first(store: Store) -> None:
    with store.begin() as tx:
        ticket(tx, 1)
        much = message(tx, 1, "printer printer printer")
        once = message(tx, 1, "a printer and " + "much else " * 40)
        message(tx, 1, "nothing of it")

    with store.read() as tx:
        assert [hit.message for hit in fulltext.ranked(tx, "printer", 10)] == [much, once]
        assert [hit.message for hit in fulltext.ranked(tx, "printer", 1)] == [much]


def test_messages_of_a_deleted_ticket_are_not_shown(store: Store) -> None:
    with store.begin() as tx:
        ticket(tx, 1, deleted=True)
        message(tx, 1, "printer")

    assert newest(store, "printer") == []


def test_a_search_may_be_kept_to_some_tickets(store: Store) -> None:
    with store.begin() as tx:
        for number, requester in ((1, "jane@x.test"), (2, "joe@x.test")):
            ticket(tx, number, requester=requester)
            message(tx, number, "printer")

    with store.read() as tx:
        hits = fulltext.newest(tx, "printer", 9, among=schema.tickets.c.requester == "joe@x.test")
    assert [hit.ticket for hit in hits] == [2]


def test_the_condition_can_be_joined_and_turned_round(store: Store) -> None:
    with store.begin() as tx:
        for number, text in ((1, "printer fire"), (2, "printer"), (3, "fire")):
            ticket(tx, number, "printer" if number == 2 else "", assignee="alice" if number < 3 else None)
            message(tx, number, text)
    number, mine = schema.tickets.c.number, schema.tickets.c.assignee == "alice"
    printer, fire = fulltext.holds("printer"), fulltext.holds("fire")

    with store.read() as tx:
        asked = (
            sa.and_(fire, mine),
            sa.and_(sa.not_(printer), fire),
            sa.or_(fire, mine),
            sa.not_(sa.or_(printer, fire)),
        )
        answers = [set(tx.execute(sa.select(number).where(each)).scalars()) for each in asked]
    assert answers == [{1}, {3}, {1, 2, 3}, set()]


def test_a_changed_subject_is_found_and_the_old_one_is_not(store: Store) -> None:
    with store.begin() as tx:
        ticket(tx, 1, "Printer", ["jane@x.test"])
        fulltext.index_subject(tx, 1, "Scanner", ["Joe"])

    with store.read() as tx:
        assert [found(tx, word) for word in ("printer", "scanner", "joe", "jane")] == [set(), {1}, {1}, set()]


def test_a_message_that_was_read_better_is_found_by_its_new_words_only(store: Store) -> None:
    with store.begin() as tx:
        ticket(tx, 1)
        made = message(tx, 1, "Ã¼ber")
        fulltext.index_message(tx, made, "über")

    assert newest(store, "über") == [made]
    assert newest(store, '"a ber"') == []


def test_messages_are_found_on_the_ticket_that_they_were_merged_into(store: Store) -> None:
    with store.begin() as tx:
        ticket(tx, 1)
        ticket(tx, 2)
        message(tx, 2, "printer")
        tx.execute(sa.update(schema.messages).values(ticket=1))

    with store.read() as tx:
        assert found(tx, "printer") == {1}
        assert [hit.ticket for hit in fulltext.newest(tx, "printer", 5)] == [1]


def test_what_is_forgotten_is_found_no_more(store: Store) -> None:
    with store.begin() as tx:
        for number in (1, 2):
            ticket(tx, number, "Printer", ["Jane"])
            message(tx, number, "secret words")
    with store.begin() as tx:
        fulltext.forget(tx, 1)

    with store.read() as tx:
        assert found(tx, "secret") == found(tx, "printer") == found(tx, "jane") == {2}
        kept = tx.execute(sa.select(sa.func.count()).select_from(fulltext.W)).scalar_one()
    assert kept == 1


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_that_is_asked_breaks_the_search_or_gets_out_of_it(sqlite_or_shared: Store, text: str) -> None:
    with sqlite_or_shared.read() as tx:
        assert all(contains([hit.text], "word") for hit in fulltext.newest(tx, text, 5))
        fulltext.ranked(tx, text, 5)
        found(tx, text)
        assert [hit.text for hit in fulltext.newest(tx, "word", 5)] == ["a word"]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def sqlite_or_shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterable[Store]:
    """One store for many questions."""
    from tests.servers import postgresql

    folder = tmp_path_factory.mktemp("search")
    url = f"sqlite:///{folder}/maild.db" if request.param == "sqlite" else postgresql.fresh_database()
    opened = open_store(url)
    migrate.upgrade(opened, data_dir("migrations"))
    with opened.begin() as tx:
        ticket(tx, 1)
        message(tx, 1, "a word")
    yield opened
    opened.close()


def test_the_newest_is_right_whatever_postgresql_expects(postgresql_store: Store) -> None:
    """Words said by all, by none, lately, and long ago: each plan and the change between them gives the same rows."""
    with postgresql_store.begin() as tx:
        ticket(tx, 1)
        rows = [blank(schema.messages) | {"ticket": 1} for _ in range(3000)]
        tx.execute(sa.insert(schema.messages), rows)
        said = [{"rowid": number, "words": words_of(number)} for number in range(1, 3001)]
        tx.execute(sa.insert(fulltext.W), said)
    for _ in range(2):  # before PostgreSQL knows anything of the words, and after
        for word in ("all", "old", "late", "tenth", "once", "old all", '"all old"', '"old all"', "ol*"):
            expected = [row["rowid"] for row in reversed(said) if says_all(str(row["words"]), word)]
            assert newest(postgresql_store, word) == expected[:50], word
            assert newest(postgresql_store, word, before=700) == [each for each in expected if each < 700][:50], word
        with postgresql_store.begin() as tx:
            tx.execute(sa.text("ANALYZE message_words"))


def test_the_walk_and_the_index_share_all_rows_and_none_twice(postgresql_store: Store) -> None:
    with postgresql_store.begin() as tx:
        ticket(tx, 1)
        made = [message(tx, 1, "printer") for _ in range(9)]
        search = fulltext._Search(terms("printer"), 99, None, fulltext.LIVING)

        for depth in range(made[0] - 1, made[-1] + 2):
            hits = search.walked(tx, depth) + search.from_index(tx, 99, fulltext.W.c.rowid <= depth)
            assert [hit.message for hit in hits] == made[::-1]


def says_all(text: str, asked: str) -> bool:
    return all(each.needle in text for each in terms(asked))


def words_of(number: int) -> str:
    when = "old" if number <= 1500 else "late"
    return f" all {when} {'tenth ' if number % 10 == 0 else ''}{'once ' if number == 77 else ''}all "


@pytest.mark.parametrize("before", [None, 900])
def test_sqlite_answers_from_the_end_of_the_index_without_sorting(sqlite_store: Store, before: int | None) -> None:
    with sqlite_store.begin() as tx, recorded(tx) as said:
        fulltext.newest(tx, "printer fire", 50, before)
        plan = [row.detail for row in tx.execute(sa.text(f"EXPLAIN QUERY PLAN {said[0]}"))]

    assert plan[0].startswith("SCAN message_words VIRTUAL TABLE")
    assert not any("TEMP B-TREE" in step or "CO-ROUTINE" in step for step in plan)


@contextmanager
def recorded(tx: Tx) -> Iterator[list[str]]:
    """The statements that are run, with their values in them."""
    said: list[str] = []

    def note(_connection: object, element: sa.Executable, *_: object) -> None:
        if isinstance(element, sa.Select):
            said.append(str(element.compile(dialect=tx.dialect, compile_kwargs={"literal_binds": True})))

    sa.event.listen(tx, "before_execute", note)
    yield said
    sa.event.remove(tx, "before_execute", note)


def test_rows_from_before_the_search_are_found_after_the_upgrade(database_url: str) -> None:
    store = open_store(database_url)
    with store.begin() as tx:
        command.upgrade(migrate.settings(data_dir("migrations"), tx), "0001")
        requester = Mailbox("jane@x.test", "Jane")
        given = {"number": 9, "subject": "Scanner", "requester": requester.address, "requester_name": requester.name}
        tx.execute(sa.insert(schema.tickets), [blank(schema.tickets) | given])
        person = {"ticket": 9, "address": "carl@x.test", "name": "Carl", "standing": "participant", "place": 0}
        tx.execute(sa.insert(schema.participants), [person])
        rows = [
            {"ticket": 9, "new_text": f"printer n{number}", "at": NOW + timedelta(number)} for number in range(1203)
        ]
        tx.execute(sa.insert(schema.messages), [blank(schema.messages) | row for row in rows])

    migrate.upgrade(store, data_dir("migrations"))

    with store.read() as tx:
        assert len(fulltext.newest(tx, "printer", 5000)) == 1203
        assert [len(fulltext.newest(tx, f"n{number}", 5)) for number in (0, 499, 500, 501, 1202)] == [1] * 5
        assert found(tx, "scanner") == found(tx, "carl") == found(tx, "jane@x.test") == {9}
    store.close()
