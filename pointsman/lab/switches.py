"""The two Open vSwitch switches: a userspace datapath, and around it what a managed switch has.

Each is its own pair of daemons on its own database, with SSH (key only), OVSDB on TCP, SNMPv3 and lldpd. sw1 is managed
in-band: its address stands on its bridge's own port, in VLAN 99, which leaves through p48; whoever cuts that VLAN off
cuts off sw1. sw2 has a management port of its own beside its bridge.
"""

from pathlib import Path

from pointsman.lab import layout, neighbours, network, reach, secure_shells, waiting
from pointsman.lab.rig import Rig
from pointsman.lab.transactions import TransactionLog

_SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"
_RUN = "/run/openvswitch"


_PORTS_ARE_NOT_HOSTS = """
echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6
echo 1 > /proc/sys/net/ipv4/conf/all/arp_ignore
echo 2 > /proc/sys/net/ipv4/conf/all/arp_announce
"""
"""Else the kernel answers ARP for the switch's address at every port with that port's MAC, and the traffic of the
management VLAN goes past the switch instead of through it."""


def start(rig: Rig, switch: str) -> None:
    """Bring a new switch up, with all ports on its bridge and no VLAN on any but the management port."""
    rig.run(switch, ["sh", "-ec", _PORTS_ARE_NOT_HOSTS], check=True)
    create_database(rig, switch)
    _start_database(rig, switch)
    _vsctl(rig, switch, "--no-wait", "init")
    rig.start(switch, "ovs-vswitchd", _vswitchd_argv())
    _start_snmpd(rig, switch)
    secure_shells.start(rig, switch)
    _vsctl(rig, switch, *_factory_settings(switch))
    _bring_up_links(rig, switch)
    waiting.until(lambda: reach.listens(_agentx_socket(rig, switch)), what=f"{switch}: snmpd opens its AgentX socket")
    neighbours.start(rig, switch, agentx=True)


def create_database(rig: Rig, switch: str) -> None:
    """Make an empty database. What a box has as its second name for it is the default place of the tools."""
    database = database_of(rig, switch)
    database.unlink(missing_ok=True)
    rig.run(switch, ["ovsdb-tool", "create", str(database), _SCHEMA], check=True)


def database_of(rig: Rig, switch: str) -> Path:
    """The database file of a switch."""
    return rig.folder(switch) / "conf.db"


def transactions(rig: Rig, switch: str) -> TransactionLog:
    """The counting reader of a switch's database."""
    return TransactionLog(database_of(rig, switch))


def restart(rig: Rig, switch: str) -> None:
    """Stop both daemons and start them on the same database, as a reboot does; its own address is put back."""
    links_down = [port for port in layout.switch_ports(switch) if not _is_up(rig, switch, port)]
    rig.stop(f"{switch}/ovs-vswitchd", grace_s=3.0)
    rig.stop(f"{switch}/ovsdb-server", grace_s=3.0)
    _start_database(rig, switch)
    rig.start(switch, "ovs-vswitchd", _vswitchd_argv())
    waiting.until(lambda: _forwards(rig, switch), what=f"{switch}: all ports are on the bridge again")
    if switch == layout.IN_BAND:
        _address_on_bridge(rig, switch)
    network.ip_batch((f"link set {port} down" for port in links_down), netns=rig.netns(switch))


def wipe(rig: Rig, switch: str) -> None:
    """Put a switch back to what it was when the lab came up: an empty database, the factory's settings."""
    rig.stop(f"{switch}/ovs-vswitchd", grace_s=3.0)
    rig.stop(f"{switch}/ovsdb-server", grace_s=3.0)
    counted = transactions(rig, switch).count()
    create_database(rig, switch)
    _start_database(rig, switch)
    _vsctl(rig, switch, "--no-wait", "init")
    rig.start(switch, "ovs-vswitchd", _vswitchd_argv())
    _vsctl(rig, switch, *_factory_settings(switch))
    _bring_up_links(rig, switch)
    transactions(rig, switch).reset(count=counted)


def _start_database(rig: Rig, switch: str) -> None:
    argv = [
        *("ovsdb-server", str(database_of(rig, switch)), f"--remote=punix:{_RUN}/db.sock"),
        *("--remote=ptcp:6640:0.0.0.0", "--pidfile", f"--log-file={rig.folder(switch)}/ovsdb.log", "-vconsole:off"),
    ]
    socket = _database_socket(rig, switch)
    socket.unlink(missing_ok=True)
    rig.start(switch, "ovsdb-server", argv)
    waiting.until(lambda: reach.listens(socket), what=f"{switch}: ovsdb-server opens its socket")


