"""The other programs of a twin: ``ip``, ``ovs-appctl``, ``lldpcli``, ``uname``, ``printenv``, ``cat /proc/uptime``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import orjson

from pointsman.twins.switch import BRIDGE, Device, Switch
from pointsman.twins.values import CommandFailed, first


class Ended(CommandFailed):
    """A program that ends with a status of its own."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def ip(switch: Switch, argv: list[str]) -> bytes:
    """``ip -j link``, ``ip -j address`` and ``ip link set dev X up|down|mtu N``."""
    match argv:
        case ["-j", "link" | "address" as what]:
            found = switch.printed.get(what)
            if found is None:
                rows = [_device_row(device, addresses=what == "address") for device in switch.devices.values()]
                found = switch.printed[what] = orjson.dumps(rows) + b"\n"
            return found
        case ["-j", "route", "get", "127.0.0.1"]:
            return b'[{"type":"local","dst":"127.0.0.1","dev":"lo","prefsrc":"127.0.0.1","uid":0}]\n'
        case ["-j", "neigh", "show"]:
            return b"[]\n"
        case ["link", "set", "dev", name, *settings] | ["link", "set", name, *settings]:
            switch.writes += 1
            if name not in switch.devices:
                raise Ended(f'Cannot find device "{name}"', 1)
            _set_link(switch, name, settings)
            return b""
    raise Ended(f'Object "{" ".join(argv)}" is unknown, try "ip help".', 1)


def _set_link(switch: Switch, name: str, settings: list[str]) -> None:
    words = iter(settings)
    for word in words:
        if word in ("up", "down"):
            switch.set_link(name, up=word == "up")
        elif word == "mtu":
            switch.set_link(name, mtu=int(next(words)))
        else:
            raise Ended(f'Error: either "dev" is duplicate, or "{word}" is a garbage.', 255)


def _device_row(device: Device, *, addresses: bool) -> dict[str, Any]:
    loopback = device.name == "lo"
    row: dict[str, Any] = {
        "ifindex": device.index,
        "ifname": device.name,
        "flags": list(_flags(device)),
        "mtu": device.mtu,
        "qdisc": "noqueue",
        "operstate": _state(device),
        "linkmode": "DEFAULT",
        "group": "default",
        "txqlen": 1000,
        "link_type": "loopback" if loopback else "ether",
        "address": "00:00:00:00:00:00" if loopback else device.mac,
        "broadcast": "00:00:00:00:00:00" if loopback else "ff:ff:ff:ff:ff:ff",
    }
    if addresses:
        del row["linkmode"]
        local = [{"family": "inet", "local": "127.0.0.1", "prefixlen": 8, "scope": "host", "label": "lo"}]
        row["addr_info"] = local if loopback else []
    return row


def _flags(device: Device) -> Iterator[str]:
    if device.name == "lo":
        yield from ("LOOPBACK", "UP", "LOWER_UP")
        return
    if device.up and not device.carrier:
        yield "NO-CARRIER"
    yield from ("BROADCAST", "MULTICAST", "PROMISC")
    if device.up:
        yield "UP"
    if device.carrier:
        yield "LOWER_UP"


def _state(device: Device) -> str:
    if device.name == "lo":
        return "UNKNOWN"
    if not device.up:
        return "DOWN"
    return "UP" if device.carrier else "LOWERLAYERDOWN"


def ovs_appctl(switch: Switch, argv: list[str]) -> bytes:
    """``fdb/show``: the hosts that are connected; ``bond/show``: the LAGs."""
    match argv:
        case ["fdb/show", bridge]:
            if bridge != BRIDGE:
                raise Ended("no such bridge\novs-appctl: ovs-vswitchd: server returned an error", 2)
            return "".join(_fdb(switch)).encode()
        case ["bond/show"]:
            return "".join(_bonds(switch)).encode()
    raise Ended(f'"{" ".join(argv)}" is not a valid command\novs-appctl: ovs-vswitchd: server returned an error', 2)


def _fdb(switch: Switch) -> Iterator[str]:
    yield " port  VLAN  MAC                Age\n"
    tables = switch.database.tables
    for port in tables["Port"].values():
        for key in port["interfaces"]:
            interface = tables["Interface"][key]
            device = switch.devices.get(first(interface["name"]))
            if device is not None and device.host is not None and device.carrier:
                vlan = first(port["tag"]) or 0
                number = first(interface["ofport"])
                yield f"{number:5}  {vlan:4}  {device.host.mac}    1\n"


