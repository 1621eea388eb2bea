"""What a token may declare: the highest priority, nodes by their labels, VLANs by number. Outside it is 403."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from device_profiles.documents import RoleSpec
from device_profiles.leaves import leaves
from device_profiles.paths import Path, render_path
from proxy_service.callers import Caller, Limits
from proxy_service.problems import Slug, refused_at

_VLAN_FIELDS = frozenset({"access_vlan", "native_vlan"})


def check_role(caller: Caller, spec: RoleSpec, place: str) -> None:
    """Raise where the role's priority or VLANs are beyond the token's. ``place`` is the prefix of paths."""
    _check_exact(caller.limits, spec, place)
    limits = caller.limits
    if limits.max_priority is not None and spec.priority > limits.max_priority:
        message = f"the token declares up to priority {limits.max_priority}"
        raise refused_at(Slug.FORBIDDEN, f"{place}priority", message)
    if limits.vlans is None or limits.vlans == "all":
        return
    allowed = {str(vlan) for vlan in limits.vlans}
    for path, value in leaves(spec.state).items():
        vlan = _vlan_of(path, value)
        if vlan is not None and vlan not in allowed:
            message = "the token may not declare this VLAN; GET /v1/tokens/self shows which"
            raise refused_at(Slug.FORBIDDEN, f"{place}state.{render_path(path)}", message)


def _check_exact(limits: Limits, spec: RoleSpec, place: str) -> None:
    """An exact set of VLANs takes away every other, also those that the token may not speak of."""
    if limits.vlans is None or limits.vlans == "all":
        return
    for path in spec.exclusive:
        if path.endswith(".trunk_vlans") or path == "vlans":
            message = "a token with VLANs of its own makes no set of VLANs exact: that would take away others"
            raise refused_at(Slug.FORBIDDEN, f"{place}exclusive", message)


def check_written(caller: Caller, spec: RoleSpec, bearers: Iterable[Mapping[str, str]], place: str) -> None:
    """Raise where a role that is there is beyond the token's limits, so that it may neither change nor delete it.

    ``bearers`` are the labels of the nodes that the role reaches.
    """
    check_role(caller, spec, place)
    for labels in bearers:
        check_labels(caller.limits, labels, f"{place}attach")


def _vlan_of(path: Path, value: object) -> str | None:
    if path[0] == "vlans":
        return path[1]
    if path[0] != "ports" or value == "none":
        return None
    return path[3] if path[2] == "trunk_vlans" else str(value) if path[2] in _VLAN_FIELDS else None


def bears(labels: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Whether ``labels`` has all of ``wanted``."""
    return all(labels.get(key) == value for key, value in wanted.items())


def check_labels(limits: Limits, labels: Mapping[str, str], path: str) -> None:
    """Raise where a node with ``labels`` is not the token's to write."""
    if not bears(labels, limits.labels):
        wanted = ", ".join(f"{key}={value}" for key, value in limits.labels.items())
        raise refused_at(Slug.FORBIDDEN, path, f"the token writes only nodes with the labels {wanted}")
