"""CPU of the service per post of a facts report, every one a changed document of 39 kB.

The poster is this process, over a Unix socket; what is counted is the CPU clock of the service's process alone. On
PostgreSQL the server's own CPU is not in the figure.
"""

from datetime import UTC, datetime
from typing import Any, Final

import httpx
import orjson

from benchmarks import postgres
from benchmarks.figures import Figure, Result
from benchmarks.service import Enrolment, RunningService, enrol, running_service
from benchmarks.stage import Row, Stage
from device_profiles.facts import digest
from device_profiles.wire import WIRE_SCHEMA

DOCUMENT_BYTES: Final = 39_000
_GOAL_MS: Final = 1.5
_WARM_UP: Final = 100
_POSTS: Final = 500
_NODE: Final = "sw1"


async def _measure(stage: Stage) -> Result:
    figures = [await _on(stage, "SQLite", None)]
    remarks = [f"{_POSTS} posts of {DOCUMENT_BYTES / 1000:.0f} kB each, every document another one"]
    lacking = postgres.lacking()
    if lacking:
        remarks.append(f"not on PostgreSQL: {lacking}")
    else:
        with postgres.database() as url:
            figures.append(await _on(stage, "PostgreSQL", url))
    return Result(figures=tuple(figures), remarks=tuple(remarks))


async def _on(stage: Stage, name: str, database: str | None) -> Figure:
    stage.tell(f"posting to a service on {name}")
    async with running_service(stage, name=f"service-{name}", database=database, measured=True) as service:
        await service.client.put("locations", "bench", {})
        await service.client.put("nodes", _NODE, _node_spec())
        per_post_ms = await _post(service, await enrol(service, agent="poster", location="bench"))
    return Figure(name=f"service CPU per post, {name}", value=per_post_ms, unit="ms", goal=_GOAL_MS)


async def _post(service: RunningService, agent: Enrolment) -> float:
    """CPU milliseconds of the service per post."""
    headers = {"Authorization": f"Bearer {agent.token}", "Content-Type": "application/json"}
    bodies = [_body(seq, agent.fence) for seq in range(1, _WARM_UP + _POSTS + 1)]
    transport = httpx.AsyncHTTPTransport(uds=str(service.socket))
    async with httpx.AsyncClient(transport=transport, base_url="http://pointsman", headers=headers) as http:
        before_s = 0.0
        for number, body in enumerate(bodies):
            if number == _WARM_UP:
                before_s = service.child.cpu_s()
            answer = await http.post(f"/v1/agents/{agent.name}/reports", content=body, timeout=10)
            answer.raise_for_status()
            if answer.json()["last_seq"] != number + 1:
                raise RuntimeError(f"the service did not store report {number + 1}: {answer.text[:300]}")
        return (service.child.cpu_s() - before_s) / _POSTS * 1000


def _node_spec() -> dict[str, Any]:
    return {"profile": "openvswitch", "location": "bench", "access": ["ssh://root@192.0.2.1"]}


def _body(seq: int, fence: int) -> bytes:
    facts = facts_document(seq)
    report = {
        "seq": seq,
        "fence": fence,
        "node": _NODE,
        "at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "facts": facts,
        "facts_hash": digest(facts),
    }
    return orjson.dumps({"schema": WIRE_SCHEMA, "reports": [report]})


def facts_document(turn: int) -> dict[str, Any]:
    """Facts of a switch with as many ports as make 39 kB; each ``turn`` a port has another MTU and state."""
    facts: dict[str, Any] = {
        "platform": "openvswitch",
        "platform_version": "3.1.0",
        "hostname": _NODE,
        "fqdn": f"{_NODE}.example.net",
        "uptime_seconds": 1000 + turn,
        "dmi": {"system": {"manufacturer": "Example", "product_name": "Switch", "serial_number": f"S-{turn}"}},
    }
    interfaces: dict[str, Any] = {}
    facts["network"] = {"interfaces": interfaces}
    size, number = len(orjson.dumps(facts)), 0
    while size < DOCUMENT_BYTES:
        number += 1
        interfaces[f"p{number}"] = entry = _interface(number, changed=number == turn % 48 + 1, turn=turn)
        size += len(orjson.dumps(entry)) + len(f'"p{number}":,')
    return facts


def _interface(number: int, *, changed: bool, turn: int) -> dict[str, Any]:
    address = f"52:54:00:00:{number >> 8:02x}:{number & 255:02x}"
    return {
        "addresses": {
            address: {"family": "lladdr"},
            f"10.1.{number >> 8}.{number & 255}": {"family": "inet", "prefixlen": "24", "scope": "Global"},
        },
        "state": "up" if number % 3 else "down",
        "mtu": str(1500 + turn % 7000) if changed else "1500",
        "type": "ethernet",
        "encapsulation": "Ethernet",
        "flags": ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"],
        "number": str(number),
    }


ROW = Row(name="facts-post", sentence="CPU of the service per post of a changed 39 kB facts report", measure=_measure)
