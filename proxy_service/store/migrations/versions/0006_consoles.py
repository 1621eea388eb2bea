"""Shared consoles: what was said on them, tickets for browsers, and two scopes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_EVERYTHING = '["admin","declare","force","operate","read"]'
_EVERYTHING_NOW = '["admin","console:read","console:write","declare","force","operate","read"]'


def upgrade() -> None:
    """Add three tables. A token that could do everything can do so again."""
    op.create_table(
        "transcripts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("node", sa.String(length=63), nullable=False),
        sa.Column("agent", sa.String(length=63), nullable=False),
        sa.Column("line", sa.String(length=20), nullable=False),
        sa.Column("began_at", sa.String(length=27), nullable=False),
        sa.Column("last_at", sa.String(length=27), nullable=False),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcripts")),
    )
    with op.batch_alter_table("transcripts") as batch_op:
        batch_op.create_index(batch_op.f("ix_transcripts_node"), ["node"], unique=False)
        batch_op.create_index(batch_op.f("ix_transcripts_last_at"), ["last_at"], unique=False)
    op.create_table(
        "transcript_parts",
        sa.Column("transcript", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("records", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transcript"],
            ["transcripts.id"],
            name=op.f("fk_transcript_parts_transcript"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("transcript", "seq", name=op.f("pk_transcript_parts")),
    )
    with op.batch_alter_table("transcript_parts") as batch_op:
        batch_op.create_index(batch_op.f("ix_transcript_parts_at"), ["at"], unique=False)
    op.create_table(
        "tickets",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("node", sa.String(length=63), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("expires_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
    )
    with op.batch_alter_table("tickets") as batch_op:
        batch_op.create_index(batch_op.f("ix_tickets_expires_at"), ["expires_at"], unique=False)
    tokens = sa.table("tokens", sa.column("scopes", sa.Text()))
    op.execute(sa.update(tokens).where(tokens.c.scopes == _EVERYTHING).values(scopes=_EVERYTHING_NOW))
