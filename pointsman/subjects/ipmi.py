"""The IPMI twin as a subject: a controller in this process; logins go by RMCP+ to one in a process of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from device_profiles.profile import Profile
from drivers.access import parse_access
from drivers.conformance import Ground, Login, Subject
from drivers.contract import Connection
from drivers.credentials import Credential
from drivers.transports import open_connection
from pointsman.twins.ipmi.controller import Controller
from pointsman.twins.ipmi.direct import Direct
from pointsman.twins.ipmi.serving import serving
from pointsman.twins.ipmi.users import PASSWORD, USER

GRAMMAR: Final = "IPMI v2.0 rev. 1.1 and DCMI 1.5 specifications; compared with OpenIPMI's ipmi_sim and ipmitool"
_ANOTHER: Final = "00000000-0000-4000-8000-00000000abcd"
_SLOT: Final = "1"
_LATE: Final = 1
_LOGIN_S: Final = 5.0


class _Bench:
    """One controller; as new when it is reset. It is also what the suite sees of its machine."""

    def __init__(self) -> None:
        self.controller = Controller(late=_LATE)

    async def open(self) -> Connection:
        return Direct(self.controller)

    async def reset(self) -> None:
        fresh = Controller(late=_LATE)
        for name in Controller.__slots__:
            setattr(self.controller, name, getattr(fresh, name))

    async def writes(self) -> int:
        return self.controller.writes

    async def boots(self, key: str) -> Sequence[str]:
        del key
        return tuple(self.controller.boots)

    async def hear_nothing(self, key: str) -> None:
        del key
        self.controller.is_deaf = True

    async def lie(self, key: str) -> None:
        del key
        self.controller.lazy |= {"power on", "power off", "power soft"}

    async def login(self, wanted: Login) -> Connection:
        """Log in over the network, with a password that is wrong, or where another controller is expected."""
        async with serving(1) as controllers:
            secret = "wrong-one" if wanted.wrong_secret else PASSWORD
            return await open_connection(
                parse_access(controllers.twins[0].access),
                credential=Credential(name="file:twin", text=f"{USER}:{secret}"),
                pin=_ANOTHER if wanted.wrong_identity else None,
                timeout_s=_LOGIN_S,
            )


@asynccontextmanager
async def subject(profile: Profile) -> AsyncIterator[Subject]:
    """A twin whose one machine may be switched."""
    bench = _Bench()
    yield Subject(
        profile=profile,
        ground=Ground(slots=(_SLOT,)),
        open=bench.open,
        reset=bench.reset,
        writes=bench.writes,
        login=bench.login,
        secrets=(PASSWORD,),
        grammar=GRAMMAR,
        nonsense="power sideways",
        machines=bench,
    )
