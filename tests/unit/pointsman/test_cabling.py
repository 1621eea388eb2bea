"""Cables of other inventories as declarations."""

import io
import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from pointsman.cabling import read_cables
from pointsman.cli.app import run
from pointsman.problems import PointsmanError

pytestmark = pytest.mark.unit

CSV = {
    "ours": "a,b\nsw1/p1,web-07/eth0\n",
    "netbox bulk import": "side_a_device,side_a_type,side_a_name,side_b_device,side_b_type,side_b_name,status\n"
    "sw1,dcim.interface,p1,web-07,dcim.interface,eth0,connected\n",
    "netbox table": '"Device A","Termination A","Device B","Termination B","Status"\nsw1,p1,web-07,eth0,Connected\n',
    "before 3.3": "Termination A Parent,Termination A,Termination B Parent,Termination B\nsw1,p1,web-07,eth0\n",
}


def api(a: list, b: list, **more) -> dict:
    def side(ends):
        return [
            {"object_type": kind, "object": {"name": name, "device": {"name": device}}} for device, name, kind in ends
        ]

    return {"id": 7, "a_terminations": side(a), "b_terminations": side(b), **more}


@pytest.mark.parametrize("text", CSV.values(), ids=CSV)
def test_two_ends_in_a_csv_are_a_cable(text):
    assert read_cables(text.encode()).cables == [{"a": "sw1/p1", "b": "web-07/eth0"}]


def test_netboxes_api_tells_ends_media_and_states():
    found = read_cables(
        json.dumps(
            {
                "results": [
                    api([("sw1", "p1", "dcim.interface")], [("web-07", "eth0", "dcim.interface")]),
                    api([("pdu1", "7", "dcim.poweroutlet")], [("web-07", "psu0", "dcim.powerport")]),
                    api([("sw1", "p2", "dcim.interface")], [("h2", "eth0", "x")], status={"value": "planned"}),
                    api([], [("h2", "eth0", "dcim.interface")]),
                    {
                        "termination_a": {"name": "p3", "device": {"name": "sw1"}},
                        "termination_b": {"name": "con 1", "device": {"name": "ts1"}},
                    },
                ]
            }
        ).encode()
    )
    assert found.cables == [
        {"a": "sw1/p1", "b": "web-07/eth0"},
        {"a": "pdu1/7", "b": "web-07/psu0", "medium": "power"},
    ]
    reasons = ("it is planned", "it ends at nothing that is a device's", "an end is a name")
    assert [reason in sentence for reason, sentence in zip(reasons, found.left_out, strict=True)] == [True] * 3


def test_yaml_is_read_as_a_list_or_under_its_key():
    for text in (
        "cabling:\n- {a: sw1/p1, b: sw2/p1}\n",
        "- {a: sw1/p1, b: sw2/p1}\n",
        "cables: [{a: sw1/p1, b: sw2/p1}]",
    ):
        assert read_cables(text.encode()).cables == [{"a": "sw1/p1", "b": "sw2/p1"}]


@pytest.mark.parametrize("text", ["", "x", "{", "[5]", '{"results": 5}', "a: [", "{}", "[]"])
def test_what_is_no_list_of_cables_is_refused(text):
    with pytest.raises(PointsmanError):
        read_cables(text.encode())


def test_hostile_cells_are_left_out_and_shown_safely():
    found = read_cables(b"a,b\nsw1/p1,\x1b]0;x\x07/p1\nsw1/p1\n")
    assert found.cables == []
    assert all(sentence.isprintable() for sentence in found.left_out)


def test_the_command_writes_a_document(tmp_path: Path, capsys):
    file = tmp_path / "cables.csv"
    file.write_text(CSV["netbox bulk import"] + "sw1,dcim.interface,p2,web-08,dcim.interface,eth0,planned\n")
    assert run(["cabling", "--import", str(file)]) == 0
    shown = capsys.readouterr()
    assert YAML(typ="safe").load(io.StringIO(shown.out)) == {"cabling": [{"a": "sw1/p1", "b": "web-07/eth0"}]}
    assert shown.err == "left out: sw1/p2 - web-08/eth0: it is planned\n"
    assert run(["cabling", "--import", str(tmp_path / "nothing")]) == 1
