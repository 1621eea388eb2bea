"""Since when a node is there: one that was deleted and declared anew is younger, though its generations begin anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column."""
    op.add_column("nodes", sa.Column("born", sa.BigInteger(), nullable=False, server_default="0"))
