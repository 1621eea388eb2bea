"""The driver: which getters are asked, and when. What they tell stands in the module beside this one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, Final, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from device_profiles.compare import Goal, compare
from device_profiles.facts import Facts
from device_profiles.generic import NEUTRAL
from device_profiles.links import Neighbour
from device_profiles.operation import Operation
from device_profiles.patterns import Pattern
from device_profiles.problems import problems_of
from device_profiles.profile import Profile
from device_profiles.state import EMPTY, State
from drivers.contract import Connection, Step, Want, login_of
from drivers.credentials import Login
from drivers.errors import Garbled, Unsupported
from drivers.libraries.bridge import Bridge
from drivers.libraries.failures import mapped
from drivers.libraries.pool import Pool
from drivers.libraries.session import LibrarySession
from drivers.selection import Selection
from drivers.vendors.napalm import steps, told
from drivers.vendors.napalm.steps import Says

POOL: Final = Pool("napalm")
"""All of this process's calls into NAPALM."""
Getter = Literal["facts", "interfaces", "vlans", "lldp_neighbors_detail", "mac_address_table"]
_WHAT: Final[dict[Getter, str]] = {
    "facts": "what the device is",
    "interfaces": "its ports",
    "vlans": "its VLANs",
    "lldp_neighbors_detail": "its LLDP neighbours",
    "mac_address_table": "its MAC addresses",
}

_NEVER_EMPTY: Final[frozenset[Getter]] = frozenset({"facts", "interfaces", "vlans"})
"""A switch has some of each; NAPALM passes over a command that the device refused, and finds nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """What the profile says to this driver.

    ``napalm`` is NAPALM's name of its driver, ``getters`` what that can be asked; ``ports`` fits the names of ports.
    ``says`` are the lines by which each shape is changed, where a profile declares some.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    napalm: str
    getters: tuple[Getter, ...]
    ports: Pattern = ""
    says: Mapping[str, Says] = field(default_factory=dict)


_QUIRKS: Final = TypeAdapter(Quirks)


class Napalm:
    """A driver (see :class:`drivers.contract.Driver`, ``Confirming``); what it changes stands in the profile."""

    capabilities: ClassVar[frozenset[str]] = frozenset(
        {"vlans", "vlans.name", "ports.description", "ports.enabled"}
        | {"operation", "facts", "neighbours", "fdb", "confirmed_commit"}
    )

    def __init__(self, connection: Connection, profile: Profile) -> None:
        self._quirks = quirks = _checked(profile)
        self._profile = profile
        self._canonical = told.canonical_by(profile, quirks.ports)

        def prepare(bridge: Bridge, login: Login) -> Any:
            from drivers.libraries.napalm_device import opened  # noqa: PLC0415 -- 1.3 s and 90 MB

            return opened(quirks.napalm, bridge, login)

        self._session = LibrarySession(
            lambda: connection.stream(""),
            prepare=prepare,
            cli=profile.cli or NEUTRAL,
            timeout_s=profile.command_timeout_s,
            login=login_of(connection),
            pool=POOL,
        )
        self._state = EMPTY
        self._selection = Selection()

    @property
    def unread(self) -> tuple[str, ...]:
        """What NAPALM cannot tell of such a device, a sentence each."""
        lacking = [what for getter, what in _WHAT.items() if getter not in self._quirks.getters]
        return tuple(f"NAPALM does not tell {what} on {self._profile.title}" for what in lacking)

    @property
    def waited_s(self) -> float:
        """All the time that calls took on the device and the way to it."""
        return self._session.waited_s

    async def read(self, want: Want) -> State:
        """VLANs, descriptions and admin state, and then what of it is wanted."""
        vlans, interfaces = await self._get("vlans"), await self._get("interfaces")
        with mapped("napalm", doing="get_interfaces"):
            state = told.state(vlans or {}, interfaces or {}, self._canonical)
        self._state = self._state if state == self._state else state
        return self._selection.of(self._state, want)

    def plan(self, goal: Goal, observed: State) -> tuple[Step, ...]:
        """The steps, where the profile has words for them; else nothing, or a refusal."""
        if self._quirks.says:
            return steps.plan(goal, observed, profile=self._profile, says=self._quirks.says)
        if compare(goal, observed):
            raise Unsupported(f"{self._profile.title} is only read here: nothing of it can be changed")
        return ()

    async def apply(self, step: Step) -> None:
        """A step's lines as one candidate."""
        await self._change(step.commands)

    async def undo(self, step: Step) -> None:
        """A step's undo lines as one candidate."""
        await self._change(step.undo)

    async def apply_all(self, steps: Sequence[Step], *, within_s: float | None = None) -> None:
        """The lines of all steps as one candidate; ``within_s``: one that has to be confirmed."""
        await self._change([line for step in steps for line in step.commands], within_s=within_s)

    async def confirm(self) -> None:
        """Keep the change that waits. Raises ``Rejected`` where none does."""
        await self._session.call(lambda device: device.confirm(), doing="to confirm the change")

    async def revert(self) -> None:
        """Take the change back that waits."""
        await self._session.call(lambda device: device.revert(), doing="to take the change back")

    async def _change(self, lines: Sequence[str], *, within_s: float | None = None) -> None:
        if not self._quirks.says:
            raise Unsupported(f"{self._profile.title} is only read here: nothing of it can be changed")
        text = "\n".join(lines)
        await self._session.call(lambda device: device.change(text, within_s=within_s), doing="the change")

    async def save(self) -> None:
        """Nothing to do: NAPALM saves what it commits."""

    async def operation(self, want: Want) -> Operation:
        """``ports`` and ``macs``; nothing wanted is all."""
        at = datetime.now(UTC)
        asked = [name for name in ("ports", "macs") if not want or name in want]
        interfaces = await self._get("interfaces") if "ports" in asked else None
        table = await self._get("mac_address_table") if "macs" in asked else None
        vlans = await self._get("vlans")
        with mapped("napalm", doing="get_interfaces"):
            return Operation(
                at=at,
                source=f"NAPALM {self._quirks.napalm}",
                ports=told.operation(interfaces or {}, self._canonical),
                macs=told.macs(table or (), self._canonical),
                vlans_carried=tuple(told.state(vlans or {}, {}, self._canonical).vlans),
            )

    async def facts(self) -> Facts:
        """What the device is and holds."""
        found, interfaces = await self._get("facts"), await self._get("interfaces")
        with mapped("napalm", doing="get_facts"):
            return told.facts(found or {}, interfaces or {}, self._profile)

    async def links(self) -> tuple[Neighbour, ...]:
        """What LLDP sees."""
        found = await self._get("lldp_neighbors_detail")
        with mapped("napalm", doing="get_lldp_neighbors_detail"):
            return told.neighbours(found or {}, self._profile)

    async def close(self) -> None:
        """Close the session; the connection stays."""
        await self._session.close()

    async def _get(self, getter: Getter) -> Any:
        """What a getter tells; None where NAPALM has none for such a device."""
        if getter not in self._quirks.getters:
            return None
        name = f"get_{getter}"
        found = await self._session.call(lambda device: device.ask(name), doing=name)
        if not found and getter in _NEVER_EMPTY:
            raise Garbled(f"NAPALM found nothing in what the device answered to {name}: nothing was concluded from it")
        return found


def _checked(profile: Profile) -> Quirks:
    try:
        return _QUIRKS.validate_python(dict(profile.quirks))
    except ValidationError as error:
        first = problems_of(error)[0]
        raise Unsupported(f"the profile {profile.name}: quirks.{first.path}: {first.message}") from None
