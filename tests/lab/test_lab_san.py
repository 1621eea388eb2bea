"""The lab's array: defined over SSH, seen by an initiator across the switches."""

import pytest

from pointsman.lab import Lab

pytestmark = pytest.mark.lab

TGTADM = ["tgtadm", "--lld", "iscsi"]


def test_an_export_is_seen_by_its_initiator_only_and_is_counted(lab: Lab) -> None:
    before = lab.writes("san")
    image = "/srv/tgt/tank/one"
    lab.run("san", ["truncate", "-s", "16M", image], check=True)
    for words in (
        ["--mode", "target", "--op", "new", "--tid", "1", "-T", "iqn.2024-01.lab:one"],
        ["--mode", "logicalunit", "--op", "new", "--tid", "1", "--lun", "1", "-b", image],
        ["--mode", "target", "--op", "bind", "--tid", "1", "-Q", "iqn.2024-01.lab:h3"],
    ):
        lab.run("san", [*TGTADM, *words], check=True)
    assert "iqn.2024-01.lab:one" in lab.run("san", [*TGTADM, "--mode", "target", "--op", "show"], check=True).stdout
    assert lab.writes("san") == before + 3
    portal = "iscsi://10.9.0.41:3260"
    assert "Lun:1" in lab.run("h3", ["iscsi-ls", "-s", "-i", "iqn.2024-01.lab:h3", portal]).stdout
    assert "Lun:1" not in lab.run("h3", ["iscsi-ls", "-s", "-i", "iqn.2024-01.lab:other", portal]).stdout
    lab.run("san", [*TGTADM, "--mode", "target", "--op", "delete", "--force", "--tid", "1"], check=True)
    lab.run("san", ["rm", image], check=True)
