"""Full-text search in tickets and messages (SPEC TI-10): FTS5 on SQLite, GIN on PostgreSQL, our own words in both.

What a word is says `maild.tickets.words`; the databases only see letters and digits between spaces. Every message has
a row in `message_words` under its own id, so that a merge moves nothing; every ticket has one in `ticket_words`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from maild.store import schema
from maild.store.engine import Tx
from maild.store.prepared import Prepared
from maild.tickets import words
from maild.tickets.words import Term

RANKED = 300
SLICE = 500
WALK_FURTHER = 4  # times as far as the estimate says, before the walk is given up
PROBE = 500  # of the newest rows
DEARER = 2  # what a hit of the bitmap costs, in rows of the walk

M = schema.messages
T = schema.tickets
LIVING = T.c.deleted.is_(False)
TABLES = ("message_words", "ticket_words")  # FTS5 keeps tables of its own beside each, whose names begin so

# Not in the program's metadata: on SQLite they are virtual, and Alembic could not compare them.
_own = sa.MetaData()


def _words_table(name: str) -> sa.Table:
    key = sa.Column("rowid", sa.BigInteger, primary_key=True, autoincrement=False)
    return sa.Table(name, _own, key, sa.Column("words", sa.Text), sa.Column("vector", postgresql.TSVECTOR))


W, S = (_words_table(name) for name in TABLES)


@dataclass(frozen=True, slots=True)
class Hit:
    """A message in which the words occur; `text` is its new text, to cut a passage from."""

    message: int
    ticket: int
    at: datetime
    text: str


def is_own_table(name: str) -> bool:
    """True for the tables of the index, which are in the migrations only."""
    return name.startswith(TABLES)


def index_message(tx: Tx, message: int, *texts: str) -> None:
    """Makes a message findable by its texts (subject, new text, who wrote it); again when they were read better."""
    tx.execute(_put(W, tx.dialect.name), {"rowid": message, "words": words.document(*texts)})


def index_subject(tx: Tx, ticket: int, subject: str, people: Iterable[str] = ()) -> None:
    """Makes a ticket findable by its subject and the names and addresses of its people; again when they change."""
    tx.execute(_put(S, tx.dialect.name), {"rowid": ticket, "words": words.document(subject, *people)})


@cache
def _put(table: sa.Table, dialect: str) -> Prepared:
    columns: dict[str, sa.BindParameter[object]] = {name: sa.bindparam(name) for name in ("rowid", "words")}
    if dialect == "sqlite":  # a virtual table knows REPLACE, but no ON CONFLICT
        return Prepared(sa.insert(table).prefix_with("OR REPLACE").values(columns))
    insert = postgresql.insert(table).values(columns)
    return Prepared(insert.on_conflict_do_update(index_elements=["rowid"], set_={"words": insert.excluded.words}))


def forget(tx: Tx, ticket: int) -> None:
    """Takes a ticket and its messages out of the index; before the messages themselves go."""
    tx.execute(sa.delete(S).where(S.c.rowid == ticket))
    forget_messages(tx, list(tx.execute(sa.select(M.c.id).where(M.c.ticket == ticket)).scalars()))


def forget_messages(tx: Tx, messages: list[int]) -> None:
    """Takes single messages out of the index."""
    for start in range(0, len(messages), SLICE):
        tx.execute(sa.delete(W).where(W.c.rowid.in_(messages[start : start + SLICE])))


def holds(word: str) -> sa.ColumnElement[bool]:
    """A condition on tickets: the word, "phrase" or `begin*` occurs in the subject, a message or a name."""
    wanted = words.term(word)
    if wanted is None:
        return sa.false()
    said = sa.select(M.c.ticket).join(W, W.c.rowid == M.c.id).where(_matching(W, (wanted,)))
    named = sa.select(S.c.rowid).where(_matching(S, (wanted,)))
    # SQLite reads all hits once; PostgreSQL may also ask each ticket, which is far less for a common word.
    each = sa.or_(said.where(M.c.ticket == T.c.number).exists(), named.where(S.c.rowid == T.c.number).exists())
    return _ByDialect(T.c.number.in_(sa.union_all(said, named)), each)


def newest(
    tx: Tx, text: str, limit: int, before: int | None = None, among: sa.ColumnElement[bool] = LIVING
) -> list[Hit]:
    """The newest messages in which all words of `text` occur; `before` is the last page's last message.

    `among` is a further condition on their tickets. Text without any word finds nothing: `words.unanswerable` says why.
    """
    wanted = words.terms(text)
    if not wanted or limit < 1:
        return []
    search = _Search(wanted, limit, before, among)
    return search.on_sqlite(tx) if tx.dialect.name == "sqlite" else search.on_postgresql(tx)


def ranked(tx: Tx, text: str, limit: int, among: sa.ColumnElement[bool] = LIVING) -> list[Hit]:
    """The same, what is most about the words first: of the newest 300, as to rank all of a common word is slow."""
    wanted = words.terms(text)
    hits = newest(tx, text, max(limit, RANKED), among=among)
    ids = [hit.message for hit in hits]
    said = {row.rowid: (row.words, row.subject) for row in tx.execute(_SAID, {"ids": ids})} if ids else {}
    weights = {which: words.weight(said, words.document(subject), wanted) for which, (said, subject) in said.items()}
    return sorted(hits, key=lambda hit: (-weights[hit.message], -hit.message))[:limit]


_SAID = (
    sa.select(W.c.rowid, W.c.words, M.c.subject)
    .join(M, M.c.id == W.c.rowid)
    .where(W.c.rowid.in_(sa.bindparam("ids", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class _Search:
    wanted: tuple[Term, ...]
    limit: int
    before: int | None
    among: sa.ColumnElement[bool]

    def on_sqlite(self, tx: Tx) -> list[Hit]:
        """FTS5 gives rows in the order of their ids, so the first of them are enough."""
        return self._hits(tx, self._places(W.c.rowid, _matching(W, self.wanted)), self.limit)

    def on_postgresql(self, tx: Tx) -> list[Hit]:
        """By the estimate of the hits: backwards through the newest rows, or all hits from the index and sorted.

        Alone, PostgreSQL takes the first for rare words too and reads every row; the second is slow for common words.
        """
        last, expected = _expected(tx, self.wanted)
        start = last if self.before is None else self.before
        if any(each.prefix for each in self.wanted):
            # Many rare words may begin so, of which PostgreSQL's statistics know nothing.
            expected = max(expected, len(self.walked(tx, start - PROBE)) * last // PROBE)
        if DEARER * expected * expected <= self.limit * last:
            return self.from_index(tx, self.limit)
        # No less far than costs what the index does: words that are all there are seldom the phrase.
        far = max(WALK_FURTHER * self.limit * last // expected, DEARER * expected)
        depth = max(0, start - far)
        near = self.walked(tx, depth)
        if len(near) == self.limit or depth == 0:
            return near
        # Said often, but not lately: the rest comes from the index.
        return near + self.from_index(tx, self.limit - len(near), W.c.rowid <= depth)

    def walked(self, tx: Tx, depth: int) -> list[Hit]:
        """Row by row, the newest first, down to this id."""
        return self._hits(tx, self._places(W.c.rowid, _reads(self.wanted), W.c.rowid > depth), self.limit)

    def from_index(self, tx: Tx, limit: int, *where: sa.ColumnElement[bool]) -> list[Hit]:
        """Every hit of the index, sorted; `+ 0` hides that the primary key has this order."""
        return self._hits(tx, self._places(W.c.rowid + 0, _matching(W, self.wanted), *where).offset(0), limit)

    def _places(self, place: sa.ColumnElement[int], *where: sa.ColumnElement[bool]) -> sa.Select[int]:
        page = () if self.before is None else (W.c.rowid < self.before,)
        return sa.select(place.label("place")).where(*where, *page).order_by(place.desc())

    def _hits(self, tx: Tx, places: sa.Select[int], limit: int) -> list[Hit]:
        """In the order of the ids; a message is only read once its turn comes."""
        found = places.subquery()
        joined = sa.select(M.c.id, M.c.ticket, M.c.at, M.c.new_text).select_from(found).join(M, M.c.id == found.c.place)
        living = joined.join(T, T.c.number == M.c.ticket).where(self.among)
        rows = tx.execute(living.order_by(found.c.place.desc()).limit(limit))
        return [Hit(row.id, row.ticket, row.at, row.new_text) for row in rows]


def _expected(tx: Tx, wanted: tuple[Term, ...]) -> tuple[int, int]:
    """The last message's id, and in how many messages PostgreSQL expects the words."""
    row = tx.execute(_ESTIMATE, {"query": _tsquery(wanted)}).one()
    return max(row.last or 0, 1), max(row.expected, 1)


