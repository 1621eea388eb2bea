"""Cables that can be moved while everything runs.

The end of a veth pair can move to another namespace, but a pair cannot be taken apart. So each switch port has a pair
for life, and what moves is the far end: at a plugged port it is the device's eth0, at an empty one it lies in the
parking namespace with its link down (the port shows no carrier, as without a cable). To plug h1 into sw2:p5, the card
that it has goes to the parking namespace, and the far end of sw2:p5 comes to h1 as eth0, with the MAC, the MTU, the
addresses and the routes of the card before. The switches never see an interface vanish.
"""

from typing import Any

from pointsman.lab import layout, neighbours, network
from pointsman.lab.errors import LabError
from pointsman.lab.hosts import CARD
from pointsman.lab.rig import Rig


def parked_name(port: str) -> str:
    """What the far end of an empty port is called in the parking namespace: "sw2:p5" is sw2.p5."""
    return port.replace(":", ".")


def check_port(port: str) -> None:
    """Raises LabError unless `port` is one that takes a cable, written SWITCH:PORT."""
    switch, _, name = port.partition(":")
    if name not in layout.ACCESS_PORTS.get(switch, ()):
        known = ", ".join(f"{each}:{ports[0]}-{ports[-1]}" for each, ports in layout.ACCESS_PORTS.items())
        raise LabError(f"{port!r} is no port that takes a cable: these do: {known}")


def move(rig: Rig, device: str, port: str) -> None:
    """Plug a device's eth0 into another port. Plugging it in where it is changes nothing."""
    check_port(port)
    cables = rig.state.read().cables
    if device not in layout.CABLES:
        raise LabError(f"{device} has no cable that can be moved: these have: {', '.join(layout.CABLES)}")
    if cables[device] == port:
        return
    holder = next((other for other, at in cables.items() if at == port), None)
    if holder:
        raise LabError(f"{port} is taken by {holder}: move {holder} first")
    card = network.link(rig.netns(device), CARD)
    if card is None:
        raise LabError(f"{device} has no {CARD} just now: see `pointsman lab status --lab {rig.name}`")
    _swap(rig, device, old=cables[device], new=port, card=card)
    with rig.state.edit() as state:
        state.cables[device] = port


def put_back(rig: Rig) -> None:
    """Move every cable to where it was when the lab came up; one that is in another's way moves first."""
    while wrong := _misplaced(rig):
        free = [device for device in wrong if layout.CABLES[device] not in rig.state.read().cables.values()]
        if free:
            move(rig, free[0], layout.CABLES[free[0]])
        else:  # a ring: one of them steps aside
            move(rig, wrong[0], _free_port(rig))


def _misplaced(rig: Rig) -> list[str]:
    return [device for device, port in rig.state.read().cables.items() if layout.CABLES[device] != port]


def _free_port(rig: Rig) -> str:
    """Some port without a cable; there are more ports than cables."""
    taken = rig.state.read().cables.values()
    ports = (f"{switch}:{name}" for switch, names in layout.ACCESS_PORTS.items() for name in names)
    return next(port for port in ports if port not in taken)


def _swap(rig: Rig, device: str, *, old: str, new: str, card: dict[str, Any]) -> None:
    here, park = rig.netns(device), rig.netns(layout.PARK)
    routes = network.routes(here, CARD)
    network.ip_batch(
        [
            f"link set {CARD} down",
            f"link set {CARD} address {_spare_mac(old)}",
            f"link set {CARD} netns {park} name {parked_name(old)}",
        ],
        netns=here,
    )
    network.ip_batch([f"link set {parked_name(new)} netns {here} name {CARD}"], netns=park)
    lines = [f"link set {CARD} address {card['address']} mtu {card['mtu']}"]
    lines += [
        f"address add {entry['local']}/{entry['prefixlen']} dev {CARD}"
        for entry in card["addr_info"]
        if entry["scope"] == "global"
    ]
    network.ip_batch(lines, netns=here)
    network.checksums_in_software(here, CARD)
    if "UP" in card["flags"]:
        network.ip_batch([f"link set {CARD} up", *(f"route replace {route}" for route in routes)], netns=here)
    neighbours.restart(rig, device)


def _spare_mac(port: str) -> str:
    """A MAC for a parked end, so that the device's own is free to go with it: 02:6c, the switch, the port."""
    switch, _, name = port.partition(":")
    return f"02:6c:00:00:{int(switch[2:]):02x}:{int(name[1:]):02x}"
