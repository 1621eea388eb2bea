"""Answers of the service as its API writes them, for what shows them."""

from typing import Any

AT = "2026-11-20T10:00:00Z"


def condition(kind: str, *, status: bool | None, reason: str = "", message: str = "") -> dict[str, Any]:
    return {"type": kind, "status": status, "reason": reason, "message": message, "since": AT}


def node(name: str = "sw1", *, converged: bool = True, **status: Any) -> dict[str, Any]:
    return {
        "name": name,
        "kind": "switch",
        "spec": {
            "profile": "openvswitch",
            "location": "rack-a",
            "access": ["ssh://root@10.8.0.11"],
            "labels": {"rack": "demo"},
        },
        "revision": 3,
        "status": {
            "generation": 2,
            "converged_generation": 2 if converged else 1,
            "conditions": [
                condition("Reachable", status=True),
                condition("Converged", status=converged)
                if converged
                else condition("Converged", status=False, reason="WriteFailed", message="p1 refused its VLAN"),
            ],
            "agent": "edge-1",
            "last_seen": AT,
            "observed_at": AT,
            "last_pass": "a1",
            "drift": 0,
            "identity": {"ssh_host_key": "SHA256:abc"},
            **status,
        },
    }


def step(text: str = "put p1 into VLAN 10", **changes: Any) -> dict[str, Any]:
    return {
        "capability": "ports.access_vlan",
        "text": text,
        "commands": ["ovs-vsctl set Port p1 tag=10"],
        "undo": ["ovs-vsctl clear Port p1 tag"],
        "impact": "none",
        "status": "done",
        **changes,
    }


def pass_record(**changes: Any) -> dict[str, Any]:
    return {
        "id": "a1",
        "cause": "assignment",
        "generation": 2,
        "outcome": "changed",
        "started_at": AT,
        "ended_at": AT,
        "steps": [step()],
        "drift": [],
        "reason": "",
        "message": "",
        "device_ms": 41.7,
        **changes,
    }


def link(**b: Any) -> dict[str, Any]:
    return {
        "a": {"node": "sw1", "port": "p23"},
        "b": {"name": "sw2", "chassis_id": "", "port": "p23", "port_description": "", **b},
        "medium": "data",
        "state": "one_sided",
        "first_seen": AT,
        "last_seen": AT,
        "evidence": [{"kind": "lldp", "source": "sw1", "first_seen": AT, "last_seen": AT}],
    }


def drift_item(**changes: Any) -> dict[str, Any]:
    return {"path": "ports.p1.access_vlan", "expected": 10, "found": 66, "roles": ["sw1-hosts"], "since": AT, **changes}


def role(name: str = "uplink", *, converged: bool = True) -> dict[str, Any]:
    entry = {"generation": 2, "converged": converged, "reason": "", "message": ""}
    if not converged:
        entry |= {"reason": "Held", "message": "another role disagrees"}
    return {
        "name": name,
        "spec": {"owner": "net-team", "priority": 60, "attach": {"labels": {"tier": "leaf"}}, "state": {}},
        "revision": 2,
        "status": {"converged": converged, "nodes": {"sw1": entry}},
    }
