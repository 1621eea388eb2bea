"""What time does to evidence: entries of MAC tables whose grace is over end, and what ended long ago is forgotten."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from proxy_service import clock
from proxy_service.graph.links import FDB_GRACE_S
from proxy_service.graph.looking_up import name_in
from proxy_service.graph.resolving import NODE
from proxy_service.store import Unit
from proxy_service.store import graph_tables as g
from proxy_service.store import tables as t

_e = g.evidence.c
_HEARD: Final = (
    sa.select(t.statuses.c.node)
    .where(t.statuses.c.node == name_in(_e.source, NODE), t.statuses.c.last_seen > sa.bindparam("heard", type_=sa.Text))
    .exists()
)


def age(unit: Unit, *, kept_s: float) -> None:
    """Close what has been missing for longer than its grace by a source that is read, and delete what is over."""
    unit.execute(
        sa.update(g.evidence)
        .where(_e.closed_at.is_(None), _e.missing_since < clock.now_text(plus_s=-2 * FDB_GRACE_S), _HEARD)
        .values(closed_at=_e.missing_since),
        {"heard": clock.now_text(plus_s=-FDB_GRACE_S)},
    )
    oldest = clock.now_text(plus_s=-kept_s)
    for column in (_e.closed_at, _e.superseded_at):
        unit.execute(sa.delete(g.evidence).where(column < oldest))
