"""What of a step's commands is still to be done, on an array that may have moved on since the plan was made.

As for any array that refuses what is there already: a step is held against a reading made just before it is sent, what
is done is left out, and what has come to mean something else ends it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from typing import Final

from drivers.errors import Rejected
from drivers.vendors.targetcli.reading import Reading

_GROUP: Final = re.compile(r"/iscsi/(.+)/tpg1/(luns|acls)")


class Outlook:
    """The array of a fresh reading, changed by each command that is to be sent."""

    def __init__(self, now: Reading) -> None:
        self._objects = {name: path for name, (path, _) in now.objects.items()}
        self._luns = {name: dict(target.luns) for name, target in now.targets.items()}
        self._acls = {name: set(target.mapped) for name, target in now.targets.items()}
        self._live = {name: set(target.live) for name, target in now.targets.items()}

    def needed(self, commands: Iterable[str]) -> list[str]:
        """The commands that are still to be sent. Raises :class:`~drivers.errors.Rejected`."""
        return [command for command in commands if self._is_needed(shlex.split(command))]

    def _is_needed(self, words: list[str]) -> bool:
        if words[0] != "targetcli":
            return True
        path, verb, *rest = words[1:]
        said = dict(word.partition("=")[::2] for word in rest if "=" in word)
        about = rest[0] if rest else ""
        if path == "/iscsi":
            return self._target(verb, about)
        if path == "/backstores/fileio":
            return self._object(verb, said, about)
        match = _GROUP.fullmatch(path)
        if match is None:
            return True
        return (self._lun if match[2] == "luns" else self._acl)(match[1], verb, said, about)

    def _target(self, verb: str, name: str) -> bool:
        if verb == "create":
            missing = name not in self._luns
            self._luns.setdefault(name, {})
            self._acls.setdefault(name, set())
            return missing
        if self._live.get(name):
            raise Rejected(f"{name} is in use by {', '.join(sorted(self._live[name]))}: it is left alone")
        self._acls.pop(name, None)
        return self._luns.pop(name, None) is not None

    def _object(self, verb: str, said: dict[str, str], about: str) -> bool:
        if verb == "delete":
            return self._objects.pop(about, None) is not None
        known = self._objects.get(said["name"])
        if known is not None and known != said["file_or_dev"]:
            raise Rejected(f"the storage object {said['name']} is {known} by now: it is left alone")
        self._objects[said["name"]] = said["file_or_dev"]
        return known is None

    def _lun(self, target: str, verb: str, said: dict[str, str], about: str) -> bool:
        luns = self._luns.setdefault(target, {})
        if verb == "delete":
            return luns.pop(int(about.removeprefix("lun")), None) is not None
        number, name = int(said["lun"]), said["storage_object"].rpartition("/")[2]
        if luns.get(number, name) != name:
            raise Rejected(f"LUN {number} of {target} shows {luns[number]} by now: it is left alone")
        missing = number not in luns
        luns[number] = name
        return missing

    def _acl(self, target: str, verb: str, said: dict[str, str], about: str) -> bool:
        acls = self._acls.setdefault(target, set())
        if verb == "delete":
            missing = about in acls
            acls.discard(about)
            return missing
        missing = said["wwn"] not in acls
        acls.add(said["wwn"])
        return missing
