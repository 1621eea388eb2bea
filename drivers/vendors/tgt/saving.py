"""What is exported, in the words of targets.conf (tgt-admin(8)), so that tgtd begins with it.

``tgt-admin --dump`` writes no LUN numbers, so what it saved could come back in another order. This file is written
whole, and holds only targets whose names follow the profile's pattern: those of others stand in files of theirs. A
target that lets nobody in is left out: tgt-admin would let everybody in to a target that names no initiator.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from drivers.vendors.tgt.reading import Reading
from drivers.vendors.tgt.showing import Target
from drivers.vendors.tgt.telling import entry


def command(reading: Reading) -> str:
    """Write the file beside its place and move it there: a reader sees the old one or the new one."""
    path = shlex.quote(reading.quirks.conf)
    beside = shlex.quote(f"{reading.quirks.conf}.new")
    return f"printf '%s' {shlex.quote(document(reading))} > {beside} && mv -- {beside} {path}"


def document(reading: Reading) -> str:
    """The file."""
    targets = {key: reading.targets[number] for key, number in sorted(reading.numbers.items())}
    ours = [target for key, target in targets.items() if key != target.name and target.acl]
    return "# Written by pointsman; changes made here are lost.\n" + "".join(
        line for target in ours for line in _block(target)
    )


def _block(target: Target) -> Iterator[str]:
    yield f"\n<target {target.name}>\n"
    for number, lun in sorted(target.disks.items()):
        yield f"    <backing-store {lun.path}>\n        lun {number}\n        scsi_id {lun.scsi_id}\n"
        yield f"        scsi_sn {lun.scsi_id}\n    </backing-store>\n"
    for name in sorted(target.acl):
        ((option, value),) = entry(name).items()
        yield f"    {option.replace('_', '-')} {value}\n"
    yield "</target>\n"
