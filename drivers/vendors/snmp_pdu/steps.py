"""From edits to steps: one for each outlet's power, and one for its name. What shall be off goes first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from device_profiles.compare import Goal
from device_profiles.names import printable
from device_profiles.profile import Profile
from device_profiles.state import Outlet, State
from device_profiles.state import Power as PowerState
from drivers import limits
from drivers.contract import Step
from drivers.errors import Unsupported
from drivers.planning import Edit, edits
from drivers.vendors.snmp_pdu import writing
from drivers.vendors.snmp_pdu.seeing import SeenOutlet, Switch


def plan(goal: Goal, observed: State, *, outlets: Mapping[str, SeenOutlet], profile: Profile) -> tuple[Step, ...]:
    """The steps from ``observed`` to ``goal``. Raises :class:`~drivers.errors.Unsupported`, naming the leaf."""
    found = limits.check(edits(goal, observed), capabilities=profile.capabilities, implicit=profile.implicit)
    made = [step for edit in found for step in _steps(edit, outlets.get(edit.key))]
    return tuple(sorted(made, key=lambda step: step.impact != "outage"))


def _steps(edit: Edit, outlet: SeenOutlet | None) -> Iterator[Step]:
    if outlet is None:
        raise Unsupported(f"outlets.{edit.key}: the device shows no such outlet: correct its name in the role")
    before: Outlet = edit.before or Outlet()
    if "name" in edit.fields:
        yield _name(edit.key, outlet, wanted=edit.after.name, before=before.name)
    if "power" in edit.fields:
        yield _power(edit.key, outlet.switch, wanted=edit.after.power, before=before.power)


def _name(key: str, outlet: SeenOutlet, *, wanted: str, before: str | None) -> Step:
    if outlet.rename is None:
        raise Unsupported(f"outlets.{key}.name: the device takes no name for this outlet: leave it out of the role")
    variable, most = outlet.rename
    if len(wanted) > most:
        raise Unsupported(f"outlets.{key}.name: the device takes {most} characters: '{printable(wanted, most=40)}'")
    return Step(
        capability="outlets.name",
        text=f"outlet {key}: name {wanted}",
        commands=(writing.assign(variable, wanted),),
        undo=(writing.assign(variable, before or ""),),
        impact="none",
        touches=(("outlets", key, "name"),),
    )


def _power(key: str, switch: Switch | None, *, wanted: PowerState, before: PowerState | None) -> Step:
    if switch is None:
        raise Unsupported(
            f"outlets.{key}.power: the device tells no state of it, or that it is only measured: leave it out"
        )
    return Step(
        capability="outlets.power",
        text=f"outlet {key}: power {wanted}",
        commands=tuple(_switched(switch, wanted)),
        undo=() if before is None else tuple(_switched(switch, before)),
        impact="outage" if wanted == "off" else "none",
        touches=(("outlets", key, "power"),),
    )


def _switched(switch: Switch, wanted: PowerState) -> Iterator[str]:
    yield from (writing.unless(name, numbers) for name, numbers in switch.busy)
    yield from (writing.assign(name, number) for name, number in (switch.on if wanted == "on" else switch.off))
    yield writing.until(switch.state, switch.shows_on if wanted == "on" else switch.shows_off)
