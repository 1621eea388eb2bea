"""What trust needs: the service's own words (key, epoch), what became of a write, what agents do not accept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table and three columns."""
    op.create_table(
        "site",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_site")),
    )
    op.add_column("audit", sa.Column("outcome", sa.String(length=40), nullable=False, server_default="done"))
    op.add_column("agents", sa.Column("standing", sa.Text(), nullable=True))
    op.add_column("agents", sa.Column("overrules", sa.Text(), nullable=True))
