"""`python -m bench.search --messages 100000 --database sqlite`: full-text search in so many messages (SPEC TI-10).

Messages of 120 words, Zipf-like over 50,000 words, every tenth with Chinese; three messages a ticket. They are loaded
into the schema before search was there, so that filling the index is measured too.
"""

import argparse
import itertools
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command

from bench import machine, worlds
from bench.processes import scratch
from maild.resources import data_dir
from maild.store import Store, Tx, fulltext, migrate, open_store, schema
from maild.store.dialect import UTCDateTime
from maild.tickets import words

VOCABULARY, LENGTH, LETTERS, PER_TICKET, LIMIT = 50_000, 120, 3_000, 3, 50
BATCH, ROUNDS, SLOW_ROUNDS, PATIENCE, SLOW_MS = 5_000, 60, 5, 30.0, 300.0
BEGAN = datetime(2020, 1, 1, tzinfo=UTC)
RARE, MIDDLING, COMMON = range(20_000, VOCABULARY), range(300, 1_000), range(20)


@dataclass(frozen=True, slots=True)
class Language:
    """Words and letters by how often they are said."""

    words: tuple[str, ...]
    letters: tuple[str, ...]
    chance: random.Random

    def text(self, number: int) -> str:
        """A message's text."""
        said = self.chance.choices(self.words, cum_weights=_WEIGHTS[: len(self.words)], k=LENGTH)
        if number % 10 == 0:
            said.append("".join(self.chance.choices(self.letters, cum_weights=_WEIGHTS[: len(self.letters)], k=30)))
        return " ".join(said)


_WEIGHTS = list(itertools.accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))


def language(seed: int) -> Language:
    """The same words for every size."""
    chance = random.Random(seed)
    syllables = [a + b for a in "bdfgklmnprstvw" for b in ("a", "e", "i", "o", "u", "an", "er")]
    made: dict[str, None] = {}
    while len(made) < VOCABULARY:
        made.setdefault("".join(chance.choices(syllables, k=chance.randint(2, 4))))
    letters = [chr(0x4E00 + place) for place in chance.sample(range(20_000), LETTERS)]
    return Language(tuple(made), tuple(letters), chance)


