"""The graph of 10,000 nodes and 50,000 links, asked through the store's own views, on SQLite.

500 groups of 20 switches: each is cabled to its nearest neighbours in the group, and to others at random, so that a
walk from any of them spreads. Every cable is seen from both sides. What is measured are the functions behind the
routes, without HTTP; a quiet poll is counted in rows that SQLite says it changed.
"""

import random
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import orjson
import sqlalchemy as sa

from benchmarks.figures import Figure, Result, median
from benchmarks.stage import Row, Stage
from device_profiles.documents import Identity
from device_profiles.links import Neighbour
from proxy_service import clock
from proxy_service.graph import people, reading, sights, tracing, walking
from proxy_service.store import Cause, Rows, Store, Unit, open_store
from proxy_service.store import tables as t

_NODES: Final = 10_000
_LINKS: Final = 50_000
_BATCH: Final = 1_000
_ASKED: Final = 25
_CAUSE: Final = Cause(action="bench")
Cables = dict[str, list[tuple[str, str, str]]]
"""By node: its port, the other node, and the port there."""


async def _measure(stage: Stage) -> Result:
    cables = _cables()
    async with open_store(f"sqlite:///{stage.folder / 'graph.db'}") as store:
        stage.tell(f"declaring {_NODES} nodes")
        await store.unit(_CAUSE, _declare, list(cables))
        start = clock.now() - timedelta(seconds=100)
        ingest_s = []
        names = list(cables)
        for at in range(0, _NODES, _BATCH):
            stage.tell(f"{at} of {_NODES} nodes have told their neighbours")
            began = time.perf_counter()
            await store.unit(_CAUSE, _see, {name: cables[name] for name in names[at : at + _BATCH]}, clock.text(start))
            ingest_s.append(time.perf_counter() - began)
        then = clock.text(clock.now())
        moved = {name: cables[name][1:] for name in names[:_BATCH]}
        await store.unit(_CAUSE, _see, moved, clock.now_text())
        rows = await store.unit(_CAUSE, _rows_of, moved, clock.now_text())
        return Result(figures=await _figures(store, names, ingest_s, rows, then), remarks=(_remark(cables),))


async def _figures(store: Store, names: list[str], ingest_s: list[float], rows: int, then: str) -> tuple[Figure, ...]:
    roots = random.Random(2).sample(names[_BATCH:], _ASKED)
    ask: dict[str, Callable[[Rows, str], Any]] = {
        "depth-2 topology, median": lambda view, root: walking.topology(
            view, root=root, depth=2, medium=None, at=None, limit=reading.MOST
        ),
        "the same as of another time": lambda view, root: walking.topology(
            view, root=root, depth=2, medium=None, at=then, limit=reading.MOST
        ),
        "links of a node, median": lambda view, root: reading.links_of(
            view, node=root, at=None, state=None, limit=reading.MOST
        ),
        "the same as of another time, links": lambda view, root: reading.links_of(
            view, node=root, at=then, state=None, limit=reading.MOST
        ),
        "a page of all links": lambda view, root: reading.links_of(
            view, node=None, at=None, state=None, limit=1_000, cursor=f"node/{root}#"
        ),
        "trace, median": lambda view, root: tracing.trace(view, server=root, mac=None, at=None),
    }
    goals = {"depth-2 topology, median": 100.0}
    found = []
    for name, work in ask.items():
        took = [await _timed(store, work, root) for root in roots]
        found.append(Figure(name=name, value=median(took) * 1000, unit="ms", goal=goals.get(name)))
    return (
        *found,
        Figure(name=f"ingest of {_BATCH} nodes' links, median", value=median(ingest_s), unit="s"),
        Figure(name="rows written by an unchanged poll", value=rows, unit="", goal=0),
    )


async def _timed(store: Store, work: Callable[[Rows, str], Any], root: str) -> float:
    began = time.perf_counter()
    orjson.dumps(await store.view(work, root))
    return time.perf_counter() - began


def _cables() -> Cables:
    chance = random.Random(1)
    names = [f"sw{number:05}" for number in range(_NODES)]
    found: Cables = {name: [] for name in names}
    for number in range(_LINKS):
        one = number % _NODES
        near = number < _NODES * 3
        other = one // 20 * 20 + (one + number // _NODES + 1) % 20 if near else chance.randrange(_NODES)
        a, b = names[one], names[other if other != one else (one + 1) % _NODES]
        port, far = f"p{len(found[a]) + 1}", f"p{len(found[b]) + 1 + (a == b)}"
        found[a].append((port, b, far))
        found[b].append((far, a, port))
    return found


def _declare(unit: Unit, names: list[str]) -> None:
    texts = dict.fromkeys(("owner", "desired_hash"), "x")
    node = {"location": "bench", "kind": "switch", "profile": "openvswitch", "revision": 1, "generation": 1}
    more = {"generation_at": unit.at, "spec": "{}", "desired": "{}", "held": "[]"}
    unit.execute(sa.insert(t.nodes), [{**texts, **node, **more, "name": name} for name in names])
    people.nodes_declared(unit, {name: ("switch", Identity()) for name in names})
    status = {"agent": "x", "converged_generation": 1, "conditions": "[]", "drift": "[]", "drifting": 0}
    unit.execute(
        sa.insert(t.statuses), [{**status, "identity": "{}", "last_seen": unit.at, "node": name} for name in names]
    )


def _see(unit: Unit, cables: Cables, at: str) -> None:
    for name, ends in cables.items():
        seen = tuple(
            Neighbour(port=port, kind="lldp", name=other, remote_port=far, chassis_id=f"id of {other}")
            for port, other, far in ends
        )
        sights.take(unit, name, [sights.Sight(at=at, links=seen)])


def _rows_of(unit: Unit, cables: Cables, at: str) -> int:
    """How many rows the same again changes."""
    before = int(unit.value(sa.select(sa.func.total_changes())))
    _see(unit, cables, at)
    return int(unit.value(sa.select(sa.func.total_changes()))) - before


def _remark(cables: Cables) -> str:
    total = sum(map(len, cables.values()))
    return f"{len(cables)} nodes, {total // 2} cables seen from both sides; {_ASKED} questions each, from random nodes"


ROW = Row(name="graph", sentence="the graph of 10,000 nodes and 50,000 links", measure=_measure)
