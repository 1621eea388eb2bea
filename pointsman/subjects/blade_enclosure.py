"""The twins of blade enclosures as subjects: an enclosure of its own in this process; logins go over SSH."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from device_profiles.profile import Profile
from drivers.conformance import Ground, Subject
from pointsman.twins.languages.bench import PASSWORD, Bench
from pointsman.twins.languages.dell_cmc import DellCmcSession
from pointsman.twins.languages.enclosure import TwinEnclosure
from pointsman.twins.languages.hp_oa import HpOaSession
from pointsman.twins.languages.terminal import Language

GRAMMAR: Final = "HPE Onboard Administrator CLI guide, Dell CMC RACADM reference"
SESSIONS: Final[dict[str, Callable[[TwinEnclosure], Language]]] = {
    "hp_c7000": HpOaSession,
    "dell_m1000e": DellCmcSession,
}


@asynccontextmanager
async def subject(profile: Profile) -> AsyncIterator[Subject]:
    """A twin whose blades may all be switched."""
    bench = Bench(TwinEnclosure, SESSIONS[profile.name])
    yield Subject(
        profile=profile,
        ground=Ground(slots=("1", "2", "4"), prompt="enc1>"),
        open=bench.open,
        reset=bench.reset,
        writes=bench.writes,
        login=bench.login,
        secrets=(PASSWORD.password,),
        grammar=GRAMMAR,
    )