def _bonds(switch: Switch) -> Iterator[str]:
    for lag, port in lags(switch).items():
        if len(port) < 2:
            continue
        yield f"---- {lag} ----\nbond_mode: {_word(switch, lag, 'bond_mode') or 'active-backup'}\n"
        for member in port:
            state = "enabled" if is_bundled(switch, lag, member) else "disabled"
            yield f"\nmember {member}: {state}\n  may_enable: {'true' if state == 'enabled' else 'false'}\n"
        yield "\n"


def lags(switch: Switch) -> dict[str, list[str]]:
    """The members of each LAG."""
    interfaces = switch.database.tables["Interface"]
    found: dict[str, list[str]] = {}
    for port in switch.database.rows("Port"):
        names = sorted(first(interfaces[key]["name"]) for key in port["interfaces"])
        if names != [*port["name"]]:
            found[first(port["name"])] = names
    return found


def _word(switch: Switch, port: str, column: str) -> str:
    row = next(row for row in switch.database.rows("Port") if row["name"] == (port,))
    return first(row[column]) or ""


def is_bundled(switch: Switch, lag: str, member: str) -> bool:
    """Whether a member carries traffic: its link is up and, where LACP runs, the far end bundles it as well."""
    device = switch.devices.get(member)
    if device is None or not device.carrier:
        return False
    own = _word(switch, lag, "lacp") or "off"
    if own == "off":
        return True
    far = _far_lacp(device)
    return far == "active" or (far == "passive" and own == "active")


def _far_lacp(device: Device) -> str:
    if device.peer is None:
        return "off"
    switch, port = device.peer
    lag = next((lag for lag, members in lags(switch).items() if port in members), None)
    return _word(switch, lag, "lacp") if lag is not None else "off"


def lldpcli(switch: Switch, argv: list[str]) -> bytes:
    """``show neighbors -f json``: who is at the other end of each cable that is up."""
    if argv != ["show", "neighbors", "-f", "json"]:
        raise Ended(f"[WARN/lldpctl] unknown command: {' '.join(argv)}", 1)
    found = switch.printed.get("neighbors")
    if found is None:
        seen = [{device.name: each} for device in switch.devices.values() for each in _neighbour(device)]
        document = {"lldp": {"interface": seen[0] if len(seen) == 1 else seen} if seen else {}}
        found = switch.printed["neighbors"] = orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n"
    return found


def _neighbour(device: Device) -> Iterator[dict[str, Any]]:
    if not device.carrier:
        return
    if device.host is not None:
        yield _lldp(device.host.name, device.host.mac, device.host.port)
    elif device.peer is not None:
        far, port = device.peer
        yield _lldp(far.name, far.mac, port)


def _lldp(name: str, mac: str, port: str) -> dict[str, Any]:
    return {
        "via": "LLDP",
        "rid": "1",
        "age": "0 day, 00:01:00",
        "chassis": {name: {"id": {"type": "mac", "value": mac}, "descr": "a twin"}},
        "port": {"id": {"type": "ifname", "value": port}, "descr": port, "ttl": "4"},
    }


def uname(switch: Switch, argv: list[str]) -> bytes:
    """``uname -n``, ``-s``, ``-r``, ``-m``."""
    words = {"-n": switch.name, "-s": "Linux", "-r": "6.1.0-twin", "-m": "x86_64"}
    return f"{' '.join(words[option] for option in argv)}\n".encode()


def cat(switch: Switch, argv: list[str]) -> bytes:
    """``cat /proc/uptime``."""
    if argv != ["/proc/uptime"]:
        raise Ended(f"cat: {' '.join(argv)}: No such file or directory", 1)
    return f"{switch.uptime_s:.2f} {switch.uptime_s:.2f}\n".encode()


def twin_writes(switch: Switch, _argv: list[str]) -> bytes:
    """How many commands that change state have reached this twin: no switch has this one."""
    return f"{switch.writes}\n".encode()


def printenv(switch: Switch, argv: list[str]) -> bytes:
    """``printenv SSH_CONNECTION``: a twin is reached over the loopback only."""
    del switch
    if argv != ["SSH_CONNECTION"]:
        raise Ended("", 1)
    return b"127.0.0.1 50000 127.0.0.1 22\n"


PROGRAMS: Final[dict[str, Callable[[Switch, list[str]], bytes]]] = {
    "ip": ip,
    "ovs-appctl": ovs_appctl,
    "lldpcli": lldpcli,
    "uname": uname,
    "cat": cat,
    "printenv": printenv,
    "twin-writes": twin_writes,
}
