"""Exports: the site in the words of other tools, whatever neighbours call themselves."""

import csv
import io
import json
import re

import pytest

from proxy_service.exports import FORMATS
from proxy_service.exports.gathered import Cable, End, ExportedNode, Gathered
from tests.unit.proxy_service.site import Site

pytestmark = pytest.mark.unit

HOSTILE = 'x"]; <script>\\ =1+1'
FACTS = {"dmi": {"system": {"manufacturer": "Arista", "product_name": "7050S", "serial_number": "JPE1"}}}


def node(
    name: str, kind: str = "switch", *, access: str = "ssh://admin@192.0.2.1:2222", **spec: object
) -> ExportedNode:
    spec = {"profile": "arista_eos", "location": "row-a", "access": [access], "credentials": "file:x.key", **spec}
    return ExportedNode(name, kind, spec, FACTS)


def cable(a: str, b: str, *, medium: str = "data", state: str = "confirmed", kind: str = "node") -> Cable:
    first, second = a.split("/"), b.split("/")
    return Cable(End("node", *first), End(kind, *second), medium, state, ("lldp",))


SITE = Gathered(
    (
        node("sw1", labels={"tier/x": "leaf"}, annotations={"netbox-site": "ams1"}),
        node("sw2", access="snmp://secret-community@[2001:db8::1]"),
        node("con1", access="serial:/dev/ttyUSB0"),
    ),
    (
        cable("sw1/Ethernet1", "sw2/Ethernet2"),
        cable("sw1/Ethernet3", "web-07/eth0", kind="server", state="stale"),
        cable("sw2/p9", f"{HOSTILE}/{HOSTILE}", kind="unknown", state="one_sided"),
        cable("sw2/7", "web-07/psu0", kind="server", medium="power"),
    ),
)


@pytest.mark.parametrize("form", FORMATS)
def test_no_format_shows_a_secret_and_every_one_of_json_is_json(form: str) -> None:
    text = FORMATS[form].write(SITE)
    assert "secret-community" not in text
    assert "x.key" not in text
    if FORMATS[form].media == "application/json":
        assert json.loads(text)


def test_graphviz_gets_each_thing_once_and_no_name_ends_its_quotes() -> None:
    text = FORMATS["dot"].write(SITE)
    assert '"sw1" -- "sw2" [taillabel="Ethernet1", headlabel="Ethernet2", style=solid];' in text
    assert '"sw1" -- "server:web-07" [taillabel="Ethernet3", headlabel="eth0", style=dashed];' in text
    assert len(re.findall(r'^  "sw2" \[label=', text, re.MULTILINE)) == 1
    for line in text.splitlines()[3:-1]:
        assert re.fullmatch(r'  ("(\\.|[^"\\])*"|[^"])*', line), line
    assert r"x\"]; <script>\\" in text


def test_mermaid_holds_no_character_that_means_something_there() -> None:
    text = FORMATS["mermaid"].write(SITE)
    assert 'n0["sw1"]' in text
    assert 'n0 ---|"Ethernet1 - Ethernet2"| n1' in text
    assert "<script>" not in text
    assert "#60;script#62;" in text


def test_netjson_is_a_network_graph() -> None:
    graph = json.loads(FORMATS["netjson"].write(SITE))
    assert (graph["type"], graph["metric"]) == ("NetworkGraph", None)
    ids = {item["id"] for item in graph["nodes"]}
    assert {"sw1", "sw2", "con1", "server:web-07"} < ids
    assert all(item["source"] in ids and item["target"] in ids and item["cost"] == 1.0 for item in graph["links"])


def test_ansible_gets_groups_and_how_to_reach_each_host() -> None:
    inventory = json.loads(FORMATS["ansible"].write(SITE))
    assert inventory["profile_arista_eos"]["hosts"] == ["con1", "sw1", "sw2"]
    assert inventory["label_tier_x_leaf"]["hosts"] == ["sw1"]
    assert set(inventory["all"]["children"]) == set(inventory) - {"_meta", "all"}
    variables = inventory["_meta"]["hostvars"]["sw1"]
    assert (variables["ansible_host"], variables["ansible_port"], variables["ansible_user"]) == (
        "192.0.2.1",
        2222,
        "admin",
    )
    assert variables["ansible_network_os"] == "arista.eos.eos"
    assert variables["pointsman"]["facts"] == FACTS
    assert "ansible_host" not in inventory["_meta"]["hostvars"]["con1"]


def test_prometheus_gets_targets_with_meta_labels() -> None:
    targets = json.loads(FORMATS["prometheus"].write(SITE))
    assert [item["targets"] for item in targets] == [["192.0.2.1"], ["[2001:db8::1]"]]
    assert targets[0]["labels"]["__meta_pointsman_label_tier_x"] == "leaf"
    assert all(re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", key) for item in targets for key in item["labels"])


def test_chef_gets_what_was_found_as_automatic() -> None:
    nodes = json.loads(FORMATS["chef"].write(SITE))
    assert (nodes[0]["name"], nodes[0]["chef_type"], nodes[0]["automatic"]) == ("sw1", "node", FACTS)


def test_netbox_gets_devices_and_the_cables_of_which_both_ends_are_known() -> None:
    devices = list(csv.DictReader(io.StringIO(FORMATS["netbox-devices"].write(SITE))))
    assert (devices[0]["name"], devices[0]["site"], devices[0]["serial"]) == ("sw1", "ams1", "JPE1")
    cables = list(csv.DictReader(io.StringIO(FORMATS["netbox-cables"].write(SITE))))
    assert [(row["side_a_device"], row["side_b_device"], row["side_b_type"]) for row in cables] == [
        ("sw1", "sw2", "dcim.interface"),
        ("sw1", "web-07", "dcim.interface"),
        ("sw2", "web-07", "dcim.powerport"),
    ]


def test_what_a_spreadsheet_would_run_is_text() -> None:
    site = Gathered((), (cable("sw1/p1", "=1+1/p2", kind="server"),))
    assert "'=1+1" in FORMATS["netbox-cables"].write(site)


async def test_the_service_writes_what_it_has(site: Site) -> None:
    await site.rack("sw1", labels={"tier": "leaf"})
    agent = await site.agent()
    links = [{"port": "p24", "kind": "lldp", "name": "sw9", "chassis_id": "02:00:00:00:00:09", "remote_port": "p1"}]
    await agent.send(agent.report(links=links, links_hash="1", facts=FACTS, facts_hash="1"))
    for form, wanted in FORMATS.items():
        answer = await site.admin.ask("GET", f"export/{form}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, wanted.media)
        assert "sw1" in answer.text or form.startswith("netbox-cables")
    assert "sw9" in (await site.admin.ask("GET", "export/dot")).text
    assert (await site.admin.refused("GET", "export/visio"))["status"] == 422
