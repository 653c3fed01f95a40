"""Full-text search: an index of the words of every message and every ticket."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from maild.tickets.words import document

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BATCH = 500
TABLES = ("message_words", "ticket_words")
MESSAGES = sa.text(
    "SELECT id, subject, new_text, from_name, from_address FROM messages WHERE id > :last ORDER BY id LIMIT :most"
)
TICKETS = sa.text(
    "SELECT number AS id, subject, requester_name, requester FROM tickets WHERE number > :last "
    "ORDER BY number LIMIT :most"
)
PEOPLE = sa.text("SELECT ticket, name, address FROM participants WHERE ticket BETWEEN :first AND :last ORDER BY place")


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name in TABLES:
        op.execute(_virtual(name) if sqlite else _table(name))
    if not sqlite:
        # An index of a million messages takes minutes, which the program's own limits would end.
        op.execute("SET LOCAL statement_timeout = 0")
        op.execute("SET LOCAL maintenance_work_mem = '256MB'")
    _fill()
    if not sqlite:
        _index()


def _virtual(name: str) -> str:
    # The words are cut already: `ascii` only parts them at the spaces.
    return f"CREATE VIRTUAL TABLE {name} USING fts5(words, tokenize = 'ascii')"


def _table(name: str) -> str:
    return (
        f"CREATE TABLE {name} (rowid bigint PRIMARY KEY, words text NOT NULL, vector tsvector NOT NULL "
        "GENERATED ALWAYS AS (array_to_tsvector(string_to_array(btrim(words, ' '), ' '))) STORED)"
    )


def _index() -> None:
    """The estimate of a word's hits picks the plan of a search: it needs to know more words than by default."""
    for name in TABLES:
        # Every search reads the list of what is not sorted in yet: it stays short.
        op.execute(f"CREATE INDEX ix_{name}_vector ON {name} USING gin (vector) WITH (gin_pending_list_limit = 256)")
        op.execute(f"ALTER TABLE {name} ALTER COLUMN words SET STATISTICS 0, ALTER COLUMN vector SET STATISTICS 500")
        op.execute(f"ALTER TABLE {name} SET (autovacuum_analyze_scale_factor = 0.05)")
        op.execute(f"ANALYZE {name}")
    op.execute(
        "CREATE FUNCTION message_words_expected(query tsquery) RETURNS bigint LANGUAGE plpgsql AS $$ "
        "DECLARE plan json; BEGIN "
        "EXECUTE format('EXPLAIN (FORMAT JSON) SELECT 1 FROM message_words WHERE vector @@ %L::tsquery', query) "
        "INTO plan; RETURN (plan->0->'Plan'->>'Plan Rows')::numeric::bigint; END $$"
    )


def _fill() -> None:
    for rows in _batches(MESSAGES):
        texts = ((row.subject, row.new_text, row.from_name, row.from_address or "") for row in rows)
        _put("message_words", [(row.id, document(*each)) for row, each in zip(rows, texts, strict=True)])
    for rows in _batches(TICKETS):
        people: dict[int, list[str]] = {row.id: [row.requester_name, row.requester] for row in rows}
        for each in op.get_bind().execute(PEOPLE, {"first": rows[0].id, "last": rows[-1].id}):
            if each.ticket in people:
                people[each.ticket] += [each.name, each.address]
        _put("ticket_words", [(row.id, document(row.subject, *people[row.id])) for row in rows])


def _batches(query: sa.TextClause) -> Iterator[list[sa.Row]]:
    """By the key, so that each costs the same however many there are."""
    last = 0
    while rows := list(op.get_bind().execute(query, {"last": last, "most": BATCH})):
        yield rows
        last = rows[-1].id


def _put(name: str, rows: list[tuple[int, str]]) -> None:
    table = sa.table(name, sa.column("rowid"), sa.column("words"))
    op.get_bind().execute(sa.insert(table), [{"rowid": which, "words": said} for which, said in rows])


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION message_words_expected(tsquery)")
    for name in reversed(TABLES):
        op.execute(f"DROP TABLE {name}")
