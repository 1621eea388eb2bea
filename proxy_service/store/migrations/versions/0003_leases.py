"""Several agents in one location: who holds which node, by a lease."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NAMES = {"uq": "%(table_name)s_%(column_0_name)s_key"}
"""What PostgreSQL calls a constraint that was given no name; SQLite's have none, and are known by this one here."""


def upgrade() -> None:
    """Add a table and three columns; a location may have several agents."""
    with op.batch_alter_table("agents", naming_convention=_NAMES) as batch_op:
        batch_op.drop_constraint("agents_location_key", type_="unique")
        batch_op.create_index(batch_op.f("ix_agents_location"), ["location"], unique=False)
        batch_op.add_column(sa.Column("shares", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("lease_ends_at", sa.String(length=27), nullable=True))
        batch_op.add_column(sa.Column("lease_ms", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "leases",
        sa.Column("node", sa.String(length=63), nullable=False),
        sa.Column("location", sa.String(length=63), nullable=False),
        sa.Column("agent", sa.String(length=63), nullable=True),
        sa.Column("left_by", sa.String(length=63), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("node", name=op.f("pk_leases")),
    )
    with op.batch_alter_table("leases") as batch_op:
        batch_op.create_index(batch_op.f("ix_leases_agent"), ["agent"], unique=False)
        batch_op.create_index(batch_op.f("ix_leases_location"), ["location"], unique=False)
