"""One reading: targets, pools and files in one exchange, and what they mean in the schema's words."""

from __future__ import annotations

import functools
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Final

from pydantic import AfterValidator, ConfigDict

from device_profiles.names import DEVICE_OBJECT_NAME, printable
from device_profiles.operation import SessionOperation
from drivers.errors import Garbled
from drivers.storage.seen import Pool, Seen, SeenExport, SeenVolume
from drivers.vendors.tgt.showing import Lun, Target, targets

SHOW: Final = "tgtadm --lld iscsi --mode target --op show"
_FILES: Final = "#files"
_BLOCK: Final = 512
_MB: Final = 1_000_000
_POOL: Final = re.compile(r"p (\d+) (\d+) (\d+) (/.+)", re.DOTALL)
_VOLUME: Final = re.compile(r"v (\d+) (\d+) ([^/]+)/([^/]+)", re.DOTALL)
_HOST: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,62}")
_NAME: Final = DEVICE_OBJECT_NAME.removeprefix("^").removesuffix("$")


def _folder(text: str) -> str:
    if not re.fullmatch(r"(/[A-Za-z0-9][A-Za-z0-9._-]*)+", text):
        raise ValueError("a folder is written from the root, in letters, digits, dots and dashes")
    return text


def _file(text: str) -> str:
    return _folder(text) if text else text


def _target(text: str) -> str:
    if not re.fullmatch(r"(iqn\.[a-z0-9.-]+|eui\.|naa\.)[a-z0-9.:{}-]*\{export\}", text):
        raise ValueError("the name of a target begins with iqn. and ends with {export}")
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """Where pools are, how targets are named (``{host}`` is the array's name), and whether volumes are sparse.

    ``conf`` is a file of tgt-admin(8) in which what is exported is saved; empty: nothing is saved.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    pools: Annotated[str, AfterValidator(_folder)] = "/srv/tgt"
    target: Annotated[str, AfterValidator(_target)] = "iqn.2026-01.pointsman:{host}:{export}"
    thin: bool = False
    conf: Annotated[str, AfterValidator(_file)] = ""


def command(quirks: Quirks) -> str:
    """What is asked: all targets, the host's name, and the pools and files with nothing that could end a name."""
    root = shlex.quote(quirks.pools)
    return " && ".join(
        (
            SHOW,
            f"echo '{_FILES}'",
            "uname -n",
            f"find {root} -mindepth 1 -maxdepth 1 -type d -exec stat -f --printf 'p %S %b %a %n\\0' {{}} +",
            f"find {root} -mindepth 2 -maxdepth 2 -type f -printf 'v %s %b %P\\0'",
        )
    )


