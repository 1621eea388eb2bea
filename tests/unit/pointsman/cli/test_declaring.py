"""The command line and a real service, without an agent: declarations, lists, waiting in vain, tokens, bad input."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from pointsman.demo.rack import rack_document

pytestmark = pytest.mark.unit

NODE = """
nodes:
  sw1: {profile: openvswitch, location: rack-a, access: ["ssh://root@10.8.0.11"], credentials: "file:lab.key",
        labels: {rack: demo, tier: leaf, unit: sw1}}
"""

ROLES = tuple(YAML(typ="safe").load(rack_document())["roles"])
"""The roles of the demo's rack, as they stand there."""


@pytest.fixture
async def declared(call: Any, tmp_path: Path) -> None:
    (tmp_path / "node.yaml").write_text(NODE)
    assert (await call("apply", "-f", str(rack_document()))).code == 0
    assert (await call("apply", "-f", str(tmp_path / "node.yaml"))).code == 0


async def test_a_document_is_declared_and_a_second_time_changes_nothing(call: Any) -> None:
    first = await call("apply", "-f", str(rack_document()))
    assert first.code == 0
    assert "changed locations: rack-a" in first.out
    assert f"changed roles: {', '.join(ROLES)}\n" in first.out
    second = await call("apply", "-f", str(rack_document()))
    assert second.out == f"nothing changed: all {len(ROLES) + 1} objects are declared so already\n"


