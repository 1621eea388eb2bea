"""What of a step's commands is still to be done, on an array that may have moved on since the plan was made.

``tgtadm`` refuses what is there already, and takes a number for whatever target has it now. So a step is held against
a reading made just before: what is done is left out, which makes a step safe to repeat; and a number that is another
target's by now, or a LUN that shows something else, ends it before anything is sent.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from drivers.errors import Rejected
from drivers.vendors.tgt.showing import Target
from drivers.vendors.tgt.telling import TGTADM

_OWNER: Final = re.compile(r"# target (\d+) is (\S+)")

Options = Mapping[str, str]


@dataclass(slots=True)
class _Known:
    """One target, as it will be when the commands so far are done."""

    name: str
    luns: dict[int, str]
    acl: set[str]
    sessions: set[int]


class Outlook:
    """The targets of a fresh reading, changed by each command that is to be sent."""

    def __init__(self, targets: Mapping[int, Target]) -> None:
        self._targets = {
            number: _Known(
                target.name,
                {lun.number: lun.path for lun in target.luns.values()},
                set(target.acl),
                set(target.sessions),
            )
            for number, target in targets.items()
        }
        self._judges: Mapping[tuple[str, str], Callable[[int, Options], bool]] = {
            ("target", "new"): self._new_target,
            ("target", "delete"): self._delete_target,
            ("target", "bind"): self._bind,
            ("target", "unbind"): self._unbind,
            ("logicalunit", "new"): self._new_lun,
            ("logicalunit", "delete"): self._delete_lun,
            ("conn", "delete"): self._log_out,
        }

    def needed(self, commands: Iterable[str]) -> list[str]:
        """The commands that are still to be sent. Raises :class:`~drivers.errors.Rejected`."""
        return [command for command in commands if self._is_needed(command)]

    def _is_needed(self, command: str) -> bool:
        if match := _OWNER.fullmatch(command):
            self._owned(int(match[1]), match[2])
            return False
        words = shlex.split(command)
        if tuple(words[: len(TGTADM)]) != TGTADM:
            return True
        options = dict(zip(words[3::2], words[4::2], strict=False))
        judge = self._judges.get((options.get("--mode", ""), options.get("--op", "")))
        return judge is None or judge(int(options["--tid"]), options)

    def _owned(self, number: int, name: str) -> None:
        known = self._targets.get(number)
        if known is not None and known.name != name:
            raise Rejected(f"target {number} is {known.name} by now, and not {name}: it is left alone")

    def _new_target(self, number: int, options: Options) -> bool:
        name = options["--targetname"]
        self._owned(number, name)
        if number in self._targets:
            return False
        self._targets[number] = _Known(name, {0: ""}, set(), set())
        return True

    def _delete_target(self, number: int, options: Options) -> bool:
        del options
        return self._targets.pop(number, None) is not None

    def _bind(self, number: int, options: Options) -> bool:
        return self._add(self._targets[number].acl, _entry(options)) if number in self._targets else True

    def _add(self, acl: set[str], name: str) -> bool:
        missing = name not in acl
        acl.add(name)
        return missing

    def _unbind(self, number: int, options: Options) -> bool:
        known, name = self._targets.get(number), _entry(options)
        if known is None or name not in known.acl:
            return False
        known.acl.discard(name)
        return True

    def _new_lun(self, number: int, options: Options) -> bool:
        known, lun, path = self._targets.get(number), int(options["--lun"]), options["--backing-store"]
        if known is None:
            return True
        if lun in known.luns:
            if known.luns[lun] != path:
                raise Rejected(f"LUN {lun} of {known.name} shows {known.luns[lun] or 'the controller'} by now")
            return False
        known.luns[lun] = path
        return True

    def _delete_lun(self, number: int, options: Options) -> bool:
        known = self._targets.get(number)
        return known is not None and known.luns.pop(int(options["--lun"]), None) is not None

    def _log_out(self, number: int, options: Options) -> bool:
        known = self._targets.get(number)
        return known is not None and int(options["--sid"]) in known.sessions


def _entry(options: Options) -> str:
    return options.get("--initiator-name") or options.get("--initiator-address", "")
