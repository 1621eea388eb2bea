"""The twin of a Swordfish array as a subject."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from device_profiles.profile import Profile
from drivers.conformance import Ground, Subject
from pointsman.twins.redfish.array import StorageArray
from pointsman.twins.redfish.bench import Bench
from pointsman.twins.redfish.service import PASSWORD

GRAMMAR: Final = "SNIA Swordfish 1.2 (Storage, StoragePool, Volume, StorageGroup) and DMTF DSP0266"


@asynccontextmanager
async def subject(profile: Profile) -> AsyncIterator[Subject]:
    """A twin with its pool to be used."""
    bench = Bench(lambda: StorageArray(needs_login=True, tasks=True))
    yield Subject(
        profile=profile,
        ground=Ground(pool="tank"),
        open=bench.open,
        reset=bench.reset,
        writes=bench.writes,
        login=bench.login,
        secrets=(PASSWORD,),
        grammar=GRAMMAR,
        nonsense='make /redfish/v1/none \'{"Name":"none"}\'',
    )
