"""The lab's switches: reached as real ones are, and counting what is written to them."""

import pytest

from pointsman.lab import Lab
from pointsman.lab.waiting import until

pytestmark = pytest.mark.lab

VSCTL = ["ovs-vsctl", "--timeout=5"]


def ssh(lab: Lab, address: str, command: str):
    options = [
        "-i",
        str(lab.key_path),
        "-oStrictHostKeyChecking=no",
        "-oUserKnownHostsFile=/dev/null",
        "-oLogLevel=QUIET",
    ]
    return lab.run("mgmt", ["ssh", *options, f"root@{address}", command])


def ping(lab: Lab, host: str, address: str) -> bool:
    return lab.run(host, ["ping", "-c1", "-W1", address]).returncode == 0


def test_every_device_but_the_switched_off_blades_is_up(lab: Lab) -> None:
    down = {device.name for device in lab.status() if not device.up}
    assert down <= {"blade1", "blade2"}


def test_status_says_how_each_switch_is_reached(lab: Lab) -> None:
    status = {device.name: device for device in lab.status()}
    assert status["sw1"].access == ("ssh://root@10.8.0.11",)
    assert status["sw1"].serial == "rfc2217://10.8.0.254:2003"
    assert status["sw2"].serial is None
    assert status["sw1"].netns == f"{lab.name}-sw1"
    assert status["sw1"].profile == "openvswitch"


@pytest.mark.parametrize(("switch", "address"), [("sw1", "10.8.0.11"), ("sw2", "10.8.0.12")])
def test_a_switch_is_itself_over_ssh(lab: Lab, switch: str, address: str) -> None:
    done = ssh(lab, address, "hostname; ovs-vsctl get Open_vSwitch . external_ids:hostname")
    assert done.stdout.split() == [switch, switch]
    scanned = lab.run("mgmt", ["sh", "-c", f"ssh-keyscan -t ed25519 {address} 2>/dev/null | ssh-keygen -lf -"])
    assert lab.host_keys[switch] in scanned.stdout


def test_hosts_reach_each_other_over_one_cable_and_the_other_is_down(lab: Lab) -> None:
    assert ping(lab, "h1", "10.9.0.3")
    assert ping(lab, "h1", "10.9.0.5"), "through the switch behind the serial line"
    for switch in ("sw1", "sw2"):
        flags = lab.run(switch, ["ip", "-br", "link", "show", "p23"]).stdout
        assert "DOWN" in flags


def test_sw1_is_managed_in_band(lab: Lab) -> None:
    """Its address is lost with the VLAN, and only the serial line is left to mend it."""
    lab.run("sw1", [*VSCTL, "set", "Port", "p48", "tag=98"], check=True)
    until(lambda: not ping(lab, "mgmt", "10.8.0.11"), what="sw1 is cut off")
    lab.run("sw1", [*VSCTL, "set", "Port", "p48", "tag=99"], check=True)
    until(lambda: ping(lab, "mgmt", "10.8.0.11"), what="sw1 is back")


def test_reading_moves_no_write_counter(lab: Lab) -> None:
    before = lab.writes("sw1")
    for argv in (
        [*VSCTL, "-f", "json", "--columns=name,tag", "list", "Port"],
        [*VSCTL, "get", "Port", "p1", "tag", "--", "list-ports", "br0"],
        ["ip", "-json", "-s", "link", "show", "p1"],
        ["ip", "-br", "a"],
        ["ovs-appctl", "fdb/show", "br0"],
        ["ovs-ofctl", "dump-ports-desc", "br0"],
        ["ovsdb-client", "dump", "unix:/run/openvswitch/db.sock", "Port"],
    ):
        lab.run("sw1", argv, check=True)
    ssh(lab, "10.8.0.11", "ovs-vsctl show; ip link")
    assert lab.writes("sw1") == before


def test_each_way_of_writing_moves_the_counter_by_one(lab: Lab) -> None:
    def counted(act) -> int:
        before = lab.writes("sw2")
        act()
        return lab.writes("sw2") - before

    set_tag = [*VSCTL, "set", "Port", "p7", "tag=70"]
    assert counted(lambda: lab.run("sw2", set_tag, check=True)) == 1
    assert counted(lambda: lab.run("sw2", set_tag, check=True)) == 1, "an equal value is a write, too"
    assert counted(lambda: ssh(lab, "10.8.0.12", "ovs-vsctl -- set Port p7 tag=71 -- set Port p7 trunks=1")) == 1
    assert counted(lambda: ssh(lab, "10.8.0.12", "ip link set p7 mtu 1400")) == 1
    remote = [*VSCTL, "--db=tcp:10.8.0.12:6640", "clear", "Port", "p7", "tag"]
    assert counted(lambda: lab.run("mgmt", remote, check=True)) == 1, "a transaction from elsewhere"
    mtu = ["ip", "link", "set", "p7", "mtu", "1500"]
    assert counted(lambda: lab.run("sw2", mtu, check=True)) == 1


