"""The powerman twin as a subject: a daemon of its own in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from device_profiles.profile import Profile
from drivers.conformance import Ground, Subject
from drivers.conformance.memory import MemoryConnection, MemoryStream
from drivers.contract import Connection
from pointsman.twins.powerman import Powermand

GRAMMAR: Final = "powerman(1), powerman 2.3.27; compared with powermand and vpcd"


def _new() -> Powermand:
    """A daemon with one outlet that is named after what it feeds."""
    names = (*(f"outlet{place}" for place in range(1, 16)), "web-1")
    return Powermand(late=1, outlets=dict.fromkeys(names, True))


class _Bench:
    """One daemon; another one when it is reset."""

    def __init__(self) -> None:
        self.daemon = _new()

    async def open(self) -> Connection:
        return MemoryConnection(self._start)

    def _start(self, command: str, stream: MemoryStream) -> None:
        del command
        talk = self.daemon.talk()
        stream.push(talk.greeting())
        stream.talk = talk

    async def reset(self) -> None:
        # Sessions that are open go on with the same object.
        fresh = _new()
        self.daemon.outlets, self.daemon.pending, self.daemon.writes = fresh.outlets, fresh.pending, fresh.writes
        self.daemon.lazy.clear()

    async def writes(self) -> int:
        return self.daemon.writes

    async def boots(self, key: str) -> list[str]:
        """What a node feeds got its power so often."""
        return ["power"] * self.daemon.boots[key]

    async def hear_nothing(self, key: str) -> None:
        """An outlet asks nobody."""

    async def lie(self, key: str) -> None:
        """Commands to a node are answered, and not done."""
        self.daemon.lazy.add(key)


@asynccontextmanager
async def subject(profile: Profile) -> AsyncIterator[Subject]:
    """A twin with the last two of its outlets to be used that feed nobody."""
    bench = _Bench()
    yield Subject(
        profile=profile,
        ground=Ground(outlets=("outlet14", "outlet15")),
        open=bench.open,
        reset=bench.reset,
        writes=bench.writes,
        proves=False,
        machines=bench,
        secrets=("a-password-that-it-never-asks-for",),
        grammar=GRAMMAR,
        nonsense="status pointsman-knows-no-such-node",
    )
