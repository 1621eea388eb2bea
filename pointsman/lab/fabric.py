"""The wiring of the rack: every namespace and every cable, made in two calls before any device starts."""

from collections.abc import Iterator

from pointsman.lab import layout, network
from pointsman.lab.cables import parked_name
from pointsman.lab.errors import LabError
from pointsman.lab.hosts import CARD
from pointsman.lab.rig import Rig

_MANAGEMENT_CARD = "ma1"


def places() -> list[str]:
    """All places that get a namespace."""
    return [layout.MGMT, layout.PARK, *(each.name for each in layout.DEVICES if not each.netns)]


def lay(rig: Rig) -> None:
    """Make the namespaces, recorded before they exist, and the cables. Raises LabError if a name is taken."""
    names = [rig.netns(place) for place in places()]
    if taken := [name for name in names if network.namespace_exists(name)]:
        raise LabError(
            f"network namespaces {', '.join(taken)} exist and no state file says that they are ours: "
            f"remove them (`ip netns del`) or choose another --lab name"
        )
    with rig.state.edit() as state:
        state.namespaces = names
    network.add_namespaces(names)
    network.ip_batch([*_data_cables(rig), *_management_cables(rig)])
    _management_network(rig)
    with rig.state.edit() as state:
        state.cables = dict(layout.CABLES)


def _pair(rig: Rig, place: str, name: str, far_place: str, far_name: str) -> str:
    return f"link add {name} netns {rig.netns(place)} type veth peer name {far_name} netns {rig.netns(far_place)}"


def _data_cables(rig: Rig) -> Iterator[str]:
    plugged = {port: device for device, port in layout.CABLES.items()}
    for switch, ports in layout.ACCESS_PORTS.items():
        for name in ports:
            port = f"{switch}:{name}"
            if port in plugged:
                yield _pair(rig, switch, name, plugged[port], CARD)
            else:
                yield _pair(rig, switch, name, layout.PARK, parked_name(port))
    for name in layout.BETWEEN_SWITCHES:
        yield _pair(rig, "sw1", name, "sw2", name)


def _management_cables(rig: Rig) -> Iterator[str]:
    for device in _managed():
        card = layout.MGMT_PORT if device.name == layout.IN_BAND else _MANAGEMENT_CARD
        yield _pair(rig, device.name, card, layout.MGMT, f"to-{device.name}")


def _managed() -> list[layout.Device]:
    return [device for device in layout.DEVICES if device.address and not device.netns]


def _management_network(rig: Rig) -> None:
    bridge = layout.MGMT_BRIDGE
    lines = [f"link add {bridge} type bridge", f"link set {bridge} up"]
    lines.append(f"address add {layout.MGMT_ADDRESS}/{layout.MGMT_PREFIX} dev {bridge}")
    lines += [f"link set to-{device.name} master {bridge} up" for device in _managed()]
    network.ip_batch(lines, netns=rig.netns(layout.MGMT))
    for card in (bridge, f"to-{layout.IN_BAND}"):  # its frames go through a userspace switch
        network.checksums_in_software(rig.netns(layout.MGMT), card)
    for device in _managed():
        if device.name != layout.IN_BAND:
            address = f"{device.address}/{layout.MGMT_PREFIX}"
            network.ip_batch(
                [f"address add {address} dev {_MANAGEMENT_CARD}", f"link set {_MANAGEMENT_CARD} up"],
                netns=rig.netns(device.name),
            )
