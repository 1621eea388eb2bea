"""What stands in the demo's rack: parts, each a few devices of one kind, from the lab or as twins.

A further kind is one more entry of :data:`PARTS`, and roles for it in `rack.yaml`, which find it by its labels. A
device is named as the lab names it; its twin answers to the same name, profile and objects.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, Protocol

from pointsman.lab import Lab
from pointsman.lab.layout import ARRAY, IPMI_PASSWORD, IPMI_USER, SNMP_AUTH_KEY, SNMP_PRIV_KEY
from pointsman.twins import TwinRack
from pointsman.twins.arrays.rack import ArrayRack
from pointsman.twins.arrays.tgt import TgtHost
from pointsman.twins.ipmi.serving import SECRET, serving
from pointsman.twins.lines import console_router, console_switch
from pointsman.twins.pdus import powermand, secret_pdu
from pointsman.twins.redfish.rack import RedfishRack


class Standing(Protocol):
    """A device that answers, as whoever manages it needs to know it."""

    @property
    def name(self) -> str:
        """The node that it is."""

    @property
    def profile(self) -> str:
        """Its profile."""

    @property
    def access(self) -> str:
        """Its access URL."""

    @property
    def host_key(self) -> str:
        """The fingerprint of its SSH host key; empty where it has none."""


@dataclass(frozen=True, slots=True)
class Twins:
    """Twins that are up, and what they are logged in to with."""

    standing: Sequence[Standing]
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Devices of one kind. ``credential`` names their secret, where they have one; ``secret_of`` is the lab's.

    ``in_lab`` are the names of those that the lab calls otherwise.
    """

    names: tuple[str, ...]
    tier: str
    """A label, by which roles find all of the kind."""
    twins: Callable[[], AbstractAsyncContextManager[Twins]]
    credential: str = ""
    secret_of: Callable[[Lab], str] = field(default=lambda _: "", repr=False)
    in_lab: Mapping[str, str] = field(default_factory=dict)
    only_twins: bool = False
    """Whether the lab has no such part."""


@asynccontextmanager
async def _switches() -> AsyncIterator[Twins]:
    async with TwinRack(2) as rack:
        yield Twins(rack.nodes, rack.key_text)


@asynccontextmanager
async def _powermand() -> AsyncIterator[Twins]:
    async with powermand("pdu1") as twin:
        yield Twins((twin,))


@asynccontextmanager
async def _secret_pdu() -> AsyncIterator[Twins]:
    async with secret_pdu("pdu2") as twin:
        yield Twins((twin,), twin.secret)


@asynccontextmanager
async def _controllers() -> AsyncIterator[Twins]:
    async with serving(2, "--off") as controllers:
        yield Twins(controllers.twins, SECRET)


@asynccontextmanager
async def _enclosure() -> AsyncIterator[Twins]:
    async with RedfishRack(1) as rack:
        yield Twins(rack.nodes, rack.key_text)


@asynccontextmanager
async def _array() -> AsyncIterator[Twins]:
    async with ArrayRack({"san-1": TgtHost()}) as rack:
        yield Twins(rack.nodes, rack.key_text)


@asynccontextmanager
async def _console_switch() -> AsyncIterator[Twins]:
    async with console_switch("con1") as twin:
        yield Twins((twin,))


@asynccontextmanager
async def _console_router() -> AsyncIterator[Twins]:
    async with console_router("rt1") as twin:
        yield Twins((twin,))


PARTS: Final = (
    Part(
        names=("sw1", "sw2"),
        tier="leaf",
        credential="file:lab.key",
        secret_of=lambda lab: lab.key_path.read_text(encoding="utf-8"),
        twins=_switches,
    ),
    Part(names=("pdu1",), tier="power", twins=_powermand),
    Part(
        names=("pdu2",),
        tier="power",
        credential="file:pdu.pass",
        secret_of=lambda _: f"{SNMP_AUTH_KEY}\n{SNMP_PRIV_KEY}\n",
        twins=_secret_pdu,
    ),
    Part(
        names=("bmc1", "bmc2"),
        tier="blade",
        credential="file:bmc.pass",
        secret_of=lambda _: f"{IPMI_USER}:{IPMI_PASSWORD}\n",
        twins=_controllers,
    ),
    Part(
        names=("chassis1",),
        tier="enclosure",
        credential="file:chassis.pass",
        twins=_enclosure,
        only_twins=True,
    ),
    Part(
        names=("san-1",),
        in_lab={"san-1": ARRAY},
        tier="storage",
        credential="file:san.key",
        secret_of=lambda lab: lab.key_path.read_text(encoding="utf-8"),
        twins=_array,
    ),
    Part(names=("con1",), tier="access", twins=_console_switch),
    Part(names=("rt1",), tier="router", twins=_console_router),
)
