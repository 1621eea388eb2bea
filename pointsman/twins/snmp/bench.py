"""A twin that speaks SNMP for the suite of promises: as new when it is reset, and logged in to by SNMPv3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Generic, TypeVar

from drivers.access import parse_access
from drivers.conformance import Login
from drivers.contract import Connection
from drivers.credentials import Credential
from drivers.transports import open_connection
from pointsman.twins.snmp.agent import Direct
from pointsman.twins.snmp.cells import Device
from pointsman.twins.snmp.engine import Engine, User

USER: Final = User(name="pointsman", auth="twin-auth-pass", priv="twin-priv-pass")
_ANOTHER: Final = "80001f8804ffffffffff"
_TIMEOUT_S: Final = 5.0
DeviceT = TypeVar("DeviceT", bound=Device)


class Bench(Generic[DeviceT]):
    """One device, that ``make`` makes; as new when it is reset."""

    def __init__(self, make: Callable[[], DeviceT]) -> None:
        self._make = make
        self.device = make()

    async def open(self) -> Connection:
        """A connection to it."""
        return Direct(self.device, identity=_ANOTHER)

    async def reset(self) -> None:
        """Begin anew: connections that are open go on with the same object."""
        self.device.__dict__ = self._make().__dict__

    async def writes(self) -> int:
        """How often it was changed."""
        return self.device.writes

    async def login(self, wanted: Login) -> Connection:
        """Log in by SNMPv3 with a passphrase that is wrong, or where another engine is expected."""
        async with Engine(self.device, USER) as engine:
            text = "wrong-one-here" if wanted.wrong_secret else f"{USER.auth}\n{USER.priv}"
            return await open_connection(
                parse_access(f"snmpv3://{USER.name}@{engine.address}?timeout=1"),
                credential=Credential(name="file:twin", text=text),
                pin=_ANOTHER if wanted.wrong_identity else engine.identity,
                timeout_s=_TIMEOUT_S,
            )
