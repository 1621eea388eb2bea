"""From edits to steps: off first, then what the next boot is from and the light, and on last."""

from __future__ import annotations

from collections.abc import Iterator

from device_profiles.compare import Goal
from device_profiles.profile import Profile
from device_profiles.state import Power, Slot, State
from drivers import limits
from drivers.contract import Step
from drivers.errors import Unsupported
from drivers.planning import Edit, edits
from drivers.redfish import commands
from drivers.redfish.actions import Action, allowed_values
from drivers.redfish.documents import at
from drivers.vendors.redfish.machines import Machine
from drivers.vendors.redfish.quirks import Quirks
from drivers.vendors.redfish.seeing import Seen, document_at, identify_of

_ORDER = {"outage": 0, "none": 1}


def plan(goal: Goal, observed: State, *, seen: Seen, quirks: Quirks, profile: Profile) -> tuple[Step, ...]:
    """The steps from ``observed`` to ``goal``. Raises :class:`~drivers.errors.Unsupported`, naming the leaf."""
    found = limits.check(edits(goal, observed), capabilities=profile.capabilities, implicit=profile.implicit)
    made = [step for edit in found for step in _steps(edit, seen, quirks)]
    return tuple(sorted(made, key=_place))


def _place(step: Step) -> tuple[int, bool]:
    return _ORDER[step.impact], step.capability == "slots.power"


def _steps(edit: Edit, seen: Seen, quirks: Quirks) -> Iterator[Step]:
    machine = seen.machines.get(edit.key)
    if machine is None:
        raise Unsupported(f"slots.{edit.key}: the device shows no such slot: correct its name in the role")
    if not machine.present:
        raise Unsupported(f"slots.{edit.key}: the slot is empty")
    before, after = edit.before or Slot(), edit.after
    if "boot_device" in edit.fields:
        yield _boot_device(machine, quirks, after.boot_device, before.boot_device)
    if "boot_once" in edit.fields:
        yield _boot_once(machine, quirks, after)
    if "identify" in edit.fields:
        yield _identify(machine, quirks, wanted=after.identify, before=before.identify)
    if "power" in edit.fields:
        yield _power(machine, seen.resets.get(edit.key), quirks, after, before)


def _power(machine: Machine, reset: Action | None, quirks: Quirks, after: Slot, before: Slot) -> Step:
    place = f"slots.{machine.slot}.power"
    if reset is None:
        raise Unsupported(f"{place}: the device offers no reset of this machine: leave it out of the role")
    wanted = after.power or "on"
    asks = wanted == "off" and after.off != "hard"
    words = "shut down" if asks else f"power {wanted}"
    return Step(
        capability="slots.power",
        text=f"slot {machine.slot}: {words}",
        commands=(_switched(machine, reset, quirks, wanted, asks=asks, place=place),),
        undo=tuple(_back(machine, reset, quirks, before.power)),
        impact="outage" if wanted == "off" else "none",
        touches=(("slots", machine.slot, "power"),),
    )


def _switched(machine: Machine, reset: Action, quirks: Quirks, power: Power, *, asks: bool, place: str) -> str:
    wanted = quirks.soft_off if asks else quirks.hard_off if power == "off" else quirks.on
    value = reset.first_of(wanted)
    if not value:
        offered = ", ".join(reset.allowed)
        raise Unsupported(f"{place}: the machine takes none of the resets {', '.join(wanted)} (it takes {offered})")
    make = commands.ask if asks else commands.switch
    return make(machine.path, reset, value, power)


def _back(machine: Machine, reset: Action, quirks: Quirks, power: Power | None) -> Iterator[str]:
    if power is not None:
        value = reset.first_of(quirks.on if power == "on" else quirks.hard_off)
        if value:
            yield commands.switch(machine.path, reset, value, power)


def _boot_device(machine: Machine, quirks: Quirks, wanted: str, before: str | None) -> Step:
    return Step(
        capability="slots.boot_device",
        text=f"slot {machine.slot}: boot from {wanted}",
        commands=(_boot(machine, quirks, wanted, "boot_device"),),
        undo=() if before is None else (_boot(machine, quirks, before, "boot_device"),),
        impact="none",
        touches=(("slots", machine.slot, "boot_device"),),
    )


def _boot_once(machine: Machine, quirks: Quirks, after: Slot) -> Step:
    device = after.boot_once.device if after.boot_once is not None else "none"
    return Step(
        capability="slots.boot_once",
        text=f"slot {machine.slot}: boot from {device} once",
        commands=(_boot(machine, quirks, device, "boot_once"),),
        undo=(),
        impact="none",
        touches=(("slots", machine.slot, "boot_once"),),
    )


def _boot(machine: Machine, quirks: Quirks, device: str, leaf: str) -> str:
    """Set a boot source; ``none`` is the machine's own order."""
    place = f"slots.{machine.slot}.{leaf}"
    if at(machine.system, "Boot") is None:
        raise Unsupported(
            f"{place}: the device tells nothing of what this machine boots from: leave it out of the role"
        )
    if device == "none":
        return commands.patch(machine.path, {"Boot": {"BootSourceOverrideEnabled": "Disabled"}})
    enabled, target = "Continuous" if leaf == "boot_device" else "Once", quirks.target_of(device)
    for name, value in (("BootSourceOverrideTarget", target), ("BootSourceOverrideEnabled", enabled)):
        allowed = allowed_values(machine.system, "Boot", name)
        if allowed and value not in allowed:
            raise Unsupported(f"{place}: the machine does not take {value} (it takes {', '.join(allowed)})")
    boot = {"BootSourceOverrideTarget": target, "BootSourceOverrideEnabled": enabled}
    if quirks.boot_mode:
        boot["BootSourceOverrideMode"] = quirks.boot_mode
    return commands.patch(machine.path, {"Boot": boot})


def _identify(machine: Machine, quirks: Quirks, *, wanted: bool, before: bool | None) -> Step:
    path, _ = identify_of(machine)
    if not path:
        raise Unsupported(
            f"slots.{machine.slot}.identify: this machine has no light that can be switched: leave it out"
        )
    return Step(
        capability="slots.identify",
        text=f"slot {machine.slot}: identify {'on' if wanted else 'off'}",
        commands=(_light(machine, path, quirks, lit=wanted),),
        undo=() if before is None else (_light(machine, path, quirks, lit=before),),
        impact="none",
        touches=(("slots", machine.slot, "identify"),),
    )


def _light(machine: Machine, path: str, quirks: Quirks, *, lit: bool) -> str:
    document = document_at(machine, path)
    if isinstance(at(document, "LocationIndicatorActive"), bool):
        return commands.patch(path, {"LocationIndicatorActive": lit})
    allowed = allowed_values(document, "IndicatorLED")
    word = next((each for each in (quirks.lit, "Blinking", "Lit") if not allowed or each in allowed), quirks.lit)
    return commands.patch(path, {"IndicatorLED": word if lit else "Off"})
