"""Hosts: a namespace with one network card, an address on the data side, and lldpd."""

from pointsman.lab import layout, neighbours, network
from pointsman.lab.rig import Rig

CARD = "eth0"


def mac_of(host: str) -> str:
    """The MAC of a host's card, 52:54:00:00:00 and the last number of its address: the same in every lab and after
    every move, so that documents can name it."""
    return f"52:54:00:00:00:{layout.NUMBERS[host]:02d}"


def configure(rig: Rig, host: str, *, up: bool = True) -> None:
    """Give a host's card its MAC, its address and software checksums."""
    lines = [f"link set {CARD} address {mac_of(host)}"]
    if address := layout.HOST_ADDRESSES.get(host):
        lines.append(f"address add {address}/24 dev {CARD}")
    if up:
        lines.append(f"link set {CARD} up")
    network.ip_batch(lines, netns=rig.netns(host))
    network.checksums_in_software(rig.netns(host), CARD)


def start(rig: Rig, host: str) -> None:
    """Bring a host up: its card, its lldpd."""
    configure(rig, host)
    neighbours.start(rig, host)
