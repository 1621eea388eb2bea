"""The vde_switch twin as a subject: a switch of its own in this process, at the far end of a line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from device_profiles.profile import Profile
from drivers.conformance import Ground, Subject
from drivers.conformance.memory import MemoryConnection, MemoryStream
from drivers.contract import Connection
from pointsman.twins.vde import Console, Seat, Vde

GRAMMAR: Final = "vde2's console (consmgmt.c, port.c); output compared with vde_switch 2.3.2"


def switch() -> Vde:
    """A switch in use: two hosts, an uplink with tags, and a VLAN 1 that is not the schema's."""
    made = Vde()
    made.ports = {1: Seat(untagged=10, plugged=True), 2: Seat(plugged=True), 24: Seat(plugged=True), 25: Seat()}
    made.tagged = {0: set(), 1: {25}, 10: {24}, 20: {24}}
    made.macs = [("02:00:00:00:01:01", 10, 1), ("02:00:00:00:01:02", 0, 24)]
    return made


class _Bench:
    """One switch; another one when it is reset."""

    def __init__(self) -> None:
        self.switch = switch()

    async def open(self) -> Connection:
        return MemoryConnection(self.start)

    async def reset(self) -> None:
        self.switch = switch()

    async def writes(self) -> int:
        return self.switch.writes

    def start(self, command: str, stream: MemoryStream) -> None:
        del command
        console = Console(lambda: self.switch)
        stream.talk = console.feed
        stream.push(console.greet())


@asynccontextmanager
async def subject(profile: Profile) -> AsyncIterator[Subject]:
    """A twin with its ports 5 to 10 and the VLANs 3101 to 3104 to be used."""
    bench = _Bench()
    yield Subject(
        profile=profile,
        ground=Ground(ports=tuple(map(str, range(5, 11))), prompt="vde$"),
        open=bench.open,
        reset=bench.reset,
        writes=bench.writes,
        proves=False,
        secrets=("a-password-that-it-never-asks-for",),
        grammar=GRAMMAR,
    )
