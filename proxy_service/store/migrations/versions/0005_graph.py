"""The temporal graph: who is who, evidence in intervals, servers and declared cables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add six tables. What agents saw before is asked of them again, so that it gets into the graph."""
    _people()
    _evidence()
    op.execute("UPDATE statuses SET links_hash = NULL, facts_hash = NULL")


def _people() -> None:
    op.create_table(
        "servers",
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=63), nullable=False),
        sa.Column("set_name", sa.String(length=63), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("reported", sa.Text(), nullable=True),
        sa.Column("reported_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_servers")),
    )
    with op.batch_alter_table("servers") as batch_op:
        batch_op.create_index(batch_op.f("ix_servers_set_name"), ["set_name"], unique=False)

    op.create_table(
        "known",
        sa.Column("who", sa.String(length=270), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("ports", sa.Text(), nullable=False),
        sa.Column("told", sa.String(length=64), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("who", name=op.f("pk_known")),
    )
    op.create_table(
        "marks",
        sa.Column("mark", sa.String(length=255), nullable=False),
        sa.Column("who", sa.String(length=270), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("mark", "who", name=op.f("pk_marks")),
    )
    with op.batch_alter_table("marks") as batch_op:
        batch_op.create_index("ix_marks_who", ["who"], unique=False)

    op.create_table(
        "cabling",
        sa.Column("cable", sa.String(length=300), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=63), nullable=False),
        sa.Column("set_name", sa.String(length=63), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("cable", name=op.f("pk_cabling")),
    )
    with op.batch_alter_table("cabling") as batch_op:
        batch_op.create_index(batch_op.f("ix_cabling_set_name"), ["set_name"], unique=False)


def _evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=270), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("medium", sa.String(length=10), nullable=False),
        sa.Column("a", sa.String(length=270), nullable=False),
        sa.Column("a_port", sa.String(length=200), nullable=False),
        sa.Column("b", sa.String(length=270), nullable=False),
        sa.Column("b_port", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=480), nullable=False),
        sa.Column("far", sa.String(length=480), nullable=False),
        sa.Column("seen", sa.String(length=32), nullable=False),
        sa.Column("known_by", sa.String(length=20), nullable=False),
        sa.Column("doubt", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("first_seen", sa.String(length=27), nullable=False),
        sa.Column("missing_since", sa.String(length=27), nullable=True),
        sa.Column("closed_at", sa.String(length=27), nullable=True),
        sa.Column("superseded_at", sa.String(length=27), nullable=True),
        sa.Column("earlier", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    with op.batch_alter_table("evidence") as batch_op:
        batch_op.create_index("ix_evidence_a", ["a", "superseded_at"], unique=False)
        batch_op.create_index("ix_evidence_b", ["b", "superseded_at"], unique=False)
        batch_op.create_index("ix_evidence_far", ["far", "superseded_at"], unique=False)
        batch_op.create_index("ix_evidence_place", ["place", "superseded_at"], unique=False)
        batch_op.create_index("ix_evidence_source", ["source", "closed_at"], unique=False)

    op.create_table(
        "claims",
        sa.Column("mark", sa.String(length=255), nullable=False),
        sa.Column("evidence", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["evidence"], ["evidence.id"], name=op.f("fk_claims_evidence"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("mark", "evidence", name=op.f("pk_claims")),
    )
    with op.batch_alter_table("claims") as batch_op:
        batch_op.create_index("ix_claims_evidence", ["evidence"], unique=False)
