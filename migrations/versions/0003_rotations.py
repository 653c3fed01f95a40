"""Rotations: in which turn each agent was last given a ticket; the row without a name counts the turns."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    rotations = op.create_table(
        "rotations",
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("agent", name="pk_rotations"),
    )
    op.bulk_insert(rotations, [{"agent": "", "turn": 0}])


def downgrade() -> None:
    op.drop_table("rotations")
