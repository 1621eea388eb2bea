"""One twin switch without its network: its database, its kernel's devices and its cables.

As on a real one the two are joined loosely: Open vSwitch takes over what its database says (numbers for new interfaces,
the MTU that is asked for), and a device is up or down whatever the database holds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pointsman.twins.database import ROOT, Database, Row
from pointsman.twins.faults import Faults
from pointsman.twins.values import first

BRIDGE: Final = "br0"
BETWEEN: Final = ("p23", "p24")
"""The ports whose cables join two switches."""
STARTS_DOWN: Final = "p23"
"""Two cables between two switches are a loop until they are bundled."""
MANAGEMENT_PORT: Final = "p48"
MANAGEMENT_VLAN: Final = 99
_LOCAL: Final = 65534
"""The OpenFlow number of a bridge's own port."""


@dataclass(frozen=True, slots=True)
class Host:
    """A machine at the far end of a cable, which says by LLDP who it is."""

    name: str
    mac: str
    port: str = "eth0"


@dataclass(slots=True, eq=False)
class Device:
    """A network device of the switch's kernel."""

    index: int
    name: str
    mac: str
    mtu: int = 1500
    up: bool = True
    host: Host | None = None
    peer: tuple[Switch, str] | None = None
    """The other switch and its port, where the cable ends there."""

    @property
    def carrier(self) -> bool:
        """Whether the link is up at both ends."""
        if self.peer is not None:
            far, port = self.peer
            return self.up and far.devices[port].up
        return self.up and (self.host is not None or self.name in ("lo", BRIDGE, MANAGEMENT_PORT))


class Switch:
    """A switch with the ports that the lab's switches have."""

    def __init__(self, name: str, *, serial: str, number: int, in_band: bool) -> None:
        self.name = name
        self.serial = serial
        self.number = number
        self.faults = Faults()
        self.writes = 0
        self.asked = 0
        """How many command lines have reached it."""
        self.database = Database()
        self.devices: dict[str, Device] = {}
        self.watchers: list[Callable[[bytes], None]] = []
        """Who is told of changes, in the words of the command that watches."""
        self.printed: dict[str, bytes] = {}
        """What the kernel's and lldpd's commands print, until something changes."""
        self._started = time.monotonic()
        ports = (*(f"p{index}" for index in range(1, 9)), *BETWEEN, *((MANAGEMENT_PORT,) if in_band else ()))
        for index, device in enumerate(("lo", BRIDGE, *ports), 1):
            self.devices[device] = Device(index, device, self._mac(index), mtu=65536 if device == "lo" else 1500)
        self.devices[STARTS_DOWN].up = False
        self._fill(ports, in_band=in_band)
        self.database.changed.append(self._take_over)

    @property
    def uptime_s(self) -> float:
        """How long it has been running."""
        return time.monotonic() - self._started

    @property
    def mac(self) -> str:
        """The MAC that it gives as its own."""
        return self.devices["p1"].mac

    def _mac(self, index: int) -> str:
        return f"02:{self.number >> 16 & 255:02x}:{self.number >> 8 & 255:02x}:{self.number & 255:02x}:00:{index:02x}"

    def _fill(self, ports: Sequence[str], *, in_band: bool) -> None:
        transaction = self.database.begin()
        identity = {"system-id": self.serial, "hostname": self.name}
        keys = []
        for port in (BRIDGE, *ports):
            interface = transaction.create("Interface", name=(port,), type=("internal" if port == BRIDGE else "",))
            keys.append(transaction.create("Port", name=(port,), interfaces=(interface,)))
            if in_band and port in (BRIDGE, MANAGEMENT_PORT):
                transaction.change("Port", keys[-1], tag=(MANAGEMENT_VLAN,))
        bridge = transaction.create(
            "Bridge", name=(BRIDGE,), ports=tuple(sorted(keys)), datapath_type=("netdev",), fail_mode=("standalone",)
        )
        transaction.change("Bridge", bridge, datapath_id=(f"0000{self._mac(2).replace(':', '')}",))
        transaction.create(ROOT, bridges=(bridge,), external_ids=identity)
        self.database.commit(transaction)
        self._operate()

    def tell(self, news: bytes) -> None:
        """Tell those who watch."""
        for watcher in tuple(self.watchers):
            watcher(news)

    def _take_over(self) -> None:
        """The database changed: do what ovs-vswitchd does, and what its monitors print."""
        self._operate()
        for row in self.database.rows("Interface"):
            device = self.devices.get(first(row["name"]))
            if device is not None and row["mtu_request"] not in ((), (device.mtu,)):
                self.set_link(device.name, mtu=first(row["mtu_request"]))
        self.printed.clear()
        self.tell(b'{"data":[["","new","",""]],"headings":["row","action","name","tag"]}\n')

    def _operate(self) -> None:
        """Fill in the columns that ovs-vswitchd reports."""
        interfaces = self.database.tables["Interface"]
        for key, row in interfaces.items():
            if not row["ofport"]:
                interfaces[key] = row | self._reported(row)

    def _reported(self, row: Row) -> Row:
        name = first(row["name"])
        device = self.devices.get(name)
        if device is None:
            return {"ofport": (-1,), "error": (f"could not open network device {name} (No such device)",)}
        return {
            "ofport": (_LOCAL if name == BRIDGE else device.index,),
            "mtu": (device.mtu,),
            "link_speed": (10_000_000_000,),
            "duplex": ("full",),
        }

    def set_link(self, name: str, *, up: bool | None = None, mtu: int | None = None) -> None:
        """Change a kernel device; those who watch are told, on the far end of the cable too."""
        device = self.devices[name]
        if up in (None, device.up) and mtu in (None, device.mtu):
            return
        device.up = device.up if up is None else up
        device.mtu = mtu or device.mtu
        self.link_changed(device)
        if device.peer is not None:
            far, port = device.peer
            far.link_changed(far.devices[port])

    def link_changed(self, device: Device) -> None:
        """Say that a device's state or carrier changed."""
        self.printed.clear()
        state = "UP" if device.up else "DOWN"
        self.tell(f"{device.index}: {device.name}: <BROADCAST,MULTICAST> mtu {device.mtu} state {state}\n".encode())


def join(one: Switch, other: Switch) -> None:
    """Put the two cables between two switches."""
    for port in BETWEEN:
        one.devices[port].peer = (other, port)
        other.devices[port].peer = (one, port)
