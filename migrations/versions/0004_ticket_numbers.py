"""Ticket numbers by a sequence on PostgreSQL, so that new tickets of several workers don't wait for each other."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(sa.text("CREATE SEQUENCE ticket_numbers AS bigint"))
    op.execute(sa.text("SELECT setval('ticket_numbers', value) FROM counters WHERE name = 'ticket'"))
    op.execute(sa.text("DELETE FROM counters WHERE name = 'ticket'"))


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(sa.text("INSERT INTO counters SELECT 'ticket', max(number) FROM tickets HAVING max(number) IS NOT NULL"))
    op.execute(sa.text("DROP SEQUENCE ticket_numbers"))
