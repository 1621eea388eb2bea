"""The twin of a Redfish PDU as a subject."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from device_profiles.profile import Profile
from drivers.conformance import Ground, Subject
from pointsman.twins.redfish.bench import LATE, Bench
from pointsman.twins.redfish.pdu import RackPdu
from pointsman.twins.redfish.service import PASSWORD

GRAMMAR: Final = "DMTF DSP0266 and DSP0268 (PowerDistribution, Outlet, Circuit)"


@asynccontextmanager
async def subject(profile: Profile) -> AsyncIterator[Subject]:
    """A twin with its last two outlets to be used."""
    switched = "outlets.power" in profile.capabilities
    bench = Bench(lambda: RackPdu(late=LATE, needs_login=True, switched=switched))
    yield Subject(
        profile=profile,
        ground=Ground(outlets=("B7", "B8")),
        open=bench.open,
        reset=bench.reset,
        writes=bench.writes,
        login=bench.login,
        machines=bench.machines,
        secrets=(PASSWORD,),
        grammar=GRAMMAR,
        nonsense="switch /redfish/v1/none /redfish/v1/none PowerState=Nap on",
    )
