"""One reading: the links of configfs say what is shown to whom, and its files what they are."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Final

from pydantic import AfterValidator, ConfigDict

from device_profiles.names import DEVICE_OBJECT_NAME
from device_profiles.operation import SessionOperation
from drivers.errors import Garbled
from drivers.storage import files
from drivers.storage.files import Files
from drivers.storage.seen import Seen, SeenExport, SeenVolume

CONFIGFS: Final = "/sys/kernel/config/target"
_TOLD, _LINKS, _FILES = "#told", "#links", "#files"
_HOST: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,62}")
_NAME: Final = DEVICE_OBJECT_NAME.removeprefix("^").removesuffix("$")
_OBJECT: Final = re.compile(r"core/[a-z]+_\d+/([^/]+)/info")
_FILE: Final = re.compile(r"File: (\S+)\s+Size: (\d+)")
_DEVICE: Final = re.compile(r"UDEV PATH: (\S+)")
_GROUP: Final = r"iscsi/([^/]+)/tpgt_1"
_ACL: Final = re.compile(rf"{_GROUP}/acls/([^/]+)/info")
_OPEN: Final = re.compile(rf"{_GROUP}/attrib/generate_node_acls")
_LUN: Final = re.compile(rf"{_GROUP}/lun/lun_(\d+)/[^/]+ (?:.*/)?core/[a-z]+_\d+/([^/]+)")
_MAPPED: Final = re.compile(rf"{_GROUP}/acls/([^/]+)/lun_(\d+)/[^/]+ (?:.*/)?lun/lun_(\d+)")
_ANYBODY: Final = "ALL"


def _target(text: str) -> str:
    if not re.fullmatch(r"iqn\.[a-z0-9.:{}-]+\{export\}", text):
        raise ValueError("the name of a target begins with iqn. and ends with {export}")
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """Where pools are, how targets are named (``{host}`` is the array's name), and whether volumes are sparse."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    pools: Annotated[str, AfterValidator(files.folder)] = "/srv/lio"
    target: Annotated[str, AfterValidator(_target)] = "iqn.2026-01.pointsman:{host}:{export}"
    thin: bool = False


def command(quirks: Quirks) -> str:
    """What is asked, in one exchange. ``grep`` ends with 1 where there is nothing yet: nobody asks how it ended."""
    told = f"grep -rH '' --include=info --include=generate_node_acls {CONFIGFS}/core {CONFIGFS}/iscsi"
    # The fabric is there with the first target only.
    links = f"find {CONFIGFS} -mindepth 2 -maxdepth 2 -path '{CONFIGFS}/iscsi/*' -type d -printf 'd %f\\0'"
    shown = f"find {CONFIGFS} -path '{CONFIGFS}/iscsi/*' -type l -printf 'l %P %l\\0'"
    return (
        " && ".join(("uname -n", f"echo '{_TOLD}'"))
        + f" ; {told} ; "
        + " && ".join((f"echo '{_LINKS}'", links, shown, f"echo '{_FILES}'", *files.listing(quirks.pools)))
    )


@dataclass(slots=True)
class Target:
    """One target. ``luns`` are storage objects by number; ``mapped`` the numbers of each ACL."""

    name: str
    luns: dict[int, str] = field(default_factory=dict)
    mapped: dict[str, set[int]] = field(default_factory=dict)
    live: set[str] = field(default_factory=set)
    anybody: bool = False


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The array as it was read. ``objects`` are storage objects: their path and size in bytes."""

    quirks: Quirks = Quirks()
    hostname: str = ""
    targets: Mapping[str, Target] = field(default_factory=dict)
    objects: Mapping[str, tuple[str, int | None]] = field(default_factory=dict)
    files: Files = field(default_factory=Files)

    def target_name(self, export: str) -> str:
        """The name of an export's target, as it is, or as it shall be."""
        known = self.names.get(export)
        return known or self.quirks.target.format(host=self.hostname.partition(".")[0].lower(), export=export)

    @functools.cached_property
    def names(self) -> Mapping[str, str]:
        """The target of each export."""
        found: dict[str, str] = {}
        for name in sorted(self.targets):
            match = _pattern(self.quirks.target).fullmatch(name)
            key = match["export"] if match else name
            found[name if key in found else key] = name
        return found

    def path(self, name: str) -> str:
        """The file or device of a storage object."""
        return self.objects.get(name, ("", None))[0]

    @functools.cached_property
    def seen(self) -> Seen:
        """The reading in the schema's words."""
        sizes = {path: size for path, size in self.objects.values() if size is not None}
        return Seen(
            pools=self.files.pools,
            volumes={
                self.files.key(file): SeenVolume(
                    size=min(file.size, sizes.get(path, file.size)), pool=file.pool, used=file.used
                )
                for path, file in self.files.by_path.items()
            },
            exports={key: self._export(self.targets[name]) for key, name in self.names.items()},
            sessions=tuple(self._sessions()),
        )

    def shown(self, target: Target) -> Mapping[int, str]:
        """The LUNs that every machine of a target is shown, with their paths."""
        everywhere = [number for number in target.luns if all(number in each for each in target.mapped.values())]
        return {number: self.path(target.luns[number]) for number in sorted(everywhere)}

    def _export(self, target: Target) -> SeenExport:
        luns = {number: self.files.name(path) for number, path in self.shown(target).items()}
        anybody = (_ANYBODY,) if target.anybody else ()
        return SeenExport(initiators=(*anybody, *sorted(target.mapped)), luns=luns, target=target.name)

    def _sessions(self) -> Iterator[SessionOperation]:
        for key, name in self.names.items():
            target = self.targets[name]
            for initiator in sorted(target.live):
                yield SessionOperation(export=key, initiator=initiator, luns=tuple(self.shown(target)))


@functools.cache
def _pattern(target: str) -> re.Pattern[str]:
    before, _, _ = target.partition("{export}")
    return re.compile(r"[A-Za-z0-9.-]+".join(map(re.escape, before.split("{host}"))) + f"(?P<export>{_NAME})")


def parse(data: bytes, quirks: Quirks) -> Reading:
    """A reading from the answer to :func:`command`. Raises :class:`~drivers.errors.Garbled`."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise Garbled("the array's answer is not UTF-8: nothing was concluded from it") from None
    match = re.fullmatch(f"(.*?)\n{_TOLD}\n(.*?){_LINKS}\n(.*?){_FILES}\n(.*)", text, re.DOTALL)
    if match is None or not _HOST.fullmatch(match[1]) or (match[3] and not match[3].endswith("\0")):
        raise Garbled("the array's answer lacks a part: nothing was concluded from it")
    targets = dict(_targets(match[3].split("\0")[:-1]))
    objects: dict[str, tuple[str, int | None]] = {}
    for line in match[2].splitlines():
        _take(line.removeprefix(f"{CONFIGFS}/"), targets, objects)
    _whole(targets, objects)
    return Reading(
        quirks=quirks,
        hostname=match[1],
        targets=targets,
        objects=objects,
        files=files.parse(match[4], quirks.pools),
    )


def _targets(records: list[str]) -> Iterator[tuple[str, Target]]:
    found: dict[str, Target] = {}
    for record in records:
        kind, _, said = record.partition(" ")
        if kind == "d" and said.startswith(("iqn.", "naa.", "eui.")):
            found[said] = Target(said)
        elif kind == "l" and (match := _LUN.fullmatch(said)) and match[1] in found:
            found[match[1]].luns[int(match[2])] = match[3]
        elif kind == "l" and (match := _MAPPED.fullmatch(said)) and match[1] in found:
            found[match[1]].mapped.setdefault(match[2], set()).add(int(match[4]))
        elif kind not in ("d", "l"):
            raise Garbled(f"'{record[:60]!r}' is no part of the kernel's configuration")
    yield from found.items()


def _take(line: str, targets: dict[str, Target], objects: dict[str, tuple[str, int | None]]) -> None:
    """One line of a file of configfs: ``path:text``."""
    place, mark, said = _split(line)
    if not mark:
        raise Garbled(f"'{line[:60]!r}' is no line of the kernel's configuration")
    if match := _OBJECT.fullmatch(place):
        if found := _FILE.search(said):
            objects[match[1]] = (found[1], int(found[2]))
        elif found := _DEVICE.search(said):
            objects[match[1]] = (found[1], None)
        return
    if match := _ACL.fullmatch(place):
        target = targets.get(match[1])
        if target is not None:
            target.mapped.setdefault(match[2], set())
            if said.startswith("InitiatorName:"):
                target.live.add(match[2])
    elif (match := _OPEN.fullmatch(place)) and match[1] in targets:
        targets[match[1]].anybody = said == "1"


def _split(line: str) -> tuple[str, str, str]:
    """Names of targets have colons in them, so a path ends where the name of its file does."""
    for name in ("/info", "/generate_node_acls"):
        before, mark, after = line.partition(f"{name}:")
        if mark:
            return before + name, mark, after
    return line, "", ""


def _whole(targets: Mapping[str, Target], objects: Mapping[str, object]) -> None:
    for target in targets.values():
        if unknown := set(target.luns.values()) - objects.keys():
            raise Garbled(f"{target.name} shows {min(unknown)}, of which nothing was told: read again later")
