"""What a probe shows: one JSON document, the same words as everywhere."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import TypeAdapter

from device_profiles.links import Neighbour
from device_profiles.operation import Operation
from device_profiles.profile import Profile
from device_profiles.state import State
from drivers.playing import NAMELESS
from pointsman.probe.reading import Findings

_STATE: Final = TypeAdapter(State)
_OPERATION: Final = TypeAdapter(Operation)
_SWITCH: Final = ("vlans", "ports", "lags")
_MARKS: Final = ("serial", "uuid", "macs", "initiator")
"""What a machine shows of itself, where it does."""


def document(profile: Profile, found: Findings) -> dict[str, Any]:
    """The findings as JSON values: profile, facts, observed, operation, links, fdb, warnings."""
    operation = found.operation
    facts = _named(dict(found.facts))
    return {
        "profile": profile.name,
        "facts": facts,
        "observed": _observed(found.state),
        "operation": {} if operation is None else _running(operation),
        "links": [_link(each, str(facts.get("hostname", ""))) for each in found.links],
        "fdb": [] if operation is None else [asdict(entry) for entry in operation.macs],
        "warnings": found.warnings,
    }


def _observed(state: State) -> dict[str, Any]:
    dumped: dict[str, Any] = _STATE.dump_python(state, mode="json", exclude_none=True)
    return {section: content for section, content in dumped.items() if content or section in _SWITCH}


def _running(operation: Operation) -> dict[str, Any]:
    dumped: dict[str, Any] = _OPERATION.dump_python(operation, mode="json", exclude_none=True)
    del dumped["macs"]  # they are the FDB
    return dumped


def _named(facts: dict[str, Any]) -> dict[str, Any]:
    """A recording without a prompt has a name of ours in it, which is no fact."""
    return facts | {name: "" for name in ("hostname", "fqdn") if facts.get(name) == NAMELESS}


def _link(each: Neighbour, node: str) -> dict[str, Any]:
    """A neighbour as a link, one end of which is ours."""
    at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    seen = {"first_seen": at, "last_seen": at}
    return {
        "a": {"node": node, "port": each.port},
        "b": {
            "unknown": each.name or each.chassis_id,
            "name": each.name,
            "chassis_id": each.chassis_id,
            "port": each.remote_port,
            "port_description": each.port_description,
            **{name: value for name in _MARKS if (value := getattr(each, name))},
        },
        "medium": each.medium,
        "state": "one_sided",
        **seen,
        "evidence": [{"kind": each.kind, "source": node, **seen}],
    }
