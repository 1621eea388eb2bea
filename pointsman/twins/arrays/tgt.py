"""tgtd and tgtadm on a machine of files, as tgt 1.0.85 behaves (tgtadm(8), and what it printed here).

Seen on the real one, and so here: LUN 0 is a controller; a mask without entries lets nobody in; a target with a session
is not deleted; a session outlives its entry in the mask; a LUN keeps the size that its file had when it was attached;
sizes are printed in millions of bytes, rounded; and all is gone when the daemon ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pointsman.twins.arrays.host import Host, Program
from pointsman.twins.tools import Ended

_INVALID: Final = 22
_MB: Final = 1_000_000
_CONFS: Final = "/etc/tgt/conf.d/"
_CONF: Final = re.compile(r"<target (\S+)>\n(.*?)</target>", re.DOTALL)
_STORE: Final = re.compile(r"<backing-store (\S+)>\s*lun (\d+)\s*scsi_id (\S*)")
_ENTRY: Final = re.compile(r"initiator-(?:name|address) (\S+)")


@dataclass(slots=True)
class Lun:
    """A logical unit."""

    path: str = ""
    size: int = 0
    scsi_id: str = ""
    scsi_sn: str = ""


@dataclass(slots=True)
class Target:
    """A target."""

    name: str
    luns: dict[int, Lun] = field(default_factory=lambda: {0: Lun()})
    names: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    sessions: dict[int, str] = field(default_factory=dict)


@dataclass(eq=False)
class TgtHost(Host):
    """A machine on which tgtd runs. ``running``: whether the daemon answers."""

    targets: dict[int, Target] = field(default_factory=dict)
    running: bool = True
    _sessions: int = 0

    def programs(self) -> Mapping[str, Program]:
        """Those of any machine, and tgtadm."""
        return {**super().programs(), "tgtadm": self._tgtadm}

    def restart(self) -> None:
        """The daemon begins with what its files say; what it was told since is gone.

        As tgt-admin does it, a target whose file names no initiator lets everybody in.
        """
        super().restart()
        self.targets = {}
        saved = "".join(file.text for path, file in self.files.items() if path.startswith(_CONFS))
        for number, (name, body) in enumerate(_CONF.findall(saved), 1):
            names = _ENTRY.findall(body)
            target = self.targets[number] = Target(name, names=names, addresses=[] if names else ["ALL"])
            for path, lun, scsi_id in _STORE.findall(body):
                target.luns[int(lun)] = Lun(path, self.files[path].size, scsi_id, scsi_id)

    def target_of(self, name: str) -> Target:
        """The target of that name, or whose name ends in it."""
        return next(each for each in self.targets.values() if each.name.split(":")[-1] == name or each.name == name)

    def log_in(self, export: str, initiator: str) -> bool:
        """An initiator logs in; whether it is let in."""
        try:
            target = self.target_of(export)
        except StopIteration:
            return False
        if initiator not in target.names and "ALL" not in target.addresses:
            return False
        self._sessions += 1
        target.sessions[self._sessions] = initiator
        return True

    def log_out(self, export: str, initiator: str) -> None:
        """An initiator leaves."""
        target = self.target_of(export)
        target.sessions = {number: name for number, name in target.sessions.items() if name != initiator}

    def _tgtadm(self, words: Sequence[str]) -> str:
        if list(words) == ["--version"]:
            return "1.0.85\n"
        if not self.running:
            raise Ended("tgtadm: failed to send request hdr to tgt daemon, Transport endpoint is not connected", 107)
        options = dict(zip(words[::2], words[1::2], strict=False))
        mode, op = options.get("--mode", ""), options.get("--op", "")
        if op == "show":
            return "".join(self._show() if mode == "target" else _SYSTEM)
        self.changing()
        act = {
            ("target", "new"): self._new_target,
            ("target", "delete"): self._delete_target,
            ("target", "bind"): self._bind,
            ("target", "unbind"): self._unbind,
            ("logicalunit", "new"): self._new_lun,
            ("logicalunit", "update"): self._update_lun,
            ("logicalunit", "delete"): self._delete_lun,
            ("conn", "delete"): self._log_off,
        }.get((mode, op))
        if act is None:
            raise Ended("tgtadm: unknown operation", _INVALID)
        act(int(options["--tid"]), options)
        return ""

    def _known(self, number: int) -> Target:
        if number not in self.targets:
            raise Ended("tgtadm: can't find the target", _INVALID)
        return self.targets[number]

    def _new_target(self, number: int, options: Mapping[str, str]) -> None:
        name = options["--targetname"]
        if number in self.targets or any(target.name == name for target in self.targets.values()):
            raise Ended("tgtadm: this target already exists", _INVALID)
        self.targets[number] = Target(name)
        self.targets = dict(sorted(self.targets.items()))

    def _delete_target(self, number: int, options: Mapping[str, str]) -> None:
        del options
        if self._known(number).sessions:
            raise Ended("tgtadm: this target is still active", _INVALID)
        del self.targets[number]

    def _acl(self, number: int, options: Mapping[str, str]) -> tuple[list[str], str]:
        target = self._known(number)
        if "--initiator-name" in options:
            return target.names, options["--initiator-name"]
        return target.addresses, options["--initiator-address"]

    def _bind(self, number: int, options: Mapping[str, str]) -> None:
        acl, name = self._acl(number, options)
        if name in acl:
            raise Ended("tgtadm: this access control rule already exists", _INVALID)
        acl.append(name)

    def _unbind(self, number: int, options: Mapping[str, str]) -> None:
        acl, name = self._acl(number, options)
        if name not in acl:
            raise Ended("tgtadm: this access control rule does not exist", _INVALID)
        acl.remove(name)

    def _new_lun(self, number: int, options: Mapping[str, str]) -> None:
        target, lun, path = self._known(number), int(options["--lun"]), options["--backing-store"]
        if lun in target.luns:
            raise Ended("tgtadm: this logical unit number already exists", _INVALID)
        if path not in self.files:
            raise Ended("tgtadm: invalid request", _INVALID)
        target.luns[lun] = Lun(path, self.files[path].size)
        target.luns = dict(sorted(target.luns.items()))

    def _lun(self, number: int, options: Mapping[str, str]) -> Lun:
        lun = self._known(number).luns.get(int(options["--lun"]))
        if lun is None:
            raise Ended("tgtadm: can't find the logical unit", _INVALID)
        return lun

    def _update_lun(self, number: int, options: Mapping[str, str]) -> None:
        lun = self._lun(number, options)
        for pair in options["--params"].split(","):
            name, _, value = pair.partition("=")
            setattr(lun, name, value)

    def _delete_lun(self, number: int, options: Mapping[str, str]) -> None:
        self._lun(number, options)
        del self.targets[number].luns[int(options["--lun"])]

    def _log_off(self, number: int, options: Mapping[str, str]) -> None:
        if self._known(number).sessions.pop(int(options["--sid"]), None) is None:
            raise Ended("tgtadm: can't find the session", _INVALID)

    def _show(self) -> Iterator[str]:
        for number, target in self.targets.items():
            yield f"Target {number}: {target.name}\n    System information:\n        Driver: iscsi\n"
            yield "        State: ready\n    I_T nexus information:\n"
            for session, initiator in target.sessions.items():
                yield f"        I_T nexus: {session}\n            Initiator: {initiator} alias: none\n"
                yield "            Connection: 1\n                IP Address: 10.9.0.21\n"
            yield "    LUN information:\n"
            for lun, unit in target.luns.items():
                yield from _shown(number, lun, unit)
            yield "    Account information:\n    ACL information:\n"
            yield from (f"        {name}\n" for name in (*target.addresses, *target.names))


def _shown(target: int, number: int, unit: Lun) -> Iterator[str]:
    kind, store, block = ("disk", "rdwr", 512) if number else ("controller", "null", 1)
    size = round(unit.size / _MB)
    yield f"        LUN: {number}\n            Type: {kind}\n"
    yield f"            SCSI ID: {unit.scsi_id or f'IET     {target:04x}{number:04x}'}\n"
    yield f"            SCSI SN: {unit.scsi_sn or f'beaf{target}{number}'}\n"
    yield f"            Size: {size} MB, Block size: {block}\n            Online: Yes\n"
    yield "            Removable media: No\n            Prevent removal: No\n            Readonly: No\n"
    yield "            SWP: No\n            Thin-provisioning: No\n"
    yield f"            Backing store type: {store}\n            Backing store path: {unit.path or None}\n"
    yield "            Backing store flags: \n"


_SYSTEM: Final = (
    "System:\n    State: ready\n    debug: off\nLLDs:\n    iscsi: ready\n    iser: error\n",
    "Backing stores:\n    rdwr (bsoflags sync:direct)\n    aio\nDevice types:\n    disk\n    controller\n",
)
