"""The commands of ovs-vsctl that set a port's columns, for a plan's steps and for their undo alike."""

from __future__ import annotations

from collections.abc import Sequence

from device_profiles.state import Lag, Port
from drivers.vendors.openvswitch import switching
from drivers.vendors.openvswitch.reading import DESCRIPTION, EDGE, FALLBACK
from drivers.vendors.openvswitch.words import name, string

Command = tuple[str, ...]
Commands = tuple[Command, ...]


def description(table: str, row: str, text: str | None) -> Command:
    """Set or take away a description; ``table`` is Port, or Interface for a member of a LAG."""
    if text is None:
        return ("remove", table, name(row), "external_ids", DESCRIPTION)
    return ("set", table, name(row), f"external_ids:{DESCRIPTION}={string(text)}")


def edge(port: str, value: bool | None) -> Command:
    """Set whether a port is an edge of the spanning tree."""
    return ("set", "Port", name(port), f"other_config:{EDGE}={'true' if value else 'false'}")


def mtu(interface: str, value: int) -> Command:
    """Set the MTU of an interface."""
    return ("set", "Interface", name(interface), f"mtu_request={value}")


def lacp(lag: str, wanted: Lag) -> Command:
    """Set how a LAG bundles.

    balance-tcp spreads by address and port and needs LACP; without it balance-slb needs nothing of the far end.
    """
    mode = wanted.lacp or "off"
    return (
        *("set", "Port", name(lag), f"lacp={mode}"),
        f"bond_mode={'balance-slb' if mode == 'off' else 'balance-tcp'}",
        f"other_config:{FALLBACK}={'true' if wanted.fallback else 'false'}",
    )


def vlans(port: str, wanted: Port) -> Command:
    """Set all switching columns of a port at once."""
    return ("set", "Port", name(port), *switching.columns(wanted))


def members(lag: str, *, kept: Sequence[str], fresh: Sequence[str], descriptions: dict[str, str]) -> Commands:
    """Make these the members of a LAG; ``fresh`` ones get a new Interface row, with its description.

    Repeated, the new rows take the place of those of the same names, and ovs-vswitchd knows interfaces by name.
    """
    commands: list[Command] = []
    for index, member in enumerate((*kept, *fresh)):
        symbol = f"--id=@m{index}"
        if member in kept:
            commands.append((symbol, "get", "Interface", name(member)))
        else:
            text = descriptions.get(member)
            columns = () if text is None else (f"external_ids:{DESCRIPTION}={string(text)}",)
            commands.append((symbol, "create", "Interface", f"name={name(member)}", *columns))
    symbols = ",".join(f"@m{index}" for index in range(len(commands)))
    return (*commands, ("set", "Port", name(lag), f"interfaces={symbols}"))


def plain(bridge: str, port: str, wanted: Port) -> Commands:
    """Make ``port`` a plain port of a bridge, configured as ``wanted`` says and no otherwise."""
    commands: list[Command] = [("--may-exist", "add-port", name(bridge), name(port))]
    if wanted.mode is not None:
        commands.append(vlans(port, wanted))
    if wanted.description is not None:
        commands.append(description("Port", port, wanted.description))
    if wanted.stp is not None and wanted.stp.edge:
        commands.append(edge(port, value=True))
    return tuple(commands)


def bundle(bridge: str, lag: str, *, wanted: Lag, carrying: Port, descriptions: dict[str, str]) -> Commands:
    """Make a LAG of ports, with its switching, in one piece: it never carries what it shall not."""
    own = wanted.members or ()
    return (
        *(("--if-exists", "del-port", name(member)) for member in own),
        ("--if-exists", "del-port", name(lag)),
        ("add-port", name(bridge), name(lag)),
        *members(lag, kept=(), fresh=own, descriptions=descriptions),
        lacp(lag, wanted),
        *plain(bridge, lag, carrying)[1:],
    )
