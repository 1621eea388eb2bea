"""Everything that a driver tells of a device, part by part: what fails is said, and does not hold up the rest.

Where a driver cannot read a part (a configuration that this user may not see, a recording without it), the tables that
ntc-templates knows are asked instead, as far as they tell it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final, TypeVar

from device_profiles.facts import Facts
from device_profiles.links import Neighbour
from device_profiles.operation import Operation
from device_profiles.profile import Profile
from device_profiles.state import EMPTY, State
from drivers.contract import Candid, Connection, Driver
from drivers.errors import DeviceError, Unreachable
from drivers.registry import make_driver
from drivers.vendors.generic_cli import index

T = TypeVar("T")
_PARTS: Final = 4
_TABLES: Final = "generic_cli"


@dataclass(slots=True, kw_only=True)
class Findings:
    """What was read. ``warnings`` is what was not, and what else is worth a word."""

    state: State = EMPTY
    operation: Operation | None = None
    facts: Facts = field(default_factory=dict)
    links: tuple[Neighbour, ...] = ()
    warnings: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)

    def warn(self, sentence: str) -> None:
        """Note a warning, each once."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)


async def examine(connection: Connection, profile: Profile) -> Findings:
    """Read everything. Raises :class:`~drivers.errors.DeviceError` where nothing at all can be read."""
    found = await _examine(connection, profile)
    other = _tables_profile(profile)
    if other is not None and (found.failed or _lacks(found)):
        _fill(found, await _examine(connection, other))
    for part, reason in found.failed.items():
        found.warn(f"{part}: {reason}")
    if len(found.failed) == _PARTS:
        raise Unreachable(next(iter(found.failed.values())))
    return found


def _lacks(found: Findings) -> bool:
    state, operation = found.state, found.operation
    return not (state.vlans and state.ports and found.links and operation and operation.ports and operation.macs)


async def _examine(connection: Connection, profile: Profile) -> Findings:
    found = Findings()
    driver = make_driver(connection, profile)
    able = profile.capabilities
    try:
        found.state = await _part(found, "observed", lambda: driver.read(()), EMPTY, profile)
        if "observed" in found.failed and "vlans" in able:
            found.state = await _part(
                Findings(), "observed", lambda: driver.read({"vlans", "vlans.name"}), EMPTY, profile
            )
        if "operation" in able:
            found.operation = await _part(found, "operation", lambda: driver.operation(()), None, profile)
        if "facts" in able:
            found.facts = await _part(found, "facts", driver.facts, {}, profile)
        if "neighbours" in able:
            found.links = await _part(found, "links", driver.links, (), profile)
    finally:
        await driver.close()
    for sentence in _unread(driver):
        found.warn(sentence)
    return found


async def _part(found: Findings, part: str, ask: Callable[[], Awaitable[T]], nothing: T, profile: Profile) -> T:
    limit_s = profile.command_timeout_s * 20
    try:
        async with asyncio.timeout(limit_s):
            return await ask()
    except TimeoutError:
        found.failed[part] = f"no answer in {limit_s:g} s"
    except DeviceError as error:
        found.failed[part] = str(error)
    return nothing


def _unread(driver: Driver) -> tuple[str, ...]:
    return driver.unread if isinstance(driver, Candid) else ()


def _tables_profile(profile: Profile) -> Profile | None:
    """The same device, read by its tables; None where ntc-templates knows none, or that is what was done."""
    if profile.driver == _TABLES or profile.cli is None:
        return None
    names = (profile.name, str(profile.quirks.get("platform", "")))
    platform = next((name for name in names if name in index.platforms()), None)
    if platform is None:
        return None
    return replace(
        profile,
        driver=_TABLES,
        capabilities=("operation", "facts", "neighbours", "fdb"),
        quirks={"platform": platform},
    )


def _fill(found: Findings, tables: Findings) -> None:
    """Take over what the driver did not read, and say so."""
    filled = []
    if "observed" in found.failed and (tables.state != EMPTY or found.state != EMPTY):
        found.state = replace(tables.state, vlans=found.state.vlans or tables.state.vlans)
        filled.append("observed")
    found.operation = _operation(found.operation, tables.operation)
    if "operation" in found.failed and found.operation is not None and _says(found.operation):
        filled.append("operation")
    if "facts" in found.failed and tables.facts:
        found.facts = tables.facts
        filled.append("facts")
    if not found.links and tables.links:
        found.links = tables.links
        filled.append("links")
    for part in filled:
        reason = found.failed.pop(part, None)
        if reason is not None:
            found.warn(f"{part}: read from tables only, since the driver could not: {reason}")
    if "observed" in filled:
        for sentence in tables.warnings:
            found.warn(sentence)


def _says(operation: Operation) -> bool:
    return bool(operation.ports or operation.macs or operation.vlans_carried)


def _operation(own: Operation | None, other: Operation | None) -> Operation | None:
    if own is None or other is None:
        return own or other
    source = own.source if own.ports or own.macs else other.source
    return replace(
        own,
        source=source,
        ports=own.ports or other.ports,
        macs=own.macs or other.macs,
        vlans_carried=own.vlans_carried or other.vlans_carried,
    )


def now() -> datetime:
    """The time of a reading."""
    return datetime.now(UTC)
