"""The tgt twin as a subject: an array of its own in this process; logins go over SSH to a rack of one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from device_profiles.profile import Profile
from drivers.conformance import Subject
from pointsman.twins.arrays.bench import Bench
from pointsman.twins.arrays.host import File
from pointsman.twins.arrays.tgt import Lun, Target, TgtHost

GRAMMAR: Final = "tgtadm(8); behaviour and output compared with tgt 1.0.85"
_FOUND: Final = "iqn.2020-01.example:found"
_OTHERS: Final = """<target {target}>
    <backing-store {path}>
        lun 1
        scsi_id found
    </backing-store>
    initiator-name iqn.2020-01.example:host
</target>
"""


def array() -> TgtHost:
    """An array in use: a volume of somebody else's, shown to a machine that is logged in."""
    made = TgtHost()
    path = f"{made.root}/tank/found"
    made.files[path] = File(size=64 << 20, blocks=(64 << 20) // 512, data=b"somebody's data")
    made.targets[1] = Target(_FOUND, names=["iqn.2020-01.example:host"])
    made.targets[1].luns[1] = Lun(path, 64 << 20)
    made.log_in(_FOUND, "iqn.2020-01.example:host")
    made.files["/etc/tgt/conf.d/others.conf"] = File(text=_OTHERS.format(target=_FOUND, path=path))
    return made


@asynccontextmanager
async def subject(profile: Profile) -> AsyncIterator[Subject]:
    """A twin with its pool ``tank`` to be used."""
    yield Bench(array, pool="tank").subject(profile, grammar=GRAMMAR)
