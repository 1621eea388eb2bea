"""Which console of a Redfish system is opened, and by which protocol (pure).

ComputerSystem has ``SerialConsole`` since its version 1.13 (DSP2046): SSH, IPMI and Telnet, each with a port, whether
it is switched on, whether it is shared with the manager's own command line, and then the command that leads from there
to the console. Before, only the manager had one (``Manager.SerialConsole``, deprecated in its version 1.10), with a
list of protocols and no command; its ports are those of its network protocols. An SSH port that leads to a manager's
command line, with no command to leave that by, is no console: nothing may be typed there for a device. The access may
name the command (``?command=vsp``).

SSH goes before IPMI. Telnet is not spoken: the password would go in the clear that Redfish has just kept from that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from device_profiles.names import printable
from drivers.errors import Rejected, Unsupported
from drivers.redfish.documents import at, number, own, references, same, text
from drivers.rest.session import Document

Way = Literal["SSH", "IPMI"]
_PORTS: Final = {"SSH": 22, "IPMI": 623}
_KNOWN: Final = ("SSH", "IPMI", "Telnet")
_LONGEST: Final = 200
_LAST_PORT: Final = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """One way to a system's console. ``command`` leads there from the manager's command line; empty: it is there."""

    way: Way
    port: int
    command: str = ""


def system_called(name: str, systems: Sequence[Document]) -> Document:
    """The system with this Id, serial number, UUID or host name; without a name the only one.

    Raises ``Unsupported``.
    """
    if not systems:
        raise Unsupported("it manages no system, and so has no console of one")
    names = ", ".join(sorted(text(each, "Id") for each in systems))
    if not name and len(systems) == 1:
        return systems[0]
    if not name:
        raise Unsupported(f"it has {len(systems)} systems ({names}): name one, as sol+redfish+https://HOST/ID")
    for key in ("Id", "SerialNumber", "UUID", "HostName"):
        found = [each for each in systems if text(each, key).lower() == name.lower()]
        if len(found) == 1:
            return found[0]
    raise Unsupported(f"it has no system {printable(name, most=60)}: there is {names}")


def managers_of(system: Document, managers: Sequence[Document]) -> tuple[Document, ...]:
    """The managers that say they serve a system, or of which it says so."""
    by = {same(path) for path in references(system, "Links", "ManagedBy")}
    me = same(own(system))
    return tuple(
        each
        for each in managers
        if same(own(each)) in by or me in map(same, references(each, "Links", "ManagerForServers"))
    )


def of_system(system: Document, *, command: str = "") -> Console | None:
    """The console that a system tells of; None where it tells of none. Raises ``Unsupported``, ``Rejected``."""
    told = at(system, "SerialConsole")
    if not isinstance(told, dict) or not any(name in told for name in _KNOWN):
        return None
    where = f"SerialConsole of {printable(own(system), most=120)}"
    if number(told, "MaxConcurrentSessions") == 0:
        raise Rejected(f"{where} allows no session at all: raise MaxConcurrentSessions")
    on = [name for name in _KNOWN if at(told, name, "ServiceEnabled") is True]
    for name in on:
        entry = command or _one_line(text(told, name, "ConsoleEntryCommand"))
        if name == "SSH" and (entry or at(told, name, "SharedWithManagerCLI") is not True):
            return Console(way="SSH", port=_port(told, "SSH"), command=entry)
        if name == "IPMI":
            return Console(way="IPMI", port=_port(told, "IPMI"))
    raise Unsupported(_why_not(where, on))


def of_manager(manager: Document, protocols: Document | None, *, command: str = "") -> Console | None:
    """The console of the one system of a manager; None where it has none. Raises ``Unsupported``."""
    told = at(manager, "SerialConsole")
    if not isinstance(told, dict):
        return None
    where = f"SerialConsole of {printable(own(manager), most=120)}"
    if at(told, "ServiceEnabled") is not True:
        raise Unsupported(f"{where} is switched off: set its ServiceEnabled")
    listed = at(told, "ConnectTypesSupported")
    able = [name for name in _KNOWN if isinstance(listed, list) and name in listed]
    on = [name for name in able if at(protocols, name, "ProtocolEnabled") is not False]
    if "SSH" in on and command:
        return Console(way="SSH", port=_port(protocols, "SSH"), command=command)
    if "IPMI" in on:
        return Console(way="IPMI", port=_port(protocols, "IPMI"))
    if "IPMI" in able:
        raise Unsupported(f"{where} has IPMI, which is switched off: set IPMI.ProtocolEnabled in its NetworkProtocol")
    raise Unsupported(_why_not(where, on))


def _why_not(where: str, on: Sequence[str]) -> str:
    if "SSH" in on:
        return f"{where} leads to the manager's command line and names no command: name it, as in ?command=vsp"
    if "Telnet" in on:
        return f"{where} has Telnet only, which tells everybody the password: switch on its SSH or IPMI"
    return f"{where} is switched off: set ServiceEnabled of its SSH, or of its IPMI"


def _port(told: Document | None, name: Way) -> int:
    found = number(told, name, "Port") or 0
    return int(found) if 0 < found <= _LAST_PORT else _PORTS[name]


def _one_line(command: str) -> str:
    """A command as it may be typed. Raises ``Rejected`` for what is more than one line of plain text."""
    if len(command) >= _LONGEST or not command.isprintable():
        raise Rejected("the command that leads to its console is no line of plain text: name it, as in ?command=vsp")
    return command
