"""From a node and the roles that reach it to its :class:`Desired`; and what differs between two of them. Pure."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson
from pydantic import TypeAdapter

from device_profiles.desired import Desired, Held
from device_profiles.documents import LocationSpec, NodeSpec
from device_profiles.leaves import leaves
from device_profiles.paths import Path, render_path
from device_profiles.profile import PortNames
from proxy_service.declare.merge import Declared, Merged, declared, merge
from proxy_service.declare.naming import canonical_protected, named
from proxy_service.declare.specs import profiles, read_role

DESIRED: Final = TypeAdapter(Desired)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A node's desired state, its text for the wire, and a hash of all of it but the generation."""

    desired: Desired
    merged: Merged
    hash: str

    def at(self, generation: int) -> Desired:
        """The desired state with its number."""
        return replace(self.desired, generation=generation)


@functools.lru_cache(maxsize=8_192)
def declared_of(name: str, text: str, names: PortNames) -> Declared:
    """A stored role, taken apart, in a node's names of ports; kept, since a role is compiled again and again."""
    return named(declared(name, read_role(text)), names)


def names_of(profile: str) -> PortNames:
    """How the ports of a profile are spelt; as they are declared where the profile is not there any more."""
    try:
        return _names_of(profile)
    except KeyError:
        return PortNames()


@functools.cache
def _names_of(profile: str) -> PortNames:
    """Looked up once: to list all profiles means to ask all distributions."""
    return profiles()[profile].port_names


def compile_node(
    name: str, spec: NodeSpec, location: LocationSpec | None, roles: Iterable[Declared], *, paused: bool = False
) -> Compiled:
    """What node ``name`` shall be. The generation is still 0: only the store knows the last one."""
    merged = merge(roles)
    names = names_of(spec.profile)
    protect = {canonical_protected(path, names) for path in (*spec.protect, *(location.protect if location else ()))}
    desired = Desired(
        node=name,
        generation=0,
        state=merged.state,
        owners={render_path(path): names for path, names in merged.owners.items()},
        held=tuple(clash.held for clash in merged.clashes),
        exclusive=merged.exclusive,
        drift="pause" if paused else spec.drift,
        role_drift=merged.role_drift,
        allow=tuple(sorted(set(spec.allow))),
        protect=tuple(sorted(protect)),
        window=spec.window,
        budget=spec.budget,
        approval=None if spec.approval == "none" else spec.approval,
        save=None if spec.save == "own" else spec.save,
    )
    return Compiled(desired, merged, hashlib.blake2b(written(desired), digest_size=16).hexdigest())


def written(desired: Desired) -> bytes:
    """A desired state as JSON, as it goes to the agent."""
    return DESIRED.dump_json(desired, exclude_none=True)


def read(text: str) -> Desired:
    """The desired state that :func:`written` wrote."""
    return DESIRED.validate_json(text)


def held_text(held: Iterable[Held]) -> str:
    """Held groups as JSON."""
    return orjson.dumps([{"path": h.path, "roles": h.roles, "message": h.message} for h in held]).decode()


def plain(value: Any) -> Any:
    """A leaf's value as JSON has it."""
    return orjson.loads(orjson.dumps(value))


def explained(desired: Desired) -> list[dict[str, Any]]:
    """Every leaf with its value and the roles behind it."""
    return [
        {"path": path, "value": value, "roles": list(desired.owners.get(path, ()))}
        for path, value in _by_text(leaves(desired.state)).items()
    ]


def difference(before: Desired | None, after: Desired | None) -> list[dict[str, Any]]:
    """Leaves that change, with the roles behind them; None is a node without desired state."""
    old = _by_text(leaves(before.state)) if before else {}
    new = _by_text(leaves(after.state)) if after else {}
    found = []
    for path in sorted(old.keys() | new.keys()):
        if old.get(path) != new.get(path):
            holder = after if path in new else before
            roles = list(holder.owners.get(path, ())) if holder else []
            found.append({"path": path, "before": old.get(path), "after": new.get(path), "roles": roles})
    return found


def _by_text(found: Mapping[Path, Any]) -> dict[str, Any]:
    return {render_path(path): plain(value) for path, value in sorted(found.items())}
