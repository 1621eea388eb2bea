"""The two racks that the demo can show: the lab of real parts, and twins that need no privilege.

Either gives the nodes of the document (their profile, access and credentials; the roles come from `rack.yaml`), the
secrets that open them, and the command that puts a process where they can be reached. What stands in the rack is said
in :mod:`pointsman.demo.parts`.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from pointsman.demo.parts import PARTS, Part
from pointsman.lab import Lab, LabError, can_make_lab
from pointsman.problems import PointsmanError
from pointsman.show.progress import steps

LOCATION: Final = "rack-a"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A credential by its name, and the hosts that it may be sent to."""

    name: str
    text: str = field(repr=False)
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rack:
    """A rack that is up. ``inside`` goes before a command that shall run where the devices can be reached."""

    title: str
    nodes: Mapping[str, Mapping[str, Any]]
    secrets: tuple[Secret, ...]
    inside: tuple[str, ...] = ()
    isolated: bool = False
    """Whether the devices' network has no way to the service but a Unix socket."""


def node_document(part: Part, *, name: str, profile: str, access: list[str], host_key: str | None) -> dict[str, Any]:
    """One node of the rack, with the labels by which the document's roles find it."""
    return {
        "profile": profile,
        "location": LOCATION,
        "access": access,
        **({"credentials": part.credential} if part.credential else {}),
        "labels": {"rack": "demo", "tier": part.tier, "unit": name},
        "identity": {"ssh_host_key": host_key} if host_key else {},
    }


def choose_lab(*, twins: bool) -> tuple[bool, str]:
    """Whether to show the lab of real parts, and why not where it is twins."""
    if twins:
        return False, "as --twins asks for"
    able, reason = can_make_lab()
    return able, reason if able else f"no lab of real parts here: {reason}"


@asynccontextmanager
async def lab_rack(name: str, *, keep: bool, say: Say) -> AsyncIterator[Rack]:
    """The lab of real parts, for as long as the block lasts (longer with ``keep``). Raises PointsmanError."""
    with steps(f"bringing up the lab {name}") as step:
        lab = await _lab_up(name, step)
    try:
        yield await asyncio.to_thread(_rack_of, lab)
    finally:
        if keep:
            say(f"the lab is kept: `pointsman lab down --lab {name}` takes it down")
        else:
            with steps(f"taking down the lab {name}"):
                await asyncio.to_thread(lab.down)


class _Stopped(Exception):
    """The lab shall not be finished: it removes what it began."""


async def _lab_up(name: str, tell: Say) -> Lab:
    """Bring the lab up in a thread; when we are cancelled, its next step ends it, and we wait for that."""
    stop, stopped = threading.Event(), threading.Event()

    def step(sentence: str) -> None:
        if stop.is_set() and not stopped.is_set():
            stopped.set()  # once: removing what was begun has steps as well, and those are to be taken
            raise _Stopped
        tell(sentence)

    making = asyncio.ensure_future(asyncio.to_thread(Lab.up, name, progress=step))
    try:
        return await asyncio.shield(making)
    except LabError as error:
        raise PointsmanError(f"the lab cannot be brought up: {error}") from error
    except asyncio.CancelledError:
        stop.set()
        with contextlib.suppress(_Stopped, LabError):
            lab = await making
            await asyncio.to_thread(lab.down)
        raise


def _rack_of(lab: Lab) -> Rack:
    devices = {device.name: device for device in lab.status()}
    nodes, secrets = {}, []
    for part in (part for part in PARTS if not part.only_twins):
        for name in part.names:
            device = devices[part.in_lab.get(name, name)]
            nodes[name] = node_document(
                part,
                name=name,
                profile=device.profile,
                access=list(device.access),
                host_key=device.host_key,
            )
        secrets += _secret(part, part.secret_of(lab), nodes)
    return Rack(
        title=f"the lab of real parts (named {lab.name})",
        nodes=nodes,
        secrets=tuple(secrets),
        inside=("ip", "netns", "exec", lab.namespace("mgmt")),
        isolated=True,
    )


@asynccontextmanager
async def twins_rack() -> AsyncIterator[Rack]:
    """Twins on loopback, for as long as the block lasts."""
    nodes, secrets = {}, []
    async with AsyncExitStack() as stack:
        for part in PARTS:
            made = await stack.enter_async_context(part.twins())
            for twin in made.standing:
                nodes[twin.name] = node_document(
                    part, name=twin.name, profile=twin.profile, access=[twin.access], host_key=twin.host_key
                )
            secrets += _secret(part, made.secret, nodes)
        yield Rack(title="twins on 127.0.0.1", nodes=nodes, secrets=tuple(secrets))


def _secret(part: Part, text: str, nodes: Mapping[str, Mapping[str, Any]]) -> list[Secret]:
    """The secret of a part, if it has one, which may go to its devices alone."""
    if not part.credential:
        return []
    urls = [url for name in part.names for url in nodes[name]["access"]]
    hosts = sorted({urlsplit(url).hostname or "" for url in urls})
    return [Secret(name=part.credential, text=text, hosts=tuple(hosts))]
