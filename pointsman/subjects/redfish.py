"""The twin of a Redfish enclosure as a subject; logins go over TLS to a web server of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from device_profiles.profile import Profile
from drivers.conformance import Ground, Subject
from pointsman.twins.redfish.bench import LATE, Bench
from pointsman.twins.redfish.enclosure import Enclosure
from pointsman.twins.redfish.service import PASSWORD

GRAMMAR: Final = "DMTF DSP0266 and the schemas of DSP2046; read beside sushy-tools' emulator"


@asynccontextmanager
async def subject(profile: Profile) -> AsyncIterator[Subject]:
    """A twin with two of its blades to be used."""
    bench = Bench(lambda: Enclosure(late=LATE, tasks=True, needs_login=True))
    yield Subject(
        profile=profile,
        ground=Ground(slots=("2", "3")),
        open=bench.open,
        reset=bench.reset,
        writes=bench.writes,
        login=bench.login,
        machines=bench.machines,
        secrets=(PASSWORD,),
        grammar=GRAMMAR,
        nonsense="switch /redfish/v1/Systems/none /redfish/v1/none ResetType=Nap on",
    )
