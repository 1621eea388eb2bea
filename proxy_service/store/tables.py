"""The tables. Documents are kept as the JSON text that was validated; what is searched or locked has a column.

Times are texts of one sortable form (:mod:`proxy_service.clock`). Nothing here is specific to a database. What
belongs to a node goes with it (``ON DELETE CASCADE``).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)


def _of_node(name: str = "node") -> Column[Any]:
    return Column(name, String(63), ForeignKey("nodes.name", ondelete="CASCADE"), primary_key=True)


counters = Table(
    "counters",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("value", BigInteger, nullable=False),
    Column("pruned", BigInteger, nullable=False),
)
"""Two rows. ``events``: the last event id given, locked as the last thing of every unit, so that ids follow the order
of commits; ``pruned`` is the newest id that was forgotten. ``declare``: the last revision; who declares holds it."""

locations = Table(
    "locations",
    metadata,
    Column("name", String(63), primary_key=True),
    Column("spec", Text, nullable=False),
    Column("owner", String(63), nullable=False),
    Column("set_name", String(63), index=True),
    Column("revision", BigInteger, nullable=False),
)

nodes = Table(
    "nodes",
    metadata,
    Column("name", String(63), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("profile", String(63), nullable=False),
    Column("location", String(63), nullable=False, index=True),
    Column("spec", Text, nullable=False),
    Column("owner", String(63), nullable=False),
    Column("set_name", String(63), index=True),
    Column("revision", BigInteger, nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("generation_at", String(27), nullable=False),
    Column("born", BigInteger, nullable=False, server_default="0"),
    Column("desired", Text, nullable=False),
    Column("desired_hash", String(64), nullable=False),
    Column("held", Text, nullable=False),
    Column("paused_until", String(27), index=True),
    Column("pause_reason", Text),
)
"""``born``: the revision in which the node was declared first. One that was deleted and declared anew counts its
generations from the beginning, and is younger."""

node_labels = Table(
    "node_labels",
    metadata,
    _of_node(),
    Column("key", String(63), primary_key=True),
    Column("value", String(63), nullable=False),
    Index("ix_node_labels_key_value", "key", "value"),
)

roles = Table(
    "roles",
    metadata,
    Column("name", String(63), primary_key=True),
    Column("spec", Text, nullable=False),
    Column("owner", String(63), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("labels", Text, index=False),
    Column("set_name", String(63), index=True),
    Column("revision", BigInteger, nullable=False),
)
"""``labels``: the selector as JSON; NULL where the role selects no labels."""

reach = Table(
    "reach",
    metadata,
    Column("role", String(63), ForeignKey("roles.name", ondelete="CASCADE"), primary_key=True),
    Column("node", String(63), primary_key=True, index=True),
    Column("named", Boolean, nullable=False),
)
"""Which nodes a role reaches. ``named``: the role names it, whether or not such a node is there yet."""

agents = Table(
    "agents",
    metadata,
    Column("name", String(63), primary_key=True),
    Column("location", String(63), nullable=False, index=True),
    Column("version", String(200), nullable=False),
    Column("drivers", Text, nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("token", String(32), nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("enrolled_at", String(27), nullable=False),
    Column("last_seen", String(27), nullable=False),
    Column("stream", String(32)),
    Column("standing", Text),
    Column("overrules", Text),
    Column("shares", Integer, nullable=False, server_default="0"),
    Column("lease_ends_at", String(27)),
    Column("lease_ms", Integer, nullable=False, server_default="0"),
)
"""``stream`` names the open assignment stream; NULL when there is none. ``standing``: what the agent does not accept
from us (:class:`device_profiles.signing.Refusal`); ``overrules`` (node to mark): instead of what it shall accept ours
all the same. ``shares``: whether it holds nodes by leases (1), which all end at ``lease_ends_at``, or for ever (0);
``lease_ms``: how long the last was."""

leases = Table(
    "leases",
    metadata,
    Column("node", String(63), primary_key=True),
    Column("location", String(63), nullable=False, index=True),
    Column("agent", String(63), index=True),
    Column("left_by", String(63)),
    Column("fence", BigInteger, nullable=False),
    Column("ends_at", String(27), nullable=False),
)
"""Who holds a node where agents share a location (:mod:`proxy_service.agents.sharing`). A lease outlives its node:
whoever had it may write until it has ended, and a new node of that name waits."""

statuses = Table(
    "statuses",
    metadata,
    _of_node(),
    Column("agent", String(63), nullable=False),
    Column("converged_generation", BigInteger, nullable=False),
    Column("conditions", Text, nullable=False),
    Column("drift", Text, nullable=False),
    Column("drifting", Integer, nullable=False),
    Column("last_pass", String(64)),
    Column("last_seen", String(27)),
    Column("identity", Text, nullable=False),
    Column("observed_hash", String(64)),
    Column("facts_hash", String(64)),
    Column("links_hash", String(64)),
)

documents = Table(
    "documents",
    metadata,
    _of_node(),
    Column("part", String(20), primary_key=True),
    Column("at", String(27), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("body", Text, nullable=False),
)
"""What was reported last, whole: ``observed``, ``operation``, ``facts``, ``links``, ``ledger``, ``plan``."""

passes = Table(
    "passes",
    metadata,
    _of_node(),
    Column("id", String(64), primary_key=True),
    Column("started_at", String(27), nullable=False),
    Column("ended_at", String(27), nullable=False, index=True),
    Column("generation", BigInteger, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_passes_node_started_at", "node", "started_at"),
)

requests = Table(
    "requests",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("agent", String(63), nullable=False),
    Column("node", String(63), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("body", Text, nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("made_at", String(27), nullable=False),
    Column("deadline", String(27), nullable=False, index=True),
    Column("state", String(20), nullable=False),
    Column("answer", Text),
    Column("token", String(32), nullable=False),
    Index("ix_requests_agent_state", "agent", "state"),
)

events = Table(
    "events",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String(27), nullable=False, index=True),
    Column("type", String(40), nullable=False),
    Column("node", String(63)),
    Column("role", String(63)),
    Column("data", Text, nullable=False),
)

feed = Table(
    "feed",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String(27), nullable=False, index=True),
    Column("location", String(63), nullable=False),
    Column("node", String(63), nullable=False),
    Column("request", String(32)),
    Index("ix_feed_location_id", "location", "id"),
)
"""What the agent of a location has to hear, numbered like the events: a node that is new, changed or gone, or a
request. It says only which; the stream sends how it is now."""

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("name", String(63), nullable=False),
    Column("owner", String(63), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("limits", Text, nullable=False),
    Column("location", String(63)),
    Column("agent", String(63)),
    Column("uses_left", Integer),
    Column("made_at", String(27), nullable=False),
    Column("expires_at", String(27)),
    Column("revoked_at", String(27)),
)

audit = Table(
    "audit",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("at", String(27), nullable=False, index=True),
    Column("token", String(32), nullable=False),
    Column("owner", String(63), nullable=False),
    Column("action", String(200), nullable=False),
    Column("document_hash", String(64)),
    Column("revision", BigInteger),
    Column("event", BigInteger, nullable=False),
    Column("generations", Text, nullable=False),
    Column("outcome", String(40), nullable=False, server_default="done"),
)
"""Who wrote what. ``generations`` (node to generation) joins a write to the passes that it caused; ``outcome`` is
``done``, or the slug with which it was refused."""

site = Table("site", metadata, Column("name", String(40), primary_key=True), Column("value", Text, nullable=False))
"""What the service knows of itself, whichever replica it is (:mod:`proxy_service.trust.site`): its ``epoch``, its
signing ``key``, the chain of public ``keys``, and the highest ``fence`` of agents that are gone."""

idempotency = Table(
    "idempotency",
    metadata,
    Column("token", String(32), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("request_hash", String(64), nullable=False),
    Column("at", String(27), nullable=False, index=True),
    Column("status", Integer),
    Column("media_type", String(100)),
    Column("body", Text),
)
"""Answers to POST calls that bore an ``Idempotency-Key``. ``status`` is NULL while the call is under way."""

transcripts = Table(
    "transcripts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("node", String(63), nullable=False, index=True),
    Column("agent", String(63), nullable=False),
    Column("line", String(20), nullable=False),
    Column("began_at", String(27), nullable=False),
    Column("last_at", String(27), nullable=False, index=True),
    Column("ended_at", String(27)),
    Column("reason", String(40), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("place", String(32)),
)
"""Sessions of shared consoles. ``id`` is also that of the agent's stream; ``seq`` the last record on disk, ``place`` is
who serves it (a process; NULL: none does just now), ``last_at`` when it last said so."""

transcript_parts = Table(
    "transcript_parts",
    metadata,
    Column("transcript", String(32), ForeignKey("transcripts.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String(27), nullable=False, index=True),
    Column("bytes", BigInteger, nullable=False),
    Column("records", LargeBinary, nullable=False),
)
"""What was said, in order of ``seq`` (that of the last record of a part), packed by :mod:`device_profiles.console`."""

tickets = Table(
    "tickets",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("node", String(63), nullable=False),
    Column("token", String(32), nullable=False),
    Column("expires_at", String(27), nullable=False, index=True),
)
"""One-use tickets to the console of a node, in place of the token that made them."""