_ESTIMATE = sa.text(
    "SELECT (SELECT max(rowid) FROM message_words) AS last, message_words_expected(CAST(:query AS tsquery)) AS expected"
)


class _ByDialect(FunctionElement[bool]):
    """One condition, said to SQLite and to PostgreSQL."""

    type = sa.Boolean()
    inherit_cache = True

    def self_group(self, against: object = None) -> "_ByDialect":
        """As it is: SQLite's MATCH must not be compared with 1."""
        return self


@compiles(_ByDialect, "sqlite")
def _for_sqlite(element: _ByDialect, compiler: SQLCompiler, **options: object) -> str:
    match, _ = element.clauses
    return f"({compiler.process(match, **options)})"


@compiles(_ByDialect, "postgresql")
def _for_postgresql(element: _ByDialect, compiler: SQLCompiler, **options: object) -> str:
    _, vector = element.clauses
    return f"({compiler.process(vector, **options)})"


def _matching(table: sa.Table, wanted: tuple[Term, ...]) -> sa.ColumnElement[bool]:
    """All terms occur, asked of the index."""
    match = table.c.words.op("MATCH", is_comparison=True)(_fts5(wanted))
    vector = table.c.vector.op("@@", is_comparison=True)(sa.cast(_tsquery(wanted), postgresql.TSQUERY))
    return _ByDialect(match, sa.and_(vector, *_phrases(table, wanted)))


def _reads(wanted: tuple[Term, ...]) -> sa.ColumnElement[bool]:
    """The same on PostgreSQL, asked of each row: the function behind `@@`, which no index serves."""
    query = sa.cast(_tsquery(wanted), postgresql.TSQUERY)
    return sa.and_(sa.func.ts_match_vq(W.c.vector, query, type_=sa.Boolean), *_phrases(W, wanted))


def _phrases(table: sa.Table, wanted: tuple[Term, ...]) -> list[sa.ColumnElement[bool]]:
    """A tsvector counts places only up to 16,383: phrases are looked up in the words. They hold neither % nor _."""
    return [table.c.words.like(f"%{each.needle}%") for each in wanted if len(each.words) > 1]


def _fts5(wanted: tuple[Term, ...]) -> str:
    return " AND ".join(f'"{" ".join(each.words)}"{"*" if each.prefix else ""}' for each in wanted)


def _tsquery(wanted: tuple[Term, ...]) -> str:
    plain = [f"'{word}'" for each in wanted for word in (each.words[:-1] if each.prefix else each.words)]
    return " & ".join([*plain, *(f"'{each.words[-1]}':*" for each in wanted if each.prefix)])