def _vswitchd_argv() -> list[str]:
    return ["ovs-vswitchd", f"unix:{_RUN}/db.sock", "--pidfile", "-vconsole:warn", "-vsyslog:off"]


def _database_socket(rig: Rig, switch: str) -> Path:
    return rig.folder(switch) / "root" / _RUN.removeprefix("/") / "db.sock"


def _vsctl(rig: Rig, switch: str, *words: str) -> None:
    """Configure as the lab, past the counted tools: from outside, over the database's socket."""
    rig.run(
        layout.MGMT, ["ovs-vsctl", f"--db=unix:{_database_socket(rig, switch)}", "--timeout=15", *words], check=True
    )


def _factory_settings(switch: str) -> list[str]:
    words = ["set", "Open_vSwitch", ".", f"external_ids:system-id={layout.SERIALS[switch]}"]
    words += [f"external_ids:hostname={switch}"]
    words += ["--", "add-br", "br0", "--", "set", "Bridge", "br0", "datapath_type=netdev", "fail_mode=standalone"]
    words += [f"other_config:hwaddr={layout.BASE_MACS[switch]}"]
    for port in layout.switch_ports(switch):
        words += ["--", "add-port", "br0", port]
    if switch == layout.IN_BAND:
        for port in ("br0", layout.MGMT_PORT):
            words += ["--", "set", "Port", port, f"tag={layout.MGMT_VLAN}"]
    return words


def _bring_up_links(rig: Rig, switch: str) -> None:
    """All links up but the one that would close a loop; Open vSwitch itself leaves them as they are."""
    ports = [port for port in layout.switch_ports(switch) if (switch, port) != layout.UPLINK]  # see `consoles`
    lines = [f"link set {port} mtu 1500 {'down' if port == layout.STARTS_DOWN else 'up'}" for port in ports]
    network.ip_batch(lines, netns=rig.netns(switch))
    if switch == layout.IN_BAND:
        _address_on_bridge(rig, switch)


def _address_on_bridge(rig: Rig, switch: str) -> None:
    device = layout.device(switch)
    address = f"{device.address if device else ''}/{layout.MGMT_PREFIX}"
    waiting.until(lambda: network.link(rig.netns(switch), "br0") is not None, what=f"{switch}: br0 appears")
    network.ip_batch(["link set br0 up", f"address replace {address} dev br0"], netns=rig.netns(switch))


def _is_up(rig: Rig, switch: str, port: str) -> bool:
    found = network.link(rig.netns(switch), port)
    return found is None or "UP" in found["flags"]


def _forwards(rig: Rig, switch: str) -> bool:
    """Whether ovs-vswitchd has opened every port of its bridge that is there."""
    pid = rig.state.read().processes[f"{switch}/ovs-vswitchd"].pid
    control = _database_socket(rig, switch).with_name(f"ovs-vswitchd.{pid}.ctl")
    wanted = rig.run(layout.MGMT, ["ovs-vsctl", f"--db=unix:{_database_socket(rig, switch)}", "list-ifaces", "br0"])
    shown = rig.run(layout.MGMT, ["ovs-appctl", "-t", str(control), "dpif/show"])
    opened = {line.split()[0] for line in shown.stdout.splitlines() if line.startswith("    ")}
    there = network.names(rig.netns(switch))
    return shown.returncode == 0 and "br0" in opened and set(wanted.stdout.split()) & there <= opened


def _agentx_socket(rig: Rig, switch: str) -> Path:
    return rig.folder(switch) / "root" / "run" / "agentx" / "master"


def _start_snmpd(rig: Rig, switch: str) -> None:
    folder = rig.folder(switch)
    (folder / "snmp").mkdir(exist_ok=True)
    settings = folder / "snmpd.conf"
    settings.write_text(
        "agentaddress udp:161\n"
        f'createUser {layout.SNMP_USER} SHA "{layout.SNMP_AUTH_KEY}" AES "{layout.SNMP_PRIV_KEY}"\n'
        f"rwuser {layout.SNMP_USER} priv\n"
        f"sysName {switch}\nmaster agentx\nagentXSocket /run/agentx/master\n"
    )
    argv = ["snmpd", "-f", "-r", "-C", "-c", str(settings), "-Lo"]
    rig.start(switch, "snmpd", argv, environment={"SNMP_PERSISTENT_DIR": str(folder / "snmp")})
