"""LIO and targetcli on a machine of files: the kernel's configuration as a tree, and the command that changes it.

As targetcli(8) and the kernel have it: a storage object has the size of its file when it was made; a LUN is mapped to
the ACLs that there are, and an ACL to the LUNs that there are, where that is asked for; a target goes whoever uses it;
what was not saved is gone after a restart.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pointsman.twins.arrays.host import Host, Program
from pointsman.twins.tools import Ended

CONFIGFS: Final = "/sys/kernel/config/target"


@dataclass(slots=True)
class Target:
    """A target with its one portal group."""

    luns: dict[int, str] = field(default_factory=dict)
    acls: dict[str, set[int]] = field(default_factory=dict)
    anybody: bool = False


Configured = tuple[dict[str, tuple[str, int]], dict[str, Target]]


@dataclass(eq=False)
class LioHost(Host):
    """A machine with LIO. ``objects`` are storage objects: path and size. ``live`` are targets and initiators."""

    root: str = "/srv/lio"
    objects: dict[str, tuple[str, int]] = field(default_factory=dict)
    targets: dict[str, Target] = field(default_factory=dict)
    live: list[tuple[str, str]] = field(default_factory=list)
    saved: Configured = field(default_factory=lambda: ({}, {}))

    def programs(self) -> Mapping[str, Program]:
        """Those of any machine, and targetcli."""
        return {**super().programs(), "targetcli": self._targetcli, "grep": self._grep}

    def save(self) -> None:
        """Save the configuration for the next start."""
        self.saved = copy.deepcopy((self.objects, self.targets))

    def restart(self) -> None:
        """Begin with what was saved; sizes are those of the files."""
        super().restart()
        objects, self.targets = copy.deepcopy(self.saved)
        self.objects = {name: (path, self.files[path].size) for name, (path, _) in objects.items()}
        self.live = []

    def log_in(self, export: str, initiator: str) -> bool:
        """An initiator logs in; whether it is let in."""
        for name, target in self.targets.items():
            known = name.split(":")[-1] == export or name == export
            if known and (initiator in target.acls or target.anybody):
                self.live.append((name, initiator))
                return True
        return False

    def log_out(self, export: str, initiator: str) -> None:
        """An initiator leaves."""
        self.live = [each for each in self.live if (each[0].split(":")[-1], each[1]) != (export, initiator)]

    def _grep(self, words: Sequence[str]) -> str:
        del words
        lines = [*self._told_of_objects(), *self._told_of_targets()]
        if not lines:
            raise Ended("", 1)
        return "".join(f"{CONFIGFS}/{line}\n" for line in lines)

    def _told_of_objects(self) -> Iterator[str]:
        for number, (name, (path, size)) in enumerate(self.objects.items()):
            place = f"core/fileio_{number}/{name}/info"
            yield f"{place}:Status: ACTIVATED  Max Queue Depth: 0  SectorSize: 512  HwMaxSectors: 16384"
            yield f"{place}:        TCM FILEIO ID: 0        File: {path}  Size: {size}  Mode: O_DSYNC Async: 0"

    def _told_of_targets(self) -> Iterator[str]:
        for name, target in self.targets.items():
            group = f"iscsi/{name}/tpgt_1"
            yield f"{group}/attrib/generate_node_acls:{int(target.anybody)}"
            for acl in target.acls:
                if (name, acl) in self.live:
                    yield f"{group}/acls/{acl}/info:InitiatorName: {acl}"
                    yield f"{group}/acls/{acl}/info:LIO Session ID: 1   ISID: 0x00 02 3d 00 00 00  TSIH: 1"
                else:
                    yield f"{group}/acls/{acl}/info:No active iSCSI Session for Initiator Endpoint: {acl}"

    def _find(self, words: Sequence[str]) -> str:
        if not words or words[0] != CONFIGFS:
            return super()._find(words)
        if "d" in words:
            return "".join(f"d {name}\0" for name in self.targets)
        return "".join(f"l {link}\0" for link in self._links())

    def _links(self) -> Iterator[str]:
        up = "../" * 6
        for name, target in self.targets.items():
            group = f"iscsi/{name}/tpgt_1"
            for number, shown in target.luns.items():
                yield f"{group}/lun/lun_{number}/0a1b2c3d4e {up}target/core/fileio_0/{shown}"
            for acl, numbers in target.acls.items():
                for number in sorted(numbers):
                    yield f"{group}/acls/{acl}/lun_{number}/5f6a7b8c9d {up}target/{group}/lun/lun_{number}"

    def _targetcli(self, words: Sequence[str]) -> str:
        if list(words) == ["--version"]:
            return "/usr/bin/targetcli version 2.1.53\n"
        self.changing()
        if list(words) == ["saveconfig"]:
            self.save()
            return "Configuration saved to /etc/target/saveconfig.json\n"
        path, verb, *rest = words
        said = dict(word.partition("=")[::2] for word in rest if "=" in word)
        about = rest[0] if rest else ""
        if path == "/iscsi":
            return self._target(verb, about)
        if path == "/backstores/fileio":
            return self._object(verb, said, about)
        name, _, kind = path.removeprefix("/iscsi/").rpartition("/tpg1/")
        target = self.targets.get(name)
        if target is None:
            raise Ended(f"No such path {path}", 1)
        return (self._lun if kind == "luns" else self._acl)(target, verb, said, about)

    def _target(self, verb: str, name: str) -> str:
        if verb == "create":
            if name in self.targets:
                raise Ended("This Target already exists in configFS", 1)
            self.targets[name] = Target()
            return f"Created target {name}.\n"
        if self.targets.pop(name, None) is None:
            raise Ended("No such Target in configfs", 1)
        self.live = [each for each in self.live if each[0] != name]
        return f"Deleted Target {name}.\n"

    def _object(self, verb: str, said: Mapping[str, str], about: str) -> str:
        if verb == "create":
            if said["name"] in self.objects:
                raise Ended(f"Storage object fileio/{said['name']} exists", 1)
            if said["file_or_dev"] not in self.files:
                raise Ended("Attempting to create file for new fileio backstore, need a size", 1)
            self.objects[said["name"]] = (said["file_or_dev"], self.files[said["file_or_dev"]].size)
            return f"Created fileio {said['name']}.\n"
        if self.objects.pop(about, None) is None:
            raise Ended(f"No storage object named {about}.", 1)
        for target in self.targets.values():
            for number in [number for number, name in target.luns.items() if name == about]:
                self._without(target, number)
        return f"Deleted storage object {about}.\n"

    def _without(self, target: Target, number: int) -> None:
        del target.luns[number]
        for numbers in target.acls.values():
            numbers.discard(number)

    def _lun(self, target: Target, verb: str, said: Mapping[str, str], about: str) -> str:
        if verb == "create":
            name, number = said["storage_object"].rpartition("/")[2], int(said["lun"])
            if name not in self.objects:
                raise Ended("storage object or path not valid", 1)
            if name in target.luns.values() or number in target.luns:
                raise Ended(f"lun for storage object fileio/{name} already exists", 1)
            target.luns[number] = name
            if said.get("add_mapped_luns") == "true":
                for numbers in target.acls.values():
                    numbers.add(number)
            return f"Created LUN {number}.\n"
        if int(about.removeprefix("lun")) not in target.luns:
            raise Ended("Invalid LUN", 1)
        self._without(target, int(about.removeprefix("lun")))
        return f"Deleted LUN {about.removeprefix('lun')}.\n"

    def _acl(self, target: Target, verb: str, said: Mapping[str, str], about: str) -> str:
        if verb == "create":
            if said["wwn"] in target.acls:
                raise Ended("This NodeACL already exists in configFS", 1)
            target.acls[said["wwn"]] = set(target.luns) if said.get("add_mapped_luns") == "true" else set()
            return f"Created Node ACL for {said['wwn']}\n"
        if target.acls.pop(about, None) is None:
            raise Ended("No such NodeACL in configfs", 1)
        return f"Deleted Node ACL {about}.\n"
