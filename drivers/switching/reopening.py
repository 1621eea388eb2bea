"""Ports that a plan shuts for a moment: found in its lines, so that whoever is cut off knows what to open again.

A link type that changes through VLAN 1, or a member that joins its bundle, is shut meanwhile. Where the lines end in
the middle, the port stays shut, and nothing that is declared says that it was open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from drivers.contract import Step

_INTERFACE: Final = "interface "


def told(steps: Sequence[Step], *, shut: str, opened: str) -> tuple[Step, ...]:
    """The steps of a plan, each with the ports that it shuts and that it, or a later one, opens again (``reopens``).

    ``shut`` and ``opened`` are the lines that do so within the view of an interface.
    """
    found: list[set[str]] = [set() for _ in steps]
    shut_by: dict[str, int] = {}
    for number, step in enumerate(steps):
        port = ""
        for line in step.commands:
            if line.startswith(_INTERFACE):
                port = line.removeprefix(_INTERFACE)
            elif line == shut:
                shut_by.setdefault(port, number)
            elif line == opened and port in shut_by:
                found[shut_by.pop(port)].add(port)
    return tuple(
        replace(step, reopens=tuple(("ports", port) for port in sorted(ports))) if ports else step
        for step, ports in zip(steps, found, strict=True)
    )
