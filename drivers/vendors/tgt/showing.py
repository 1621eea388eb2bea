"""What ``tgtadm --mode target --op show`` prints: indented text, read strictly."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from device_profiles.names import printable
from drivers.errors import Garbled

_TARGET: Final = re.compile(r"Target (\d+): (\S+)")
_HEADING: Final = re.compile(r"(System|I_T nexus|LUN|Account|ACL) information:")
_PAIR: Final = re.compile(r"([A-Z][A-Za-z_ -]*): ?(.*)")
_INITIATOR: Final = re.compile(r"(\S+) alias: .*")
_SIZE: Final = re.compile(r"(\d+) MB, Block size: (\d+)")
_INDENT: Final = 4


@dataclass(slots=True)
class Lun:
    """A logical unit. ``size_mb`` in millions of bytes, rounded, as tgtd prints it."""

    number: int
    kind: str = ""
    path: str = ""
    size_mb: int | None = None
    scsi_id: str = ""


@dataclass(slots=True)
class Nexus:
    """A session: its number, who is logged in, and over which connections from where."""

    number: int
    initiator: str = ""
    connections: list[int] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Target:
    """One target. ``acl`` holds names of initiators and addresses alike."""

    number: int
    name: str
    luns: dict[int, Lun] = field(default_factory=dict)
    sessions: dict[int, Nexus] = field(default_factory=dict)
    acl: list[str] = field(default_factory=list)

    @property
    def disks(self) -> dict[int, Lun]:
        """Its LUNs without the controller that each target has."""
        return {number: lun for number, lun in self.luns.items() if lun.kind != "controller"}


def targets(text: str) -> dict[int, Target]:
    """The targets by number. Raises :class:`~drivers.errors.Garbled` at the first line that cannot be read."""
    reader = _Reader()
    for line in text.splitlines():
        depth, rest = divmod(len(line) - len(line.lstrip(" ")), _INDENT)
        if rest or not line.strip() or not reader.take(depth, line.strip()):
            raise Garbled(f"tgtadm printed '{printable(line.strip(), most=80)}', which it does not print elsewhere")
    for target in reader.found.values():
        _check(target)
    return reader.found


def _check(target: Target) -> None:
    whole = all(lun.kind and (lun.path or lun.kind == "controller") for lun in target.luns.values())
    if not whole or not all(nexus.initiator for nexus in target.sessions.values()) or 0 not in target.luns:
        raise Garbled(f"tgtadm printed target {target.number} without some of its lines: nothing was concluded")


class _Reader:
    """Takes lines by their depth; what a line means depends on the heading that it stands under."""

    def __init__(self) -> None:
        self.found: dict[int, Target] = {}
        self._target: Target | None = None
        self._heading = ""
        self._lun: Lun | None = None
        self._nexus: Nexus | None = None

    def take(self, depth: int, line: str) -> bool:
        """Whether a line is one that can stand here; it is taken over then."""
        if depth == 0:
            return self._begin(line)
        if self._target is None:
            return False
        if depth == 1:
            match = _HEADING.fullmatch(line)
            self._heading = match[1] if match else ""
            return match is not None
        below = {
            "System": self._of_system,
            "I_T nexus": self._of_sessions,
            "LUN": self._of_luns,
            "Account": lambda _depth, line: bool(line),
            "ACL": self._of_acl,
        }
        take = below.get(self._heading)
        return take is not None and take(depth, line)

    def _begin(self, line: str) -> bool:
        match = _TARGET.fullmatch(line)
        if match is None or int(match[1]) in self.found:
            return False
        self._target = self.found[int(match[1])] = Target(int(match[1]), match[2])
        self._heading = ""
        return True

    def _of_system(self, depth: int, line: str) -> bool:
        return depth == 2 and _PAIR.fullmatch(line) is not None

    def _of_acl(self, depth: int, line: str) -> bool:
        if self._target is None or depth != 2 or " " in line:
            return False
        self._target.acl.append(line)
        return True

    def _of_sessions(self, depth: int, line: str) -> bool:
        pair = _PAIR.fullmatch(line)
        if pair is None or self._target is None:
            return False
        name, value = pair.groups()
        if depth == 2 and name == "I_T nexus" and value.isdecimal():
            self._nexus = self._target.sessions[int(value)] = Nexus(int(value))
        elif self._nexus is None:
            return False
        elif name == "Initiator" and (match := _INITIATOR.fullmatch(value)):
            self._nexus.initiator = match[1]
        elif name == "Connection" and value.isdecimal():
            self._nexus.connections.append(int(value))
        elif name == "IP Address":
            self._nexus.addresses.append(value)
        else:
            return False
        return True

    def _of_luns(self, depth: int, line: str) -> bool:
        pair = _PAIR.fullmatch(line)
        if pair is None or self._target is None:
            return False
        name, value = pair.groups()
        if depth == 2 and name == "LUN" and value.isdecimal():
            self._lun = self._target.luns[int(value)] = Lun(int(value))
            return True
        return depth == 3 and self._lun is not None and _about(self._lun, name, value)


def _about(lun: Lun, name: str, value: str) -> bool:
    """Take over one line about a LUN; lines that later versions add are none of ours."""
    if name == "Type":
        if lun.kind:
            return False
        lun.kind = value
    elif name == "Backing store path":
        lun.path = "" if value == "None" else value
    elif name == "SCSI ID":
        lun.scsi_id = value
    elif name == "Size":
        match = _SIZE.fullmatch(value)
        if match is None:
            return False
        lun.size_mb = int(match[1])
    return True