@dataclass(frozen=True, slots=True)
class File:
    """A backing file. Sizes in bytes."""

    pool: str
    name: str
    size: int
    used: int


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The array as it was read."""

    quirks: Quirks = Quirks()
    hostname: str = ""
    targets: Mapping[int, Target] = field(default_factory=dict)
    pools: Mapping[str, Pool] = field(default_factory=dict)
    files: tuple[File, ...] = ()

    def path(self, pool: str, volume: str) -> str:
        """Where a volume's file is."""
        return f"{self.quirks.pools}/{pool}/{volume}"

    def pool_of(self, volume: str) -> str:
        """The pool that a volume is in."""
        return next((file.pool for file in self.files if file.name == volume), "")

    def target_name(self, export: str) -> str:
        """The name of an export's target, as it is, or as it shall be."""
        number = self.numbers.get(export)
        if number is not None:
            return self.targets[number].name
        return self.quirks.target.format(host=self.hostname.partition(".")[0].lower(), export=export)

    @functools.cached_property
    def numbers(self) -> Mapping[str, int]:
        """The number of each export's target."""
        found: dict[str, int] = {}
        for number, target in sorted(self.targets.items()):
            key = self._export(target.name)
            found[target.name if key in found else key] = number
        return found

    def _export(self, target: str) -> str:
        match = _pattern(self.quirks.target).fullmatch(target)
        return match["export"] if match else target

    @functools.cached_property
    def seen(self) -> Seen:
        """The reading in the schema's words."""
        volumes = dict(self._volumes())
        return Seen(
            pools=self.pools,
            volumes=volumes,
            exports={key: self._seen_export(self.targets[number]) for key, number in self.numbers.items()},
            sessions=tuple(self._sessions()),
        )

    def _volumes(self) -> Iterator[tuple[str, SeenVolume]]:
        luns = {lun.path: lun for target in self.targets.values() for lun in target.disks.values()}
        for file in self.files:
            lun = luns.get(self.path(file.pool, file.name))
            yield (
                self._key(file),
                SeenVolume(
                    size=_size(file, lun),
                    pool=file.pool,
                    used=file.used,
                    wwn=lun.scsi_id if lun is not None else "",
                ),
            )

    def _key(self, file: File) -> str:
        """A volume's name; where two pools have one of that name, the second is shown with its pool's."""
        return file.name if self.pool_of(file.name) == file.pool else f"{file.pool}/{file.name}"

    @functools.cached_property
    def _keys(self) -> Mapping[str, str]:
        return {self.path(file.pool, file.name): self._key(file) for file in self.files}

    def _seen_export(self, target: Target) -> SeenExport:
        luns = {number: self._keys.get(lun.path, lun.path) for number, lun in target.disks.items()}
        return SeenExport(initiators=tuple(target.acl), luns=luns, target=target.name)

    def _sessions(self) -> Iterator[SessionOperation]:
        for key, number in self.numbers.items():
            target = self.targets[number]
            for nexus in target.sessions.values():
                address = nexus.addresses[0] if nexus.addresses else ""
                luns = tuple(sorted(target.disks))
                yield SessionOperation(export=key, initiator=nexus.initiator, address=address, luns=luns)


@functools.cache
def _pattern(target: str) -> re.Pattern[str]:
    before, _, _ = target.partition("{export}")
    host = r"[A-Za-z0-9.-]+"
    return re.compile(host.join(map(re.escape, before.split("{host}"))) + f"(?P<export>{_NAME})")


def _size(file: File, lun: Lun | None) -> int:
    """A volume's size as its initiators see it: where its file grew behind its LUN, what the LUN tells, in MB."""
    if lun is None or lun.size_mb is None or abs(file.size - lun.size_mb * _MB) <= _MB:
        return file.size
    return min(file.size, lun.size_mb * _MB)


def parse(data: bytes, quirks: Quirks) -> Reading:
    """A reading from the answer to :func:`command`. Raises :class:`~drivers.errors.Garbled`."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise Garbled("the array's answer is not UTF-8: nothing was concluded from it") from None
    shown, mark, rest = text.partition(f"{_FILES}\n")
    hostname, line, records = rest.partition("\n")
    if not mark or not line or not _HOST.fullmatch(hostname) or (records and not records.endswith("\0")):
        raise Garbled("the array's answer lacks a part: nothing was concluded from it")
    pools: dict[str, Pool] = {}
    files: list[File] = []
    for record in records.split("\0")[:-1]:
        _take(record, quirks, pools, files)
    if unknown := {file.pool for file in files} - pools.keys():
        raise Garbled(f"files in a pool '{printable(min(unknown), most=40)}' that was not listed: read again later")
    return Reading(
        quirks=quirks,
        hostname=hostname,
        targets=targets(shown),
        pools=dict(sorted(pools.items())),
        files=tuple(sorted(files, key=lambda file: (file.name, file.pool))),
    )


def _take(record: str, quirks: Quirks, pools: dict[str, Pool], files: list[File]) -> None:
    if match := _POOL.fullmatch(record):
        block, size, free = (int(each) for each in match.groups()[:3])
        pools[match[4].removeprefix(f"{quirks.pools}/")] = Pool(size=block * size, free=block * free)
    elif match := _VOLUME.fullmatch(record):
        files.append(File(match[3], match[4], int(match[1]), int(match[2]) * _BLOCK))
    else:
        raise Garbled(f"'{printable(record, most=60)}' is neither a pool nor a file: nothing was concluded")
