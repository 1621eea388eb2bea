"""The write counter of each device: state-changing commands and requests that reached it since the lab came up.

Counted on the device, never in a client. A switch counts three ways in that do not overlap: commands (see `commands`),
transactions in its database that no such command stands for (see `transactions`), and SNMP SET requests, which snmpd
counts itself. A controller counts chassis commands, an array its tgtadm commands, a PDU switching commands, a device on
a serial line what is typed there.
"""

from collections.abc import Callable

from pointsman.lab import answers, commands, consoles, layout, pdus, switches
from pointsman.lab.rig import Rig

_IN_SET_REQUESTS = "1.3.6.1.2.1.11.17.0"
"""snmpInSetRequests of SNMPv2-MIB (RFC 3418)."""


def count(rig: Rig, device: str) -> int | None:
    """The write counter of a device; None if nothing is counted there."""
    total = _total(rig, device)
    return None if total is None else total - rig.state.read().write_bases.get(device, 0)


def reset(rig: Rig) -> None:
    """Count from zero, for all devices: what the lab itself did to bring them up is not counted."""
    for switch in layout.SWITCHES:
        switches.transactions(rig, switch).reset()
    bases = {each.name: total for each in layout.DEVICES if (total := _total(rig, each.name)) is not None}
    with rig.state.edit() as state:
        state.write_bases = bases


def _total(rig: Rig, device: str) -> int | None:
    if device in layout.SWITCHES:
        counted = commands.count(rig.folder(device)) + switches.transactions(rig, device).count()
        return counted + _set_requests(rig, device)
    counting = _ELSEWHERE.get(device)
    return counting(rig, device) if counting else None


def _of_scripts(rig: Rig, device: str) -> int:
    return commands.count(rig.folder(device))


_ELSEWHERE: dict[str, Callable[[Rig, str], int]] = {
    "pdu1": pdus.count,
    "pdu2": pdus.count,
    "bmc1": _of_scripts,
    "bmc2": _of_scripts,
    "san": _of_scripts,
    "con1": consoles.count,
    "rt1": consoles.count,
}


def _set_requests(rig: Rig, switch: str) -> int:
    """SET requests that the switch's snmpd took; 0 while it does not answer."""
    done = rig.run(switch, answers.snmpget_argv("127.0.0.1", _IN_SET_REQUESTS))
    return int(done.stdout) if done.returncode == 0 else 0
