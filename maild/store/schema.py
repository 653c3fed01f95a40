"""All tables. A ticket's row is the fold of its events; rows with a `state` have one mover each."""

import sqlalchemy as sa

from maild.store.dialect import UTCDateTime, big_id, json_type

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = sa.MetaData(naming_convention=NAMING)

meta = sa.Table(
    "meta",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

counters = sa.Table(
    "counters",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("until", UTCDateTime, nullable=False),
    sa.Column("fence", sa.BigInteger, nullable=False),
)

blobs = sa.Table(
    "blobs",
    metadata,
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("content", sa.LargeBinary),  # null: the bytes are a file named by the hash
)

inbound = sa.Table(
    "inbound",
    metadata,
    sa.Column("id", big_id(), primary_key=True, autoincrement=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("via", sa.Text, nullable=False),
    sa.Column("mail_from", sa.Text),
    sa.Column("rcpt_to", json_type(), nullable=False),
    sa.Column("peer", sa.Text),
    sa.Column("authenticated_as", sa.Text),
    sa.Column("trusted", sa.Boolean, nullable=False),
    sa.Column("quiet", sa.Boolean, nullable=False),
    sa.Column("origin", sa.Text),
    sa.Column("received_at", UTCDateTime, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("leased_until", UTCDateTime),
    sa.Column("leased_by", sa.Text),
    sa.Column("handled_at", UTCDateTime),
    sa.Column("reason", sa.Text),
    sa.Column("trace", sa.Text),
    sa.Column("released_by", sa.Text),
    sa.Column("message_id", sa.Text),
    sa.Column("from_address", sa.Text),
    sa.Column("ticket", sa.BigInteger),
    sa.Column("likeness", sa.Text),  # who said what, whatever the ids and dates: to see a loop
    sa.CheckConstraint("state in ('received','filed','held','ignored','failed')", name="state"),
    sa.Index(None, "likeness", "received_at"),
    sa.Index(None, "state", "id"),
    sa.Index(None, "mail_from", "state", "id"),
)

identities = sa.Table(
    "identities",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("inbound", sa.BigInteger, nullable=False),
    sa.Column("ticket", sa.BigInteger),
)

tickets = sa.Table(
    "tickets",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("phase", sa.Text, nullable=False),
    sa.Column("priority", sa.Text, nullable=False),
    sa.Column("category", sa.Text),
    sa.Column("requester", sa.Text, nullable=False),
    sa.Column("requester_name", sa.Text, nullable=False),
    sa.Column("inbox", sa.Text, nullable=False),
    sa.Column("language", sa.Text),
    sa.Column("answerable", sa.Boolean, nullable=False),
    sa.Column("assignee", sa.Text),
    sa.Column("teams", json_type(), nullable=False),
    sa.Column("tags", json_type(), nullable=False),
    sa.Column("followers", json_type(), nullable=False),
    sa.Column("links", json_type(), nullable=False),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Column("updated_at", UTCDateTime, nullable=False),
    sa.Column("first_response_at", UTCDateTime),
    sa.Column("resolved_at", UTCDateTime),
    sa.Column("closed_at", UTCDateTime),
    sa.Column("answered_at", UTCDateTime),
    sa.Column("heard_at", UTCDateTime),
    sa.Column("due_at", UTCDateTime),
    sa.Column("followup_at", UTCDateTime),
    sa.Column("action_at", UTCDateTime),
    sa.Column("plans", json_type(), nullable=False),
    sa.Column("fields", json_type(), nullable=False),
    sa.Column("refs", json_type(), nullable=False),
    sa.Column("todos", json_type(), nullable=False),
    sa.Column("minutes", sa.Integer, nullable=False),
    sa.Column("quality", sa.Integer),
    sa.Column("rating", sa.Integer),
    sa.Column("level", sa.Integer, nullable=False),
    sa.Column("clocks", json_type()),
    sa.Column("sla_due_at", UTCDateTime),
    sa.Column("breach_cause", sa.Text),
    sa.Column("phase_at", UTCDateTime),
    sa.Column("reminded", json_type(), nullable=False),
    sa.Column("organisation", sa.Text),
    sa.Column("vip", sa.Boolean, nullable=False),
    sa.Column("merged_into", sa.BigInteger),
    sa.Column("spam", sa.Boolean, nullable=False),
    sa.Column("deleted", sa.Boolean, nullable=False),
    sa.Column("messages", sa.Integer, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Index(None, "requester", "created_at"),
    sa.Index(None, "updated_at", "number"),
    sa.Index(None, "created_at", "number"),
    sa.Index(None, "assignee", "phase"),
)

# What is being worked on, as lists show it: small however much was closed. Queries name the phases as literals.
WORKED_ON = tickets.c.phase.in_([sa.literal_column(f"'{phase}'") for phase in ("new", "active", "waiting", "hold")])
sa.Index(
    "ix_tickets_open",
    tickets.c.updated_at,
    tickets.c.number,
    sqlite_where=WORKED_ON,
    postgresql_where=WORKED_ON,
)

participants = sa.Table(
    "participants",
    metadata,
    sa.Column("ticket", sa.BigInteger, primary_key=True),
    sa.Column("address", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("standing", sa.Text, nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Index(None, "address"),
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", big_id(), primary_key=True, autoincrement=True),
    sa.Column("ticket", sa.BigInteger, nullable=False),
    sa.Column("at", UTCDateTime, nullable=False),
    sa.Column("direction", sa.Text, nullable=False),
    sa.Column("visibility", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("from_address", sa.Text),
    sa.Column("from_name", sa.Text, nullable=False),
    sa.Column("to", json_type(), nullable=False),
    sa.Column("cc", json_type(), nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("new_text", sa.Text, nullable=False),
    sa.Column("message_id", sa.Text),
    sa.Column("via", sa.Text, nullable=False),
    sa.Column("source", sa.Text),
    sa.Column("source_size", sa.BigInteger),
    sa.Column("inbound", sa.BigInteger),
    sa.Column("home", sa.BigInteger, nullable=False),  # the ticket that it was filed on, whatever merged since
    sa.Index(None, "ticket", "id"),
    sa.Index("uq_messages_inbound", "inbound", unique=True),
)

attachments = sa.Table(
    "attachments",
    metadata,
    sa.Column("message", sa.BigInteger, primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("content_type", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("inline", sa.Boolean, nullable=False),
    sa.Column("hidden", sa.Boolean, nullable=False),  # a logo that comes with every mail of its sender (UN-4d)
    sa.Column("content_id", sa.Text),
    sa.Index(None, "sha256"),
)

message_ids = sa.Table(
    "message_ids",
    metadata,
    sa.Column("message_id", sa.Text, primary_key=True),
    sa.Column("ticket", sa.BigInteger, primary_key=True),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("ticket", sa.BigInteger, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("at", UTCDateTime, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("old", json_type()),
    sa.Column("new", json_type()),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("cause", sa.Text, nullable=False),
)

timers = sa.Table(
    "timers",
    metadata,
    sa.Column("ticket", sa.BigInteger, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("due_at", UTCDateTime, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.CheckConstraint("state in ('running','paused','met','expired','cancelled')", name="state"),
    sa.Index(None, "state", "due_at"),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", big_id(), primary_key=True, autoincrement=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("ticket", sa.BigInteger),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("audience", sa.Text, nullable=False),
    sa.Column("marking", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("sender", json_type(), nullable=False),
    sa.Column("to", json_type(), nullable=False),
    sa.Column("cc", json_type(), nullable=False),
    sa.Column("reply_to", sa.Text),
    sa.Column("message_id", sa.Text, nullable=False),
    sa.Column("in_reply_to", json_type(), nullable=False),
    sa.Column("refs", json_type(), nullable=False),
    sa.Column("context", json_type(), nullable=False),
    sa.Column("message", sa.BigInteger),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Column("next_at", UTCDateTime, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("leased_until", UTCDateTime),
    sa.Column("leased_by", sa.Text),
    sa.Column("dot_at", UTCDateTime),
    sa.Column("sent_at", UTCDateTime),
    sa.Column("content", sa.Text),
    sa.Column("last_reply", sa.Text),
    sa.CheckConstraint("state in ('pending','sending','unknown','sent','failed','cancelled','bounced')", name="state"),
    sa.UniqueConstraint("message_id", "recipient"),
    sa.Index(None, "state", "next_at"),
    sa.Index(None, "recipient", "created_at"),
)

# Only what still has to leave: tiny however much was sent, so the order per ticket and person costs nothing to keep.
OPEN_MAILS = outbox.c.state.in_([sa.literal_column(f"'{state}'") for state in ("pending", "sending", "unknown")])
sa.Index(
    "ix_outbox_open",
    outbox.c.ticket,
    outbox.c.recipient,
    outbox.c.id,
    sqlite_where=OPEN_MAILS,
    postgresql_where=OPEN_MAILS,
)

addresses = sa.Table(
    "addresses",
    metadata,
    sa.Column("address", sa.Text, primary_key=True),
    sa.Column("unreachable_at", UTCDateTime),
    sa.Column("status", sa.Text),
)

# Whom agents blocked by mail; the config's list is not here (SPEC ID-6).
blocked = sa.Table(
    "blocked",
    metadata,
    sa.Column("address", sa.Text, primary_key=True),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", UTCDateTime, nullable=False),
)

# What agents said of themselves by mail: away until when, and which mails they want.
agents = sa.Table(
    "agents",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("away", sa.Boolean, nullable=False),
    sa.Column("away_until", UTCDateTime),
    sa.Column("choices", json_type(), nullable=False),
)

# Notices that wait to be told together.
digests = sa.Table(
    "digests",
    metadata,
    sa.Column("id", big_id(), primary_key=True, autoincrement=True),
    sa.Column("agent", sa.Text, nullable=False),
    sa.Column("at", UTCDateTime, nullable=False),
    sa.Column("due_at", UTCDateTime, nullable=False),
    sa.Column("ticket", sa.BigInteger, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Index(None, "due_at"),
    sa.Index(None, "agent", "due_at"),
)

# In which turn each agent was last given a ticket; the row without a name counts the turns (SPEC AS-1).
rotations = sa.Table(
    "rotations",
    metadata,
    sa.Column("agent", sa.Text, primary_key=True),
    sa.Column("turn", sa.BigInteger, nullable=False),
)

mailboxes = sa.Table(
    "mailboxes",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("folder", sa.Text, primary_key=True),
    sa.Column("uidvalidity", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("last_uid", sa.BigInteger, nullable=False),
    sa.Column("pending", json_type(), nullable=False),
    sa.Column("updated_at", UTCDateTime, nullable=False),
)