def test_a_set_request_over_snmp_counts_and_shuts_the_port(lab: Lab) -> None:
    index = lab.run("sw2", ["cat", "/sys/class/net/p7/ifindex"]).stdout.strip()
    keys = ["-v3", "-l", "authPriv", "-u", "agent", "-a", "SHA", "-A", "authpass12", "-x", "AES", "-X", "privpass12"]
    admin_status = f"1.3.6.1.2.1.2.2.1.7.{index}"
    before = lab.writes("sw2")
    lab.run("mgmt", ["snmpset", *keys, "10.8.0.12", admin_status, "i", "2"], check=True)
    until(lambda: "DOWN" in lab.run("sw2", ["ip", "-br", "link", "show", "p7"]).stdout.split()[1:2], what="p7 is shut")
    lab.run("mgmt", ["snmpset", *keys, "10.8.0.12", admin_status, "i", "1"], check=True)
    assert lab.writes("sw2") == before + 2


def test_neighbours_can_be_read_as_lldp_mib(lab: Lab) -> None:
    keys = ["-v3", "-l", "authPriv", "-u", "agent", "-a", "SHA", "-A", "authpass12", "-x", "AES", "-X", "privpass12"]
    walk = ["snmpwalk", *keys, "-Oqv", "10.8.0.12", "1.0.8802.1.1.2.1.4.1.1.9"]
    until(
        lambda: {'"sw1"', '"h3"', '"h4"'} <= set(lab.run("mgmt", walk).stdout.split()), what="sw2 serves its neighbours"
    )


def test_a_bundle_comes_up_and_what_the_daemon_writes_about_it_is_no_write(lab: Lab) -> None:
    before = lab.writes("sw1")
    single = "del-port bundle -- add-port br0 p23 -- add-port br0 p24"
    bundle = "del-port p23 -- del-port p24 -- add-bond br0 bundle p23 p24 lacp=active other_config:lacp-time=fast"
    for switch in ("sw1", "sw2"):
        lab.run(switch, [*VSCTL, *bundle.split()], check=True)
        lab.run(switch, ["ip", "link", "set", "p23", "up"], check=True)
    for switch in ("sw1", "sw2"):
        until(
            lambda switch=switch: lab.run(switch, ["ovs-appctl", "lacp/show"]).stdout.count("current attached") == 2,
            what=f"{switch} has bundled both cables",
        )
    until(lambda: ping(lab, "h1", "10.9.0.3"), what="h1 reaches h3 through the bundle")
    assert lab.writes("sw1") == before + 2
    for switch in ("sw1", "sw2"):
        lab.run(switch, ["ip", "link", "set", "p23", "down"], check=True)
        lab.run(switch, [*VSCTL, *single.split()], check=True)
    until(lambda: ping(lab, "h1", "10.9.0.3"), what="h1 reaches h3 over one cable again")


def test_a_rewritten_database_log_loses_no_write(lab: Lab) -> None:
    before = lab.writes("sw2")
    remote = [*VSCTL, "--db=tcp:10.8.0.12:6640", "set", "Port", "p7"]
    lab.run("mgmt", [*remote, "tag=7"], check=True)
    lab.run("sw2", ["ovs-appctl", "-t", "ovsdb-server", "ovsdb-server/compact"], check=True)
    lab.run("mgmt", [*remote, "tag=8"], check=True)
    lab.run("mgmt", [*VSCTL, "--db=tcp:10.8.0.12:6640", "clear", "Port", "p7", "tag"], check=True)
    assert lab.writes("sw2") == before + 3


def test_a_restarted_switch_has_its_configuration_address_and_links(lab: Lab) -> None:
    lab.run("sw1", [*VSCTL, "set", "Port", "p6", "tag=60"], check=True)
    before = lab.writes("sw1")
    lab.restart("sw1")
    until(lambda: ping(lab, "mgmt", "10.8.0.11"), what="sw1 is reached in-band again")
    assert lab.run("sw1", [*VSCTL, "get", "Port", "p6", "tag"]).stdout.strip() == "60"
    assert "DOWN" in lab.run("sw1", ["ip", "-br", "link", "show", "p23"]).stdout
    assert lab.writes("sw1") == before, "a restart is no write"
    lab.run("sw1", [*VSCTL, "clear", "Port", "p6", "tag"], check=True)


def test_a_wiped_switch_has_the_factory_settings_again(lab: Lab) -> None:
    lab.run("sw2", [*VSCTL, "set", "Port", "p6", "tag=60"], check=True)
    before = lab.writes("sw2")
    lab.wipe("sw2")
    assert lab.run("sw2", [*VSCTL, "get", "Port", "p6", "tag"]).stdout.strip() == "[]"
    assert lab.writes("sw2") == before
    until(lambda: ping(lab, "h3", "10.9.0.1"), what="h3 reaches h1 again")
    assert {device.name for device in lab.status() if not device.up} <= {"blade1", "blade2"}
