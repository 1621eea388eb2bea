"""The SNMP PDU twin as a subject: a PDU of its own in this process; logins go by SNMPv3 to an engine of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from device_profiles.profile import Profile
from drivers.conformance import Ground, Subject
from pointsman.twins.snmp.bench import USER, Bench
from pointsman.twins.snmp.outlets import Pdu

GRAMMAR: Final = "the profile's own tables, which name the vendor's MIB; judged by recordings"
_LATE: Final = 1


def _new(profile: Profile) -> Pdu:
    """A PDU with one outlet that is named after what it feeds."""
    made = Pdu(profile, late=_LATE)
    made.outlets[1].name = b"web-1/psu1"
    return made


class _Behind:
    """What the outlets of a PDU feed (see :class:`drivers.conformance.subject.Machines`)."""

    def __init__(self, bench: Bench[Pdu], outlets: tuple[str, ...]) -> None:
        self._bench = bench
        self._outlets = outlets

    async def boots(self, key: str) -> list[str]:
        """What an outlet feeds got its power so often."""
        return ["power"] * self._bench.device.outlets[self._place(key)].boots

    async def hear_nothing(self, key: str) -> None:
        """An outlet asks nobody."""

    async def lie(self, key: str) -> None:
        """Commands to an outlet are answered, and not done."""
        self._bench.device.lie(self._place(key))

    def _place(self, key: str) -> int:
        """The number of an outlet, by the name that its driver gives it."""
        return 1 + self._outlets.index(key)


@asynccontextmanager
async def subject(profile: Profile) -> AsyncIterator[Subject]:
    """A twin with one of its outlets, or two, to be used."""
    bench = Bench(lambda: _new(profile))
    outlets = await _outlets(bench)
    yield Subject(
        profile=profile,
        ground=Ground(outlets=outlets[-2:]),
        open=bench.open,
        reset=bench.reset,
        writes=bench.writes,
        login=bench.login,
        machines=_Behind(bench, outlets),
        secrets=(USER.auth, USER.priv),
        grammar=GRAMMAR,
        nonsense="set 1.3.6.1.2.1.1.3.0=i:1",
    )


async def _outlets(bench: Bench[Pdu]) -> tuple[str, ...]:
    """The outlets of the twin, as its driver names them."""
    connection = await bench.open()
    driver = Subject(profile=bench.device.profile, ground=Ground(), open=bench.open).driver(
        connection, bench.device.profile
    )
    try:
        return tuple((await driver.read(())).outlets)
    finally:
        await driver.close()
        await connection.close()
