"""The LIO twin as a subject: an array of its own in this process; logins go over SSH to a rack of one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from device_profiles.profile import Profile
from drivers.conformance import Subject
from pointsman.twins.arrays.bench import Bench
from pointsman.twins.arrays.host import File
from pointsman.twins.arrays.lio import LioHost, Target

GRAMMAR: Final = "targetcli(8), and configfs as target_core_mod and iscsi_target_mod of the Linux kernel have it"
_FOUND: Final = "iqn.2020-01.example:found"


def array() -> LioHost:
    """An array in use: a volume of somebody else's, shown to a machine that is logged in."""
    made = LioHost()
    path = f"{made.root}/tank/found"
    made.files[path] = File(size=64 << 20, blocks=(64 << 20) // 512, data=b"somebody's data")
    made.objects["found"] = (path, 64 << 20)
    made.targets[_FOUND] = Target(luns={0: "found"}, acls={"iqn.2020-01.example:host": {0}})
    made.save()
    made.log_in(_FOUND, "iqn.2020-01.example:host")
    return made


@asynccontextmanager
async def subject(profile: Profile) -> AsyncIterator[Subject]:
    """A twin with its pool ``tank`` to be used."""
    yield Bench(array, pool="tank").subject(profile, grammar=GRAMMAR)
