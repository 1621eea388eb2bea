"""A manager on the network: its name, and its interfaces in ohai's words."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from drivers.redfish.documents import at, mac, number, objects, text
from drivers.redfish.service import Service
from drivers.rest.session import Document


async def network_of(service: Service, manager: Document | None) -> dict[str, Any]:
    """``hostname``, ``fqdn``, ``macaddress`` and ``network`` of a manager."""
    ports = await service.collection(manager, "EthernetInterfaces")
    name = next((found for port in ports if (found := text(port, "FQDN") or text(port, "HostName"))), "").rstrip(".")
    return {
        "hostname": name.partition(".")[0],
        "fqdn": name,
        "macaddress": next((found for port in ports if (found := port_mac(port))), ""),
        "network": {"interfaces": {text(port, "Id"): _interface(port) for port in ports if text(port, "Id")}},
    }


def _interface(port: Document) -> dict[str, Any]:
    addresses = dict(_addresses(port))
    if found := port_mac(port):
        addresses[found] = {"family": "lladdr"}
    mtu = number(port, "MTUSize")
    return {
        "addresses": addresses,
        "state": "up" if text(port, "LinkStatus") == "LinkUp" else "down",
        "type": text(port, "Id"),
        "encapsulation": "Ethernet",
        **({"mtu": str(int(mtu))} if mtu else {}),
    }


def _addresses(port: Document) -> Iterator[tuple[str, dict[str, str]]]:
    for name, family in (("IPv4Addresses", "inet"), ("IPv6Addresses", "inet6")):
        for each in objects(port, name):
            try:
                address = ipaddress.ip_address(text(each, "Address"))
                length = _length(each, address.max_prefixlen)
            except ValueError:
                continue
            if not address.is_unspecified:
                yield str(address), {"family": family, "prefixlen": length}


def _length(address: Document, longest: int) -> str:
    if mask := text(address, "SubnetMask"):
        return str(ipaddress.ip_network(f"0.0.0.0/{mask}").prefixlen)
    return str(int(number(address, "PrefixLength") or longest))


def port_mac(port: Document) -> str:
    """The MAC of an interface, as it is used, else as it was made."""
    return mac(at(port, "MACAddress")) or mac(at(port, "PermanentMACAddress"))
