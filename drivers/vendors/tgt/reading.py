"""One reading: targets, pools and files in one exchange, and what they mean in the schema's words."""

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
from drivers.storage.files import File, Files
from drivers.storage.seen import Seen, SeenExport, SeenVolume
from drivers.vendors.tgt.showing import Lun, Target, targets

SHOW: Final = "tgtadm --lld iscsi --mode target --op show"
_FILES: Final = "#files"
_MB: Final = 1_000_000
_HOST: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,62}")
_NAME: Final = DEVICE_OBJECT_NAME.removeprefix("^").removesuffix("$")


def _file(text: str) -> str:
    return files.folder(text) if text else text


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
    pools: Annotated[str, AfterValidator(files.folder)] = "/srv/tgt"
    target: Annotated[str, AfterValidator(_target)] = "iqn.2026-01.pointsman:{host}:{export}"
    thin: bool = False
    conf: Annotated[str, AfterValidator(_file)] = ""


def command(quirks: Quirks) -> str:
    """What is asked: all targets, the host's name, and the pools and files with nothing that could end a name."""
    return " && ".join((SHOW, f"echo '{_FILES}'", "uname -n", *files.listing(quirks.pools)))


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The array as it was read."""

    quirks: Quirks = Quirks()
    hostname: str = ""
    targets: Mapping[int, Target] = field(default_factory=dict)
    files: Files = field(default_factory=Files)

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
            pools=self.files.pools,
            volumes=volumes,
            exports={key: self._seen_export(self.targets[number]) for key, number in self.numbers.items()},
            sessions=tuple(self._sessions()),
        )

    def _volumes(self) -> Iterator[tuple[str, SeenVolume]]:
        luns = {lun.path: lun for target in self.targets.values() for lun in target.disks.values()}
        for path, file in self.files.by_path.items():
            lun = luns.get(path)
            wwn = lun.scsi_id if lun is not None else ""
            yield (
                self.files.key(file),
                SeenVolume(size=_size(file, lun), pool=file.pool, used=file.used, wwn=wwn),
            )

    def _seen_export(self, target: Target) -> SeenExport:
        luns = {number: self.files.name(lun.path) for number, lun in target.disks.items()}
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
    if not mark or not line or not _HOST.fullmatch(hostname):
        raise Garbled("the array's answer lacks a part: nothing was concluded from it")
    return Reading(quirks=quirks, hostname=hostname, targets=targets(shown), files=files.parse(records, quirks.pools))
