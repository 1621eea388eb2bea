"""What goes when nobody declares it any more: what we made, and nothing else (semantics, section 2).

An element that the ledger knows is taken out of its set; a bundle or VLAN that we made is taken away whole. A VLAN goes
only when, after this pass, nothing on the device uses it. Power is never changed and no volume ever removed. What is
held in a conflict stays as it is: that nobody's wish stands in ``state`` does not mean that nobody has one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, Final

from agents.elements import lookup, settle_set, shows
from agents.findings import Finding
from device_profiles.leaves import RULES
from device_profiles.paths import Path, render_path, shape_of
from device_profiles.state import Port, State

_GO: Final = frozenset({"lags", "vlans", "exports"})
_ORPHANED: Final = "no role declares it any more; it stays on the array with its data: remove it there by hand"
Made = MutableMapping[tuple[str, str], dict[Path, Any]]
Held = Collection[tuple[str, str, str | None]]


@dataclass(frozen=True, slots=True)
class Released:
    """Objects that shall be away, and why others stay."""

    absent: frozenset[Path]
    notes: tuple[Finding, ...]


def release(
    declared: State, observed: State, *, made: Made, ledger: Collection[Path], held: Held, capabilities: Collection[str]
) -> Released:
    """Take what we made and nobody declares out of ``made`` (sets) or away (objects)."""
    undone = [path for path in sorted(ledger) if _undeclared(declared, path) and shows(observed, path)]
    gone = {path for path in undone if _may_go(path, held)}
    needed = {path for path in gone if path[0] == "lags" and path[1] in declared.ports}
    gone -= needed
    for path in undone:
        # Neither the members of a bundle that goes, nor the VLANs of its port, are taken out one by one.
        whole = path[:2] in gone | needed or (path[0] == "ports" and ("lags", path[1]) in gone)
        if len(path) == 4 and not whole and not _is_held(path, held):
            _take_out(path, observed, made=made, ledger=ledger, capabilities=capabilities)
    notes = [Finding(render_path(path), "InUse", "stays on the device while its port is declared") for path in needed]
    notes += [Finding(render_path(path), "Orphaned", _ORPHANED) for path in undone if path[0] == "volumes"]
    for path in sorted(path for path in gone if path[0] == "vlans"):
        user = next(_users(int(path[1]), observed, made=made, gone=gone), None)
        if user is not None:
            gone.discard(path)
            notes.append(Finding(render_path(path), "InUse", f"stays on the device while {user} uses it"))
    return Released(frozenset(gone), tuple(notes))


def _undeclared(declared: State, path: Path) -> bool:
    return len(path) != 3 and not shows(declared, path)


def _may_go(path: Path, held: Held) -> bool:
    if len(path) != 2 or path[0] not in _GO:
        return False
    return not any(item[:2] == path or (path[0] == "lags" and item[:2] == ("ports", path[1])) for item in held)


def _is_held(path: Path, held: Held) -> bool:
    rule = RULES[shape_of(path)]
    return (path[0], path[1], rule.group or path[2]) in held


def _take_out(
    path: Path, observed: State, *, made: Made, ledger: Collection[Path], capabilities: Collection[str]
) -> None:
    """Leave the elements that we made out of a set that nobody declares any more."""
    section, key, name, _ = path
    values = made.get((section, key), {})
    if (name,) in values or shape_of(path) not in capabilities or values.get(("mode",)) == "access":
        return
    have = getattr(lookup(observed, section, key), name)
    ours = {entry[3] for entry in ledger if len(entry) == 4 and entry[:3] == path[:3]}
    made[(section, key)] = {**values, (name,): settle_set(name, None, have, ours=ours)}


def _users(vlan: int, observed: State, *, made: Made, gone: Collection[Path]) -> Iterator[str]:
    """The ports that use a VLAN when this pass is done. A trunk of all VLANs names none."""
    for key, port in observed.ports.items():
        if ("lags", key) in gone:
            continue
        planned = made.get(("ports", key), {})
        if vlan in _used(port, {names[0]: value for names, value in planned.items() if len(names) == 1}):
            yield key
    for (section, key), values in made.items():
        if (
            section == "ports"
            and key not in observed.ports
            and vlan in _used(Port(), {n[0]: v for n, v in values.items()})
        ):
            yield key


def _used(port: Port, planned: Mapping[str, Any]) -> set[Any]:
    mode = planned.get("mode", port.mode)
    names = {"access": ("access_vlan",), "trunk": ("native_vlan", "trunk_vlans")}.get(
        mode or "", ("access_vlan", "native_vlan", "trunk_vlans")
    )
    found: set[Any] = set()
    for name in names:
        value = planned.get(name, getattr(port, name))
        found.update(value if isinstance(value, tuple) else (value,))
    return found
