"""What the toy does not do: faults planted in drivers that do it, by the profile whose twin they are tried on."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from device_profiles.links import Neighbour
from device_profiles.operation import MacEntry
from drivers.contract import Step
from drivers.vendors.cisco_ios.driver import CiscoIos
from drivers.vendors.juniper_junos.driver import JuniperJunos
from drivers.vendors.openvswitch.driver import OpenVSwitch
from tests.unit.drivers.conformance.planted import Fault

OTHERS: dict[str, tuple[str, Fault]] = {}


def planted_in(profile: str, caught_by: str) -> Callable[[Any], Any]:
    """Add a driver to the faults of another profile's twin."""

    def add(driver: Any) -> Any:
        OTHERS[driver.__name__] = (profile, Fault(caught_by, driver))
        return driver

    return add


@planted_in("openvswitch", "tells-operation")
class ReadsAddressesUnasked(OpenVSwitch):
    async def operation(self, want):
        return await super().operation(())


@planted_in("openvswitch", "tells-operation")
class TellsOfNoPort(OpenVSwitch):
    async def operation(self, want):
        return replace(await super().operation(want), ports={})


@planted_in("openvswitch", "tells-macs")
class WritesAddressesItsOwnWay(OpenVSwitch):
    async def operation(self, want):
        found = await super().operation(want)
        stranger = MacEntry(mac="5254.0000.0007", vlan=10, port="p1")
        return replace(found, macs=(*found.macs, stranger) if "macs" in want else ())


@planted_in("openvswitch", "tells-facts")
class TellsNoPlatform(OpenVSwitch):
    async def facts(self):
        return {name: value for name, value in (await super().facts()).items() if name != "platform"}


@planted_in("openvswitch", "tells-neighbours")
class NamesAPortItsOwnWay(OpenVSwitch):
    async def links(self):
        return (*(await super().links()), Neighbour(port="Gi0/1", kind="lldp", name="sw9"))


@planted_in("openvswitch", "implicit-asks-nothing")
class MakesWhatIsThereByItself(OpenVSwitch):
    def plan(self, goal, observed):
        steps = super().plan(goal, observed)
        if not goal.state.vlans:
            return steps
        made = Step(capability="vlans", text="make a VLAN", commands=("true",), undo=("true",), impact="none")
        return (made, *steps)


@planted_in("openvswitch", "tells-changes")
class TellsOnlyTheFirstState(OpenVSwitch):
    async def changes(self):
        async with contextlib.aclosing(super().changes()) as told:  # type: ignore[type-var]  # a generator
            async for _ in told:
                yield
                await asyncio.get_running_loop().create_future()


@planted_in("openvswitch", "tells-the-end-of-watching")
class DoesNotTellTheEnd(OpenVSwitch):
    async def changes(self):
        async for _ in super().changes():
            yield
        await asyncio.get_running_loop().create_future()


@planted_in("cisco_ios", "turns-pages")
class KnowsNoPager(CiscoIos):
    def __init__(self, connection, profile):
        super().__init__(connection, replace(profile, cli=replace(profile.cli, pager=None)))


@planted_in("cisco_ios", "keeps-a-safe-order")
class TrunksBeforeItSaysWhat(CiscoIos):
    async def apply(self, step):
        lines = sorted(step.commands, key=lambda line: "allowed vlan" in line)
        await super().apply(replace(step, commands=tuple(lines)))


@planted_in("juniper_junos", "changes-all-or-nothing")
class CommitsEachStepAlone(JuniperJunos):
    async def apply_all(self, steps, *, within_s=None):
        for step in steps:
            await super().apply_all((step,), within_s=within_s)


@planted_in("juniper_junos", "keeps-what-is-confirmed")
class ConfirmsNothing(JuniperJunos):
    async def confirm(self):
        return None


@planted_in("juniper_junos", "takes-back-when-told")
class TakesNothingBack(JuniperJunos):
    async def revert(self):
        return None


@planted_in("juniper_junos", "takes-back-the-unconfirmed")
class CommitsForGood(JuniperJunos):
    async def apply_all(self, steps, *, within_s=None):
        await super().apply_all(steps)


@planted_in("cisco_ios", "tells-its-own-way")
class NamesOurPortAsItsTablesDo(CiscoIos):
    async def own_path(self):
        found = await super().own_path()
        return found and replace(found, ports=("Gi0/1",))


@planted_in("cisco_nxos", "tells-its-own-way")
class TakesTheFirstVlanForOurs(CiscoIos):
    async def own_path(self):
        found = await super().own_path()
        return found and replace(found, vlan=1)


@planted_in("cisco_ios", "tells-what-is-unsaved")
class TakesTheFileForWhatRuns(CiscoIos):
    async def unsaved(self):
        return False


@planted_in("arista_eos", "tells-what-is-unsaved")
class TakesComparingForChanging(CiscoIos):
    async def unsaved(self):
        await super().unsaved()
        return True
