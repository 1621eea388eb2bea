"""Lists, trees and sentences made of what the service answers."""

import pytest

from pointsman.show.changes import applied_lines, dry_run_tree
from pointsman.show.details import node_tree, role_tree
from pointsman.show.events import event_line
from pointsman.show.facts import facts_tree
from pointsman.show.output import indented, plain_lines
from pointsman.show.plans import pass_tree, plan_tree, sentences
from pointsman.show.tables import DRIFT, LINKS, TABLES, TOKENS
from pointsman.show.waiting import why_late
from tests.unit.pointsman.show import samples

pytestmark = pytest.mark.unit

HOSTILE = "\x1b[2J[bold]x\n"


def test_a_converged_node_is_a_row() -> None:
    row = TABLES["nodes"].row(samples.node())
    assert row[:7] == ("sw1", "openvswitch", "rack-a", "2", "yes", "yes", "edge-1")


def test_a_node_that_is_not_converged_says_why() -> None:
    assert TABLES["nodes"].row(samples.node(converged=False))[4] == "no (WriteFailed)"


def test_a_node_whose_new_generation_is_not_there_yet_is_not_converged() -> None:
    assert TABLES["nodes"].row(samples.node(generation=3))[4] == "no (a new generation is on its way)"


def test_a_node_that_nobody_read_yet_is_unknown() -> None:
    fresh = samples.node(conditions=[], agent=None, last_seen=None)
    assert TABLES["nodes"].row(fresh)[4:] == ("unknown", "unknown", "-", "-")


def test_the_reason_of_a_late_node_is_its_worst_condition() -> None:
    away = [samples.condition("Reachable", status=False, reason="AgentAway", message="start it")]
    assert why_late(samples.node(conditions=away)) == "sw1 has not converged: AgentAway: start it"
    paused = [samples.condition("Paused", status=True, reason="Paused", message="until noon")]
    assert why_late(samples.node(conditions=paused)) == "sw1 has not converged: Paused: until noon"


def test_other_lists_have_rows() -> None:
    assert TABLES["roles"].row(samples.role(converged=False)) == ("uplink", "net-team", "60", "1", "no (sw1)")
    agent = {"name": "edge-1", "location": "rack-a", "version": "0.1.0", "connected": False, "last_seen": None}
    assert TABLES["agents"].row(agent) == ("edge-1", "rack-a", "0.1.0", "no", "-", "-", "-", "-")
    assert TABLES["locations"].row({"name": "rack-a", "spec": {}}) == ("rack-a", "alone", "lldp+fdb", "-")
    token = {"id": "3f", "name": "ci", "owner": "me", "scopes": ["read", "declare"], "expires_at": None}
    assert TOKENS.row(token) == ("3f", "ci", "me", "read,declare", "never")
    assert LINKS.row(samples.link()) == ("sw1", "p23", "sw2", "p23", "lldp", "one_sided")
    assert DRIFT.row({"node": "sw1", **samples.drift_item()})[:5] == (
        "sw1",
        "ports.p1.access_vlan",
        "10",
        "66",
        "sw1-hosts",
    )


def test_a_pass_of_an_agent_that_had_no_service_is_of_another_count() -> None:
    assert "(offline generation 2," in pass_tree("last pass", samples.pass_record(offline=True)).text


def test_show_has_all_there_is_about_a_node() -> None:
    whole = {
        **samples.node(converged=False),
        "last_pass": samples.pass_record(outcome="failed", reason="Rejected", message="no such port"),
        "drift": [samples.drift_item()],
        "links": [samples.link()],
    }
    text = "\n".join(indented(node_tree(whole)))
    for words in (
        "Converged: no WriteFailed",
        "p1 refused its VLAN",
        "failed (generation 2, 42 ms of the device)",
        "Rejected: no such port",
        "ovs-vsctl set Port p1 tag=10",
        "ports.p1.access_vlan: declared 10 by sw1-hosts, found 66",
        "p23: sw2 p23 (by lldp, one_sided)",
        "ssh_host_key=SHA256:abc",
    ):
        assert words in text


def test_show_has_how_a_role_stands_on_its_nodes() -> None:
    text = "\n".join(indented(role_tree(samples.role(converged=False))))
    assert "sw1: no, generation 2: Held: another role disagrees" in text


def test_a_plan_has_sentences_impacts_and_commands() -> None:
    plan = {"generation": 2, "steps": [samples.step(impact="flap", status="pending")], "notes": ["n"], "problems": []}
    assert indented(plan_tree("sw1", plan)) == [
        "sw1: 1 step (generation 2)",
        "  put p1 into VLAN 10 [flap]",
        "    ovs-vsctl set Port p1 tag=10",
        "  note: n",
    ]
    assert indented(plan_tree("sw1", {"generation": 2, "steps": []})) == ["sw1: nothing to change (generation 2)"]


