"""The tables of the temporal graph (docs/decisions/0015): who is who, and what was seen when.

An end of a link is written as one text: ``node/sw1``, ``server/web-07``, or ``unknown/mac:52:54:00:00:00:07`` for a
machine that nobody declared. A place is an end with its port behind a ``#``.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table, Text

from proxy_service.store.tables import metadata

END: int = 270
PLACE: int = 480

servers = Table(
    "servers",
    metadata,
    Column("name", String(63), primary_key=True),
    Column("spec", Text, nullable=False),
    Column("owner", String(63), nullable=False),
    Column("set_name", String(63), index=True),
    Column("revision", BigInteger, nullable=False),
    Column("reported", Text),
    Column("reported_at", String(27)),
)
"""Machines that use devices. ``reported``: what the server itself told last, its facts in ohai's shape."""

known = Table(
    "known",
    metadata,
    Column("who", String(END), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("marks", Text, nullable=False),
    Column("ports", Text, nullable=False),
    Column("told", String(64), nullable=False, server_default=""),
)
"""What a node or server is known by (``marks``, a JSON list), and the spellings of its ports (``ports``, a mapping).
``told`` is the hash of the facts that this was taken from."""

marks = Table(
    "marks",
    metadata,
    Column("mark", String(255), primary_key=True),
    Column("who", String(END), primary_key=True),
    Column("kind", String(20), nullable=False),
    Index("ix_marks_who", "who"),
)
"""The same by mark: ``mac:52:54:00:00:00:07``, ``name:web-07``, ``serial:...``, ``uuid:...``, ``initiator:...``."""

cabling = Table(
    "cabling",
    metadata,
    Column("cable", String(300), primary_key=True),
    Column("spec", Text, nullable=False),
    Column("owner", String(63), nullable=False),
    Column("set_name", String(63), index=True),
    Column("revision", BigInteger, nullable=False),
)
"""Cables that people declared, by their two ends."""

evidence = Table(
    "evidence",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("source", String(END), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("medium", String(10), nullable=False),
    Column("a", String(END), nullable=False),
    Column("a_port", String(200), nullable=False),
    Column("b", String(END), nullable=False),
    Column("b_port", String(200), nullable=False),
    Column("place", String(PLACE), nullable=False),
    Column("far", String(PLACE), nullable=False),
    Column("seen", String(32), nullable=False),
    Column("known_by", String(20), nullable=False),
    Column("doubt", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("first_seen", String(27), nullable=False),
    Column("missing_since", String(27)),
    Column("closed_at", String(27)),
    Column("superseded_at", String(27)),
    Column("earlier", String(32)),
    Index("ix_evidence_source", "source", "closed_at"),
    Index("ix_evidence_a", "a", "superseded_at"),
    Index("ix_evidence_b", "b", "superseded_at"),
    Index("ix_evidence_place", "place", "superseded_at"),
    Index("ix_evidence_far", "far", "superseded_at"),
)
"""One interval [``first_seen``, ``closed_at``) in which ``source`` saw one and the same thing (``seen``, a hash).

``a`` is the end at which it was seen, ``b`` the other as far as it is known; ``place`` and ``far`` are both with their
ports. ``missing_since``: the entry is not in the table any more, but may only have aged. A closed interval is shown, as
stale, until ``superseded_at``: then somebody else was seen there, or the same elsewhere. ``earlier`` is the interval of
the same machine at another place, from where it moved."""

claims = Table(
    "claims",
    metadata,
    Column("mark", String(255), primary_key=True),
    Column("evidence", String(32), ForeignKey("evidence.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_claims_evidence", "evidence"),
)
"""Which marks a piece of evidence speaks of: when one gets to be known, its other end is worked out anew."""
