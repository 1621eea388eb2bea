"""A switch that speaks a Junos-like language: statements, a candidate, commits and their history. Small and stateful.

Grammar: Juniper "Junos OS CLI User Guide" (candidate configuration, ``configure exclusive``, ``commit confirmed``,
``rollback``, ``show | display set``) and "Ethernet Switching User Guide" (Enhanced Layer 2 Software, aggregated
Ethernet, spanning tree); the form of what is printed was compared with recordings of ntc-templates and batfish by the
parsers of the driver (``tests/recordings``).

What of a real switch is kept: a candidate is one session's own while it holds it exclusively; deleting what is not
there is a warning; what stands around a deleted statement stays; a member of a LAG may have no unit; a LAG needs room
in ``device-count``; a named VLAN must be defined where a port is its member; a confirmed commit takes itself back.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil
from typing import Final

from pointsman.twins.languages.seat import SEAT
from pointsman.twins.languages.switch import Neighbour

Statement = tuple[str, ...]
Config = dict[Statement, None]
"""Statements in order; a dictionary keeps them, and finds them."""

PORTS: Final = tuple(f"ge-0/0/{number}" for number in range(12))
SECRET: Final = "$6$tWiNsAlT$ThisIsNoRealHashButLooksLikeOne"  # noqa: S105 -- nobody can log in with it
_MINUTE_S: Final = 60
_MOST_KEPT: Final = 50

_NAME: Final = r"[A-Za-z0-9_.-]+"
_PORT: Final = r"(?:(?:ge|xe|et)-\d+/\d+/\d+|ae\d+)"
_SWITCHING: Final = rf"interfaces {_PORT} unit 0 family ethernet-switching"
_GRAMMAR: Final = tuple(
    re.compile(text)
    for text in (
        rf"vlans {_NAME}( vlan-id \d+| l3-interface irb\.\d+)?",
        rf"interfaces {_PORT}( disable| mtu \d+| native-vlan-id \d+| description .+)?",
        rf"interfaces {_PORT} unit \d+( family inet6?( address \S+)?| description .+| vlan-id \d+)?",
        rf"{_SWITCHING}( interface-mode (access|trunk)| vlan members (all|{_NAME}|\d+-\d+)| storm-control {_NAME})?",
        rf"interfaces {_PORT} ether-options 802\.3ad ae\d+",
        r"interfaces ae\d+ aggregated-ether-options (lacp( active| passive)?|minimum-links \d+)",
        rf"protocols (rstp|mstp)( bpdu-block-on-edge| interface ({_PORT}(\.0)?|all)( edge)?)?",
        rf"protocols layer2-control bpdu-block interface {_PORT}(\.0)?",
        rf"protocols lldp interface ({_PORT}|all)",
        r"chassis aggregated-devices ethernet device-count \d+",
        rf"switch-options voip interface {_PORT}(\.0)? vlan {_NAME}",
        r"interfaces me0 unit 0( family inet( address \d+(\.\d+){3}/\d+)?)?",
        r"routing-options static route 0\.0\.0\.0/0 next-hop \d+(\.\d+){3}",
        rf"system login user {_NAME} (class super-user|authentication ssh-(rsa|ed25519) .+)",
        r"system services ssh",
        rf"system (host-name {_NAME}|root-authentication encrypted-password \S+)",
        r"version \S+",
    )
)
_SINGLE: Final = frozenset(
    {
        *("vlan-id", "l3-interface", "mtu", "native-vlan-id", "description", "interface-mode", "802.3ad"),
        *("minimum-links", "device-count", "host-name", "encrypted-password", "version", "vlan"),
        *("class", "next-hop"),
    }
)
_PASSING: Final = frozenset(("vlan", "members", "ether-options", "gigether-options", "aggregated-ether-options"))
"""Words around a statement that are gone when the statement is."""
_NUMBERS: Final = re.compile(r"(\d+)(?:-(\d+))?\Z")


@dataclass(slots=True)
class Held:
    """Who has the candidate for himself."""

    who: str
    owner: object | None = None


class Refused(Exception):
    """What is printed in place of doing what a line says."""


class Switch:
    """The device: what is committed, what was before, the candidate and who holds it."""

    def __init__(
        self, *, name: str = "sw1", serial: str = "TWIN00000001", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.serial = serial
        self.committed: Config = dict.fromkeys(
            (
                ("version", "21.4R3-S3.4"),
                ("system", "host-name", name),
                ("system", "root-authentication", "encrypted-password", SECRET),
                ("protocols", "rstp", "interface", "all"),
                ("protocols", "lldp", "interface", "all"),
                ("vlans", "default", "vlan-id", "1"),
            )
        )
        self.history: list[Config] = []
        """What was committed before, the last one first."""
        self.candidate: Config | None = None
        self.held: Held | None = None
        self.neighbours: dict[str, Neighbour] = {}
        self.macs: list[tuple[str, str, str]] = []
        self.seat = SEAT
        self.others: tuple[str, ...] = ()
        """Where others who are logged in come from."""
        self.linked: set[str] = set(PORTS)
        self.writes = 0
        self.commits = 0
        self._clock = clock
        self._back_at: float | None = None

    # What is committed.

    def config(self) -> Config:
        """What is committed now; a confirmed commit whose time is over takes itself back first."""
        if self._back_at is not None and self._clock() >= self._back_at:
            self._back_at = None
            self._keep(self.history[0])
        return self.committed

    def waits_minutes(self) -> int | None:
        """In how many minutes the last commit is taken back; None where it stays."""
        self.config()
        return None if self._back_at is None else ceil((self._back_at - self._clock()) / _MINUTE_S)

    def hostname(self) -> str:
        """Its name."""
        return next((words[2] for words in self.config() if words[:2] == ("system", "host-name")), "")

    def value(self, *path: str) -> str | None:
        """The one word below a place."""
        return next((words[len(path)] for words in self.config() if words[:-1] == path), None)

    def has(self, *path: str) -> bool:
        """Whether anything is said at a place."""
        return any(words[: len(path)] == path for words in self.config())

    # The candidate.

    def begin(self, who: str, owner: object) -> None:
        """Take the candidate for one session. Raises :class:`Refused` where somebody has it."""
        if self.held is not None:
            raise Refused(
                "error: configuration database locked by:\n"
                f"  {self.held.who} terminal pts/1 (pid 4711) on since 2026-11-20 10:00:00 UTC\n"
                "      exclusive [edit]\n"
            )
        self.held = Held(who, owner)
        self.candidate = dict(self.config())

    def end(self, owner: object) -> None:
        """Give the candidate back, and forget it."""
        if self.held is not None and self.held.owner is owner:
            self.held = self.candidate = None

    def edit(self) -> Config:
        """The candidate."""
        assert self.candidate is not None  # noqa: S101 -- a session asks while it holds it
        return self.candidate

    def set(self, words: Statement) -> None:
        """Say something. Raises :class:`Refused`."""
        line = " ".join(words)
        if not any(pattern.fullmatch(line) for pattern in _GRAMMAR):
            raise Refused("                ^\nsyntax error.\n")
        self.writes += 1
        config = self.edit()
        if len(words) > 1 and words[-2] in _SINGLE:
            for other in [other for other in config if other[:-1] == words[:-1]]:
                del config[other]
        config[words] = None

    def delete(self, words: Statement) -> str:
        """Take something away, with all below it."""
        if words[:1] and not re.fullmatch(r"vlans|interfaces|protocols|chassis|switch-options|system", words[0]):
            raise Refused("                ^\nsyntax error.\n")
        config = self.edit()
        gone = [other for other in config if other[: len(words)] == words]
        if not gone:
            return "warning: statement not found\n"
        self.writes += 1
        for other in gone:
            del config[other]
        around = words[:-1]
        while around and around[-1] in _PASSING:
            around = around[:-1]
        if len(around) > 1 and not any(other[: len(around)] == around for other in config):
            config[around] = None
        return ""

    def rename(self, old: Statement, name: str) -> None:
        """Give something another name. Raises :class:`Refused`."""
        config = self.edit()
        if not any(words[: len(old)] == old for words in config):
            raise Refused(f"error: statement '{old[-1]}' not found\n")
        if any(words[: len(old)] == (*old[:-1], name) for words in config):
            raise Refused(f"error: target '{name}' already exists\n")
        self.writes += 1
        self.candidate = {
            ((*old[:-1], name, *words[len(old) :]) if words[: len(old)] == old else words): None for words in config
        }

    def rollback(self, number: int) -> None:
        """Make an earlier configuration the candidate."""
        if number > len(self.history):
            raise Refused(f"error: could not open rollback file {number}\n")
        self.candidate = dict(self.config() if number == 0 else self.history[number - 1])

    def changed(self) -> str:
        """What the candidate changes, as ``show | compare`` prints it."""
        was, has = set(self.config()), set(self.edit())
        lines = [f"-  {' '.join(words)};" for words in self.config() if words not in has]
        lines += [f"+  {' '.join(words)};" for words in self.edit() if words not in was]
        return "".join(f"{line}\n" for line in ("[edit]", *lines)) if lines else ""

    def commit(self, *, within_min: int | None = None) -> None:
        """Make the candidate what is committed. Raises :class:`Refused` where it does not hold together."""
        self.check()
        self.writes += 1
        self.commits += 1
        self._keep(dict(self.edit()))
        self._back_at = None if within_min is None else self._clock() + within_min * _MINUTE_S

    def _keep(self, config: Config) -> None:
        self.history = [self.committed, *self.history][:_MOST_KEPT]
        self.committed = config

    def check(self) -> None:
        """Raise :class:`Refused` where the candidate does not hold together."""
        for place, word, reason in _faults(self.edit()):
            raise Refused(f"[edit {place}]\n  '{word}'\n    {reason}\nerror: configuration check-out failed\n")


def _faults(config: Config) -> Iterator[tuple[str, str, str]]:
    """Where a configuration does not hold together: place, word, reason."""
    vlans = [words for words in config if words[0] == "vlans" and len(words) == 4 and words[2] == "vlan-id"]
    numbers = [words[3] for words in vlans]
    for vlan in vlans:
        if numbers.count(vlan[3]) > 1:
            yield f"vlans {vlan[1]}", f"vlan-id {vlan[3]}", "vlan-id is used by another VLAN"
        if not 1 <= int(vlan[3]) <= 4094:
            yield f"vlans {vlan[1]}", f"vlan-id {vlan[3]}", "value is not within range (1..4094)"
    names = {words[1] for words in config if words[0] == "vlans"}
    for words in config:
        if words[-3:-1] == ("vlan", "members") and not _NUMBERS.match(words[-1]) and words[-1] not in (*names, "all"):
            yield " ".join(words[:-2]), f"members {words[-1]}", f"VLAN {words[-1]} is not defined"
        yield from _of_members(words, config)


def _of_members(words: Statement, config: Config) -> Iterator[tuple[str, str, str]]:
    if words[0] != "interfaces":
        return
    member = any(other[:2] == words[:2] and "802.3ad" in other for other in config)
    if member and words[2:3] == ("unit",):
        yield f"interfaces {words[1]}", "unit 0", "logical unit is not allowed on aggregated links"
    if words[1].startswith("ae"):
        room = next((int(other[-1]) for other in config if "device-count" in other), 0)
        if int(words[1][2:]) >= room:
            yield "interfaces", words[1], "aggregated device count is too small for this interface"
    if words[2:3] == ("mtu",) and not 256 <= int(words[3]) <= 9216:
        yield f"interfaces {words[1]}", f"mtu {words[3]}", "value is not within range (256..9216)"