def test_a_pass_tells_which_steps_were_not_done() -> None:
    record = samples.pass_record(outcome="failed", steps=[samples.step(), samples.step("open p2", status="failed")])
    text = "\n".join(indented(pass_tree("sw1", record)))
    assert "open p2 (FAILED)" in text
    assert sentences(record) == ["put p1 into VLAN 10"]
    found = indented(pass_tree("sw1", samples.pass_record(outcome="reported", drift=[samples.drift_item()])))
    assert "  drift found: ports.p1.access_vlan: declared 10, found 66" in found


def test_apply_says_what_changed() -> None:
    answer = {
        "changed": {"locations": [], "nodes": ["sw1"], "roles": ["a", "b"]},
        "unchanged": 2,
        "deleted": {"nodes": [], "roles": ["old"]},
        "nodes": {"sw1": 4},
        "unbound": [],
    }
    assert list(applied_lines(answer)) == [
        "changed nodes: sw1",
        "changed roles: a, b",
        "deleted roles: old",
        "unchanged: 2",
        "nodes: sw1 at generation 4",
    ]


def test_apply_says_when_nothing_changed() -> None:
    answer = {"changed": {"nodes": []}, "unchanged": 5, "nodes": {}}
    assert list(applied_lines(answer)) == ["nothing changed: all 5 objects are declared so already"]


def test_a_dry_run_shows_leaves_and_steps_or_why_there_are_none() -> None:
    diff = [{"path": "ports.p1.access_vlan", "before": None, "after": 10, "roles": ["r"]}]
    away = {"reason": "AgentAway", "message": "last heard at noon"}
    text = indented(dry_run_tree("sw1", {"compiled_diff": diff, "unavailable": away}))
    assert "    ports.p1.access_vlan: - -> 10 (r)" in text
    assert "  no plan: AgentAway: last heard at noon" in text
    text = indented(dry_run_tree("sw1", {"compiled_diff": diff, "plan": [samples.step(status="pending")]}))
    assert "    put p1 into VLAN 10" in text


def test_facts_are_a_tree() -> None:
    facts = {"platform": "openvswitch", "network": {"interfaces": {"p1": {"mtu": "1500", "flags": ["UP", "LOWER_UP"]}}}}
    assert indented(facts_tree("sw1", {"at": samples.AT, "facts": facts}))[1:] == [
        "  platform: openvswitch",
        "  network:",
        "    interfaces:",
        "      p1:",
        "        mtu: 1500",
        "        flags: UP,LOWER_UP",
    ]
    assert indented(facts_tree("sw1 platform", {"at": None, "facts": "openvswitch"}))[1:] == ["  openvswitch"]


def test_an_event_is_a_line() -> None:
    event = {"id": 7, "at": samples.AT, "type": "pass.finished", "node": "sw1", "data": {"outcome": "changed"}}
    assert event_line(event) == "     7  2026-11-20 10:00:00  pass.finished       sw1  outcome=changed"


def test_nothing_hostile_gets_through() -> None:
    whole = {
        **samples.node(agent=HOSTILE),
        "last_pass": samples.pass_record(message=HOSTILE, steps=[samples.step(HOSTILE, commands=[HOSTILE])]),
        "drift": [samples.drift_item(found=HOSTILE, path=HOSTILE)],
        "links": [samples.link(name=HOSTILE, port=HOSTILE)],
    }
    lines = indented(node_tree(whole))
    lines += indented(facts_tree("sw1", {"facts": {HOSTILE: {HOSTILE: HOSTILE}}}))
    lines += plain_lines(TABLES["nodes"].columns, [TABLES["nodes"].row(whole)])
    lines += plain_lines(LINKS.columns, [LINKS.row(samples.link(name=HOSTILE))])
    assert [line for line in lines if not line.isprintable()] == []


def test_show_has_the_outlets_of_a_pdu_with_what_they_draw() -> None:
    whole = {
        **samples.node(),
        "operation": {
            "at": None,
            "inputs": {"phase-1": {"kind": "phase", "amps": 4.9, "volts": 242.0}},
            "outlets": {
                "7": {"on": True, "watts": 118.0, "energy_wh": 57300.0},
                "8": {"on": False, "waiting": True, "name": HOSTILE},
            },
        },
    }
    lines = [line.strip() for line in indented(node_tree(whole))]
    assert "phase-1: 4.9 A, 242 V" in lines
    assert "7: on, 118 W, 57.3 kWh" in lines
    assert any(line.startswith("8: off, on its way, ") for line in lines)
    assert all(line.isprintable() for line in lines)
