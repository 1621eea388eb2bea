"""What the types cannot say about a declaration: fields that exclude each other, and bundles (semantics, section 1)."""

from __future__ import annotations

from collections.abc import Iterator

from device_profiles.fields import Merge
from device_profiles.leaves import FIELDS, RULES, objects
from device_profiles.paths import parse_path, shape_of
from device_profiles.problems import Problem, written
from device_profiles.state import Port, State

_OF_THE_BUNDLE = ("mode", "access_vlan", "native_vlan", "trunk_vlans", "mtu", "stp")


def state_problems(state: State) -> list[Problem]:
    """What is wrong with a declared state; empty when nothing is. Paths are written from the state's root."""
    return [*_observed_only(state), *_modes(state), *_bundles(state)]


def exclusive_problems(paths: tuple[str, ...]) -> list[Problem]:
    """What is wrong with a list of sets that shall be exact."""
    found = []
    for index, text in enumerate(paths):
        try:
            path = parse_path(text)
        except ValueError as error:
            found.append(Problem(f"exclusive.{index}", str(error)))
            continue
        rule = RULES.get(shape_of(path))
        if rule is None or rule.merge is not Merge.UNION:
            found.append(Problem(f"exclusive.{index}", "only a set can be exclusive, like ports.p1.trunk_vlans"))
    return found


def _observed_only(state: State) -> Iterator[Problem]:
    for section, key, item in objects(state):
        for entry in FIELDS[section]:
            if entry.rule.observed_only and entry.get(item) is not None:
                yield Problem(written((section, key, *entry.names)), "is what a device shows, and cannot be declared")
    for key, port in state.ports.items():
        if port.mode == "other":
            yield Problem(written(("ports", key, "mode")), "other is what a device shows, and cannot be declared")


def _modes(state: State) -> Iterator[Problem]:
    for key, port in state.ports.items():
        if port.mode == "access":
            for name in ("trunk_vlans", "native_vlan"):
                if getattr(port, name) is not None:
                    yield Problem(written(("ports", key, name)), f"an access port has no {name}")
        elif port.mode == "trunk" and port.access_vlan is not None:
            yield Problem(written(("ports", key, "access_vlan")), "a trunk has no access_vlan")
        elif port.access_vlan is not None and (port.trunk_vlans is not None or port.native_vlan is not None):
            yield Problem(
                written(("ports", key, "access_vlan")), "is for an access port, trunk_vlans and native_vlan for a trunk"
            )


def _bundles(state: State) -> Iterator[Problem]:
    bundle_of: dict[str, str] = {}
    for lag, item in state.lags.items():
        for member in item.members or ():
            if member == lag:
                yield Problem(written(("lags", lag, "members")), "a LAG cannot be its own member")
            elif member in bundle_of:
                yield Problem(written(("lags", lag, "members")), f"{member} is a member of {bundle_of[member]} already")
            bundle_of[member] = lag
    for member, lag in bundle_of.items():
        yield from _of_the_bundle(member, lag, state.ports.get(member))


def _of_the_bundle(member: str, lag: str, port: Port | None) -> Iterator[Problem]:
    for name in _OF_THE_BUNDLE:
        if port is not None and getattr(port, name) is not None:
            place = written(("ports", lag, name))
            message = f"{member} is a member of the LAG {lag}, which carries this: declare it at {place}"
            yield Problem(written(("ports", member, name)), message)
