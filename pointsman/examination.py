"""What `doctor` looks at: each check answers findings, and one that fails keeps no other from being made."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from pointsman import __version__
from pointsman.client import Client, Json
from pointsman.lab import can_make_lab
from pointsman.origin import HOME, foreign_packages
from pointsman.problems import PointsmanError, ServiceRefused
from pointsman.show.tables import converged_text
from pointsman.show.text import ago, parse_time
from pointsman.show.waiting import why_late

Verdict = Literal["ok", "warning", "failed"]

LARGEST_SKEW_S: Final = 10.0
_MOST_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    check: str
    verdict: Verdict
    message: str


async def examine(client: Client) -> list[Finding]:
    """Everything: this installation, the service and what it knows, and whether the lab can be made here."""
    findings = installation()
    findings += await service(client)
    able, reason = await asyncio.to_thread(can_make_lab)
    findings.append(Finding("lab", "ok" if able else "warning", reason))
    return findings


def installation() -> list[Finding]:
    """Whether the packages are ours."""
    foreign = foreign_packages()
    if foreign:
        return [Finding("packages", "failed", sentence) for sentence in foreign]
    return [Finding("packages", "ok", f"pointsman {__version__} in {HOME}; all of its packages are its own")]


async def service(client: Client) -> list[Finding]:
    """The service, our token, the clocks, the agents and the nodes; as far as we may look."""
    try:
        ready = await client.outside("/readyz")
    except PointsmanError as error:
        return [Finding("service", "failed", error.sentence)]
    findings = [Finding("service", "ok", f"{client.endpoint.url} answers and is ready"), clocks(ready.get("at"))]
    try:
        nodes = await client.list("nodes")
        agents = await client.list("agents")
    except ServiceRefused as error:
        return [*findings, Finding("token", "failed", error.sentence)]
    findings.append(await token(client))
    findings += [agent(item) for item in agents] or [
        Finding("agents", "warning", "no agent has joined: make a join token and start `pointsman agent run`")
    ]
    findings += [node(item) for item in nodes] or [Finding("nodes", "ok", "no nodes are declared")]
    return findings


def clocks(at: object) -> Finding:
    """How far the service's clock is from ours."""
    theirs = parse_time(at)
    if theirs is None:
        return Finding("clocks", "warning", "the service did not tell its time, so the clocks cannot be compared")
    skew_s = abs((theirs - datetime.now(UTC)).total_seconds())
    if skew_s > LARGEST_SKEW_S:
        message = f"this clock and the service's are {skew_s:.0f} s apart: have both follow NTP"
        return Finding("clocks", "warning", message)
    return Finding("clocks", "ok", "this clock and the service's agree")


async def token(client: Client) -> Finding:
    """Whether our token is good, and what it may do where the service tells."""
    try:
        await client.call("GET", "/tokens")
    except ServiceRefused as error:
        if error.status != 403:
            return Finding("token", "failed", error.sentence)
        return Finding("token", "ok", "the token may read; it may not administer")
    return Finding("token", "ok", "the token may read and administer")


def agent(item: Json) -> Finding:
    """Whether an agent is there, and believes the service."""
    if item.get("standing"):
        nodes = ", ".join(refused["node"] for refused in item["standing"][:_MOST_NAMED])
        message = (
            f"has accepted something newer than this service knows, and keeps {len(item['standing'])} nodes ({nodes}) "
            "as they are: see `pointsman overrule --all`"
        )
        return Finding(f"agent {item['name']}", "failed", message)
    if item["connected"]:
        return Finding(f"agent {item['name']}", "ok", f"connected, version {item.get('version')}")
    message = f"away, last heard {ago(item.get('last_seen'))}: look at its process and at its way to the service"
    return Finding(f"agent {item['name']}", "warning", message)


def node(item: Json) -> Finding:
    """Whether a node is as declared."""
    if converged_text(item) == "yes":
        return Finding(f"node {item['name']}", "ok", f"converged at generation {item['status']['generation']}")
    return Finding(f"node {item['name']}", "warning", why_late(item))
