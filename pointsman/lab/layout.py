"""What stands in the lab: the devices, their addresses, their ports and the cables between them.

Pure data, so that every other module of the lab reads the same rack. A device keeps its plain name ("sw1") as host
name and in every answer; its network namespace carries the lab's name in front ("pm-sw1"), so that two labs can stand
side by side with the same addresses.
"""

from dataclasses import dataclass

DEFAULT_NAME = "pm"

MGMT = "mgmt"
"""The namespace of the management network: a bridge, the console server, and whoever manages the lab."""
PARK = "park"
"""The namespace where the far ends of unused switch ports lie, link down: a port without a cable."""

MGMT_BRIDGE = "mg0"
MGMT_ADDRESS = "10.8.0.254"
MGMT_PREFIX = 24
MGMT_VLAN = 99
"""sw1 is managed in-band: its address stands on its own bridge, in this VLAN."""

SERIAL_LINES = {"con1": 2001, "rt1": 2002, "sw1": 2003}
"""TCP ports of the console server (RFC 2217) by the device at the other end of the serial line."""
LINE_SPEED = 9600
"""Bits a second on con1's serial line."""

SNMP_USER = "agent"
SNMP_AUTH_KEY = "authpass12"
SNMP_PRIV_KEY = "privpass12"
IPMI_USER = "admin"
IPMI_PASSWORD = "secret"  # noqa: S105 - a lab of namespaces that nothing outside can reach
POWERMAN_PORT = 10101


@dataclass(frozen=True, slots=True)
class Device:
    """One device of the rack: what `lab status` says of it before it is asked."""

    name: str
    kind: str
    profile: str
    address: str = ""
    access: tuple[str, ...] = ()
    netns: str = ""
    """Where it lives when that is not its own namespace."""

    @property
    def place(self) -> str:
        """The name of the namespace that holds it, without the lab's name."""
        return self.netns or self.name

    @property
    def serial(self) -> str | None:
        """The URL of its serial line behind the console server, if it has one."""
        port = SERIAL_LINES.get(self.name)
        return f"rfc2217://{MGMT_ADDRESS}:{port}" if port else None


def _over_ssh(name: str, kind: str, profile: str, address: str) -> Device:
    return Device(name, kind, profile, address, (f"ssh://root@{address}",))


def _bmc(name: str, address: str) -> Device:
    return Device(name, "chassis", "ipmi", address, (f"ipmi://{address}",))


def _on_serial_line(name: str, kind: str, profile: str) -> Device:
    return Device(name, kind, profile, access=(f"rfc2217://{MGMT_ADDRESS}:{SERIAL_LINES[name]}",))


DEVICES: tuple[Device, ...] = (
    _over_ssh("sw1", "switch", "openvswitch", "10.8.0.11"),
    _over_ssh("sw2", "switch", "openvswitch", "10.8.0.12"),
    _on_serial_line("con1", "switch", "vde_switch"),
    _on_serial_line("rt1", "router", "frr"),
    _bmc("bmc1", "10.8.0.31"),
    _bmc("bmc2", "10.8.0.32"),
    _over_ssh("san", "san", "tgt", "10.8.0.41"),
    Device("pdu1", "pdu", "powerman", "10.8.0.51", (f"powerman://10.8.0.51:{POWERMAN_PORT}",)),
    Device("pdu2", "pdu", "apc_pdu", "10.8.0.52", (f"snmpv3://{SNMP_USER}@10.8.0.52",)),
    Device("cs1", "console", "ser2net", MGMT_ADDRESS, netns=MGMT),
    *(Device(name, "host", "linux") for name in ("h1", "h2", "h3", "h4", "h5", "h6", "blade1", "blade2")),
)

SWITCHES = ("sw1", "sw2")
ARRAY = "san"
IN_BAND = "sw1"
SERIALS = {"sw1": "OVS-1", "sw2": "OVS-2"}
"""What the switches give as their system id."""
BASE_MACS = {"sw1": "02:6c:01:00:00:00", "sw2": "02:6c:02:00:00:00"}
"""A bridge else takes the lowest MAC among its ports, which changes with them and leaves stale ARP entries behind."""

NUMBERS = {
    **{f"h{number}": number for number in range(1, 7)},
    "blade1": 21,
    "blade2": 22,
    "san": 41,
    "rt1": 61,
}
"""The last number of a machine's address and MAC on the data side."""
HOST_ADDRESSES = {name: f"10.9.0.{number}" for name, number in NUMBERS.items() if name != "rt1"}
"""Addresses on the data side (/24), on `eth0`; rt1 gets its own from its configuration."""

CABLES = {
    "h1": "sw1:p1",
    "h2": "sw1:p2",
    "blade1": "sw1:p3",
    "rt1": "sw1:p4",
    "h3": "sw2:p1",
    "h4": "sw2:p2",
    "blade2": "sw2:p3",
    "san": "sw2:p4",
}
"""Where each device's `eth0` is plugged when the lab comes up; `lab cable` moves them."""

ACCESS_PORTS = {
    "sw1": ("p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8"),
    "sw2": ("p1", "p2", "p3", "p4", "p5", "p6", "p7"),
}
"""Ports that take a cable. sw2's p8 is the tap end of con1's uplink and takes none."""
UPLINK = ("sw2", "p8")
BETWEEN_SWITCHES = ("p23", "p24")
STARTS_DOWN = "p23"
"""Two cables between two switches are a loop until somebody declares a LAG or RSTP: one starts with its link down."""
MGMT_PORT = "p48"

VDE_UPLINK_PORT = 24
VDE_HOST_PORTS = {"h5": 1, "h6": 2}

BLADES = {"bmc1": "blade1", "bmc2": "blade2"}
FEEDS = {"blade1": 1, "blade2": 2, "bmc1": 3, "bmc2": 4}
"""Outlet numbers; the same on both PDUs, one feed from each."""


def switch_ports(switch: str) -> tuple[str, ...]:
    """All ports of a switch that are on its bridge, in port order."""
    ports = [*ACCESS_PORTS[switch]]
    if switch == UPLINK[0]:
        ports.append(UPLINK[1])
    ports += BETWEEN_SWITCHES
    if switch == IN_BAND:
        ports.append(MGMT_PORT)
    return tuple(ports)


def device(name: str) -> Device | None:
    """The device of that name, or None."""
    return next((each for each in DEVICES if each.name == name), None)