async def test_a_dry_run_stores_nothing_and_shows_the_leaves(call: Any, declared: None, tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text(
        "roles: {more: {attach: {nodes: [sw1]}, state: {ports: {p5: {mode: access, access_vlan: 30}}}}}"
    )
    shown = await call("apply", "-f", str(tmp_path / "more.yaml"), "--dry-run")
    assert shown.code == 0
    assert "ports.p5.access_vlan: - -> 30 (more)" in shown.out
    assert "AgentAway" in shown.out
    assert "more" not in (await call("get", "roles")).out


async def test_lists_come_as_lines_and_as_json(call: Any, declared: None) -> None:
    shown = await call("get", "nodes")
    assert shown.out.splitlines()[0].split() == [
        *("NAME", "PROFILE", "LOCATION", "GENERATION", "CONVERGED", "REACHABLE", "AGENT", "SEEN")
    ]
    assert shown.out.splitlines()[1].startswith("sw1   openvswitch  rack-a")
    (node,) = json.loads((await call("get", "nodes", "--json")).out)
    assert node["spec"]["access"] == ["ssh://root@10.8.0.11"]
    assert json.loads((await call("get", "node", "sw1", "--json")).out)["name"] == "sw1"
    for kind in ("roles", "locations", "profiles", "events"):
        assert (await call("get", kind)).out.count("\n") > 1
    assert (await call("get", "agents")).err == "no agents to show\n"


async def test_nodes_are_chosen_by_label_and_condition(call: Any, declared: None) -> None:
    assert "sw1" in (await call("get", "nodes", "--label", "tier=leaf", "--condition", "Reachable:false")).out
    assert (await call("get", "nodes", "--label", "tier=spine")).err == "no nodes to show\n"


async def test_show_tells_of_a_node_and_of_a_role(call: Any, declared: None) -> None:
    node = await call("show", "sw1")
    assert "Reachable: no AgentAway" in node.out
    role = await call("show", "role/rack-uplink")
    assert "attached to the labels rack=demo tier=leaf" in role.out
    assert "sw1: no, generation" in role.out
    missing = await call("show", "nothing")
    assert (missing.code, missing.out) == (1, "")
    assert "no node and no role named nothing" in missing.err


async def test_waiting_for_a_node_without_an_agent_is_in_vain_and_says_why(call: Any, declared: None) -> None:
    for names in (["sw1"], ["--all"], ["rack-uplink"]):
        shown = await call("wait", *names, "--timeout", "0")
        assert shown.code == 3
        assert "no agent is enrolled at the location rack-a" in shown.err
    assert (await call("wait", "nobody", "--timeout", "0")).code == 1


async def test_what_wants_an_agent_says_that_it_is_away(call: Any, declared: None) -> None:
    for words in (["plan", "sw1"], ["converge", "sw1"]):
        shown = await call(*words)
        assert shown.code == 1
        assert "agent" in shown.err
        assert shown.err.count("\n") == 1


async def test_what_was_not_reported_yet_is_said_so(call: Any, declared: None) -> None:
    for words in (["facts", "sw1"], ["plan", "sw1", "--last"]):
        shown = await call(*words)
        assert (shown.code, shown.out) == (1, "")
        assert "sw1" in shown.err
    assert (await call("drift", "sw1")).err == "no drift: all is as it was declared\n"
    assert (await call("links")).err == "no links were seen yet\n"
    assert (await call("drift", "nobody")).code == 1


async def test_a_pause_is_seen_and_ended(call: Any, declared: None) -> None:
    shown = await call("pause", "sw1", "--for", "10m", "--reason", "new fans")
    assert (shown.code, shown.err) == (0, "")
    assert "new fans" in (await call("show", "sw1")).out
    assert (await call("resume", "sw1")).code == 0
    assert "new fans" not in (await call("show", "sw1")).out


async def test_tokens_are_shown_once_listed_and_revoked(
    call: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = await call("token", "create", "ci", "--scope", "read", "--expires", "1d")
    token = made.out.strip()
    file = tmp_path / "ci.token"
    assert (await call("token", "create", "ci2", "--scope", "read", "--out", str(file))).code == 0
    assert file.stat().st_mode & 0o777 == 0o600
    listed = await call("token", "list")
    assert "ci2" in listed.out
    assert token not in listed.out
    assert (await call("token", "create", "ci2", "--scope", "read", "--out", str(file))).code == 1

    identity = next(
        item["id"] for item in json.loads((await call("token", "list", "--json")).out) if item["name"] == "ci"
    )
    (tmp_path / "used.token").write_text(token)
    mine = ["--token-file", str(tmp_path / "used.token")]
    assert (await call("get", "nodes", *mine)).code == 0
    refused = await call("apply", "-f", str(rack_document()), *mine)
    assert refused.code == 1
    assert "declare" in refused.err
    assert (await call("token", "revoke", identity)).code == 0
    assert (await call("get", "nodes", *mine)).code == 1


async def test_without_a_token_it_is_said_what_is_needed(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POINTSMAN_TOKEN_FILE")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nowhere")
    shown = await call("get", "nodes")
    assert shown.code == 1
    assert "token" in shown.err
    assert shown.err.count("\n") == 1


async def test_events_are_listed_from_a_number_on(call: Any, declared: None) -> None:
    shown = await call("events", "--json")
    events = [json.loads(line) for line in shown.out.splitlines()]
    assert "node.declared" in {event["type"] for event in events}
    middle = events[len(events) // 2]["id"]
    rest = await call("events", "--since", str(middle), "--json")
    assert [json.loads(line)["id"] for line in rest.out.splitlines()] == [e["id"] for e in events if e["id"] > middle]
    assert "node.declared" in (await call("events")).out


async def test_doctor_says_what_is_missing(call: Any, declared: None) -> None:
    shown = await call("doctor", "--json")
    findings = {item["check"]: item for item in json.loads(shown.out)}
    assert shown.code == 3
    assert findings["packages"]["verdict"] == "ok"
    assert findings["service"]["verdict"] == "ok"
    assert findings["clocks"]["verdict"] == "ok"
    assert findings["token"] == {"check": "token", "verdict": "ok", "message": "the token may read and administer"}
    assert "join token" in findings["agents"]["message"]
    assert "no agent is enrolled" in findings["node sw1"]["message"]
    assert "lab" in findings


async def test_doctor_without_a_service_fails(call: Any) -> None:
    shown = await call("doctor", "--service", "unix:/nowhere.sock")
    assert shown.code == 1
    assert "cannot reach the service" in shown.out


BAD = {
    "roles: {a: {state: {vlans: {0: {name: x}}}}}": "roles.a.state.vlans.0",
    "roles: {a: {state: {vlans: {4095: {name: x}}}}}": "roles.a.state.vlans.4095",
    "roles: {a: {state: {ports: {p1: {mode: access, trunk_vlans: [10]}}}}}": "roles.a.state.ports.p1.trunk_vlans",
    "roles: {a: {stat: {}}}": "roles.a.stat",
    "roles: {a: {state: {ports: {p1: {description: 'x; reboot'}}}}}": "roles.a.state.ports.p1.description",
    "nodes: {n: {profile: nope, location: rack-a, access: ['ssh://a@b']}}": "nodes.n.profile",
    "nodes: {n: {profile: openvswitch, location: nope, access: ['ssh://a@b']}}": "nodes.n.location",
    "nodes: {n: {profile: openvswitch, location: rack-a, access: ['ssh://b'], credentials: 'file:/etc/shadow'}}": (
        "nodes.n.credentials"
    ),
    "roles: {a: {}, a: {}}": "roles",
    "roles: [": "",
    'roles: {"a\\u001b[31m\\nb": {}}': "roles",
}


async def test_what_is_wrong_with_a_document_is_said_with_its_path(call: Any, declared: None, tmp_path: Path) -> None:
    for document, path in BAD.items():
        (tmp_path / "bad.yaml").write_text(document)
        shown = await call("apply", "-f", str(tmp_path / "bad.yaml"))
        assert (shown.code, shown.out) == (1, ""), document
        assert path in shown.err, document
        assert "Traceback" not in shown.err
        assert shown.err.replace("\n", "").isprintable(), document


async def test_a_large_prune_is_confirmed_with_what_it_deletes_in_sight(call: Any, tmp_path: Path) -> None:
    await call("apply", "-f", str(rack_document()))
    (tmp_path / "empty.yaml").write_text("set: rack-demo\nlocations: {rack-a: {}}\n")
    prune = ["apply", "-f", str(tmp_path / "empty.yaml"), "--prune", "rack-demo"]
    refused = await call(*prune)
    assert (refused.code, refused.out) == (1, "")
    assert f"roles: {', '.join(sorted(ROLES))}\n" in refused.err
    (confirmation,) = re.findall(r"--confirm (\S+)", refused.err)
    assert "rack-uplink" in (await call("get", "roles")).out
    done = await call(*prune, "--confirm", confirmation)
    assert done.code == 0
    assert f"deleted roles: {', '.join(sorted(ROLES))}\n" in done.out
