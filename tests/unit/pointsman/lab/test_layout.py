"""The plan of the rack fits together."""

from pathlib import Path

import pytest

from pointsman.lab import capability, layout, programs
from pointsman.lab.cables import check_port
from pointsman.lab.errors import LabError
from pointsman.lab.hosts import mac_of
from pointsman.lab.lab import Lab

pytestmark = pytest.mark.unit

PACKAGES = Path(__file__).resolve().parents[4] / "deploy" / "lab" / "debian-packages.txt"


def test_every_cable_ends_in_a_port_of_its_own() -> None:
    assert len(set(layout.CABLES.values())) == len(layout.CABLES)
    for port in layout.CABLES.values():
        check_port(port)


def test_names_and_addresses_are_unique() -> None:
    names = [device.name for device in layout.DEVICES]
    assert len(set(names)) == len(names)
    addresses = [device.address for device in layout.DEVICES if device.address]
    assert len(set(addresses)) == len(addresses)
    assert len({mac_of(host) for host in layout.NUMBERS}) == len(layout.NUMBERS)


def test_both_switches_have_the_ports_of_their_cables() -> None:
    assert layout.switch_ports("sw1") == ("p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p23", "p24", "p48")
    assert layout.switch_ports("sw2") == ("p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p23", "p24")


@pytest.mark.parametrize("port", ["", "sw1", "sw1:", ":p1", "sw1:p24", "sw2:p8", "sw3:p1", "sw1:p1:p2", "sw1:P1"])
def test_what_is_no_port_is_refused(port: str) -> None:
    with pytest.raises(LabError, match="takes a cable"):
        check_port(port)


@pytest.mark.parametrize("name", ["", "a/b", "../x", "a b", "1lab", "-x", "läb", "x" * 25, "a;b", "a\n"])
def test_what_is_no_name_for_a_lab_is_refused(name: str) -> None:
    with pytest.raises(LabError, match="is no name for a lab"):
        Lab(name)


def test_every_package_that_could_be_missing_is_in_the_list_that_is_installed() -> None:
    lines = PACKAGES.read_text().split("\n[tests]")[0].splitlines()
    listed = {line.partition("#")[0].strip() for line in lines}
    assert set(capability.PACKAGES.values()) <= listed


def test_a_missing_program_is_named_by_its_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(programs, "PATH", str(tmp_path))
    assert "openvswitch-switch" in capability.missing_packages()
    monkeypatch.setattr(capability, "_cannot_make_devices", lambda: "")
    able, reason = capability.can_make_lab()
    assert not able
    assert "apt-get install" in reason
    assert "vde2" in reason