def load(store: Store, spoken: Language, count: int) -> None:
    """Tickets and messages, as if they had been there before the index."""
    with store.begin() as tx:
        command.upgrade(migrate.settings(data_dir("migrations"), tx), "0001")
    for first in range(0, count, BATCH):
        numbers = range(first, min(first + BATCH, count))
        with store.begin_quick() as tx:
            tickets = sorted({number // PER_TICKET for number in numbers if number % PER_TICKET == 0})
            tx.execute(sa.insert(schema.tickets), [_ticket(number) for number in tickets])
            tx.execute(sa.insert(schema.messages), [_message(number, spoken.text(number)) for number in numbers])


def _ticket(number: int) -> dict[str, Any]:
    phase = "active" if number % 50 == 0 else "closed"
    given = {"number": number + 1, "phase": phase, "updated_at": BEGAN + timedelta(minutes=number)}
    return _blank(schema.tickets) | given


def _message(number: int, text: str) -> dict[str, Any]:
    given = {"ticket": number // PER_TICKET + 1, "at": BEGAN + timedelta(minutes=number), "new_text": text}
    return _blank(schema.messages) | given


def _blank(table: sa.Table) -> dict[str, Any]:
    """A value for each column that needs one."""
    needed = [column for column in table.c if not column.nullable and column.name != "id"]
    return {column.name: next(value for kind, value in _BLANK if isinstance(column.type, kind)) for column in needed}


_BLANK: tuple[tuple[type, Any], ...] = (
    (UTCDateTime, BEGAN),
    (sa.JSON, []),
    (sa.Boolean, False),
    (sa.Integer, 0),
    (sa.Text, ""),
)


def timed(rows: Iterator[Callable[[], int]]) -> tuple[list[float], list[int]]:
    """Milliseconds and found rows of each; ends early when patience does."""
    took, found, end = [], [], time.perf_counter() + PATIENCE
    for ask in rows:
        began = time.perf_counter()
        found.append(ask())
        took.append((time.perf_counter() - began) * 1000)
        if time.perf_counter() > end:
            break
    return took, found


def show(name: str, took: Sequence[float], found: Sequence[int]) -> None:
    """One line of the table."""
    late = sorted(took)[min(len(took) - 1, int(len(took) * 0.95))]
    print(
        f"{name:38} {statistics.median(took):9.2f} {late:9.2f} {statistics.mean(found):9.1f} {len(took):5}", flush=True
    )


def questions(spoken: Language, texts: Sequence[str]) -> dict[str, list[str]]:
    """What is asked, by kind."""
    chance = random.Random(7)
    of = {
        name: [spoken.words[rank] for rank in chance.sample(ranks, min(ROUNDS, len(ranks)))] for name, ranks in _RANKS
    }
    pairs = [chance.sample(range(20, 2_000), 2) for _ in range(ROUNDS)]
    said = [text.split() for text in texts]
    starts = [chance.randrange(LENGTH - 2) for _ in said]
    chinese = [text.split()[-1] for text in texts if not text.isascii()]
    return of | {
        "two words": [f"{spoken.words[one]} {spoken.words[two]}" for one, two in pairs],
        "common and rare word": [
            f"{one} {two}" for one, two in zip(of["common word"] * 3, of["rare word"], strict=True)
        ],
        "two common words": [f"{one} {two}" for one, two in itertools.pairwise(of["common word"])],
        "phrase of two words": [f'"{" ".join(each[at : at + 2])}"' for each, at in zip(said, starts, strict=True)],
        "prefix of 4 letters": [f"{each[:4]}*" for each in of["rare word"]],
        "two Chinese letters": [each[5:7] for each in chinese],
        "one Chinese letter": [each[5] for each in chinese],
        "four Chinese letters": [each[5:9] for each in chinese],
        "nothing": [f"qqq{number}" for number in range(20)],
    }


_RANKS = (("rare word", RARE), ("middling word", MIDDLING), ("common word", COMMON))


def searches(store: Store, asked: dict[str, list[str]]) -> None:
    """The newest 50 and the first 50 of each kind of question."""
    print(f"{'':38} {'p50 ms':>9} {'p95 ms':>9} {'rows':>9} {'n':>5}")
    with store.read() as tx:
        for name, texts in asked.items():
            fulltext.newest(tx, texts[0], LIMIT)
            show(f"{name}, newest {LIMIT}", *timed(_each(texts, lambda text: len(fulltext.newest(tx, text, LIMIT)))))
        for name in ("rare word", "middling word", "common word", "two words", "two Chinese letters"):
            show(
                f"{name}, ranked {LIMIT}",
                *timed(_each(asked[name], lambda text: len(fulltext.ranked(tx, text, LIMIT)))),
            )
        for name in ("rare word", "middling word", "common word"):
            show(
                f"{name}, list of open tickets",
                *timed(_each(asked[name][:SLOW_ROUNDS], lambda text: _listed(tx, text))),
            )


def _each(texts: Sequence[str], ask: Callable[[str], int]) -> Iterator[Callable[[], int]]:
    return ((lambda text=text: ask(text)) for text in texts)  # type: ignore[misc]


def _listed(tx: Tx, word: str) -> int:
    table = schema.tickets
    query = sa.select(table.c.number).where(table.c.phase == "active", fulltext.holds(word))
    return len(tx.execute(query.order_by(table.c.updated_at.desc()).limit(LIMIT)).all())


def plans(store: Store, asked: dict[str, list[str]]) -> None:
    """On PostgreSQL: each of the two plans alone, and how far the chosen one is from the better."""
    print(f"\n{'':38} {'walk ms':>9} {'index ms':>9} {'chosen':>9} {'worst':>6}")
    for name, texts in asked.items():
        with store.read() as tx:
            rows = [_plans(tx, text) for text in texts[:SLOW_ROUNDS]]
        walk, index, chosen = (statistics.median(each) for each in zip(*rows, strict=True))
        worst = max(mine / min(one, two) for one, two, mine in rows)
        print(f"{name:38} {walk:9.2f} {index:9.2f} {chosen:9.2f} {worst:6.1f}", flush=True)


def _plans(tx: Tx, text: str) -> tuple[float, float, float]:
    """The best of some rounds: other work on the machine makes single ones slower, never faster."""
    search = fulltext._Search(words.terms(text), LIMIT, None, fulltext.LIVING)
    ways = (lambda: search.walked(tx, 0), lambda: search.from_index(tx, LIMIT), lambda: search.on_postgresql(tx))
    took = [[_once(way)] for way in ways]
    for _ in range(9):
        for way, times in zip(ways, took, strict=True):
            if times[0] < SLOW_MS:
                times.append(_once(way))
    walk, index, chosen = map(min, took)
    return walk, index, chosen


def _once(way: Callable[[], object]) -> float:
    began = time.perf_counter()
    way()
    return (time.perf_counter() - began) * 1000


def single(store: Store, spoken: Language, count: int) -> None:
    """What the index adds to the filing of one message, in CPU and time until it is durable."""
    plain = _filed(store, spoken, count, 300, indexed=False)
    both = _filed(store, spoken, count + 300, 300, indexed=True)
    for name, took in (("one message without index", plain), ("one message with its index", both)):
        show(name, took, [1])
    print(f"{'the longest of them':38} {max(both):9.2f}")


def _filed(store: Store, spoken: Language, first: int, count: int, *, indexed: bool) -> list[float]:
    def file(number: int) -> int:
        text = spoken.text(number)
        with store.begin_quick() as tx:
            made = sa.insert(schema.messages).returning(schema.messages.c.id)
            message = tx.execute(made, _message(number, text)).scalar_one()
            if indexed:
                fulltext.index_message(tx, message, "A subject", text, "Jane Doe", "jane@customer.test")
        return 1

    return timed((lambda number=number: file(number)) for number in range(first, first + count))[0]  # type: ignore[misc]


def main() -> None:
    """Loads, fills, asks, prints."""
    given = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__)
    given.add_argument("--messages", type=int, default=100_000)
    given.add_argument("--database", default="sqlite", help="sqlite, postgresql (a private one) or a URL")
    words_given = given.parse_args()
    with scratch("search") as folder:
        store = open_store(_url(words_given.database, folder))
        print(f"{machine.described()}; load {machine.load()}; {words_given.messages} messages, {words_given.database}")
        measure(store, words_given.messages)
        store.close()


def _url(database: str, folder: Path) -> str:
    if database == "sqlite":
        return worlds.on_sqlite(folder).url
    if database == "postgresql":
        from tests.servers import postgresql

        return postgresql.fresh_database()
    return database


def measure(store: Store, count: int) -> None:
    """One size on one database."""
    spoken = language(1)
    began = time.perf_counter()
    load(store, spoken, count)
    print(f"loaded in {time.perf_counter() - began:.0f} s; {_size(store):.0f} MB", flush=True)
    began = time.perf_counter()
    migrate.upgrade(store, data_dir("migrations"))
    took = time.perf_counter() - began
    print(f"indexed in {took:.0f} s ({took / count * 1000:.2f} ms a message); {_size(store):.0f} MB\n", flush=True)
    asked = questions(spoken, _sample(store, count))
    searches(store, asked)
    if not store.is_sqlite:
        plans(store, asked)
    print()
    single(store, spoken, count)


def _sample(store: Store, count: int) -> list[str]:
    """Texts to ask for parts of."""
    ids = [*range(1, count, count // (ROUNDS * 10) * 10), *range(2, count, count // ROUNDS)][: 2 * ROUNDS]
    with store.read() as tx:
        query = sa.select(schema.messages.c.new_text).where(schema.messages.c.id.in_(ids))
        return list(tx.execute(query).scalars())


def _size(store: Store) -> float:
    asked = "pg_database_size(current_database())"
    if store.is_sqlite:
        asked = "(SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size)"
    with store.raw() as connection:
        return float(connection.execute(sa.select(sa.literal_column(asked))).scalar_one()) / 1e6


if __name__ == "__main__":
    main()
