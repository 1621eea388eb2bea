"""Redfish services that answer on 127.0.0.1 over TLS: enclosures of blades, PDUs or arrays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from device_profiles.profile import load_profiles
from pointsman.twins.numbered import Numbered
from pointsman.twins.redfish.array import StorageArray
from pointsman.twins.redfish.enclosure import Enclosure
from pointsman.twins.redfish.pdu import RackPdu
from pointsman.twins.redfish.service import PASSWORD, USER, Service
from pointsman.twins.web import Web

_PDU: Final = "redfish_pdu"
_ARRAY: Final = "swordfish"
_NAMES: Final = {"pdu": "pdu", "chassis": "chassis", "san": "san-"}
BLADES: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTwin:
    """One service, as whoever manages it needs to know it. ``identity`` is the fingerprint of its certificate."""

    name: str
    profile: str
    access: str
    identity: str
    service: Service
    secret: str = field(default=PASSWORD, repr=False)
    host_key: str = ""
    """None: its certificate is pinned at first contact."""

    @property
    def writes(self) -> int:
        """How many requests that change something have reached it, from whomever."""
        return self.service.writes


class RedfishRack(Numbered[ServiceTwin]):
    """``count`` services of a profile, named chassis1, chassis2 ... (pdu1, san-1); an asynchronous context manager.

    With ``port_base`` 0 the system chooses the TCP ports. An enclosure has ``blades``, and one empty place more.
    """

    key_text = f"{PASSWORD}\n"

    def __init__(self, count: int, *, profile: str = "redfish", port_base: int = 0, blades: int = BLADES) -> None:
        super().__init__(count, port_base=port_base)
        self._profile = load_profiles()[profile]
        self._blades = blades

    async def _start(self, number: int, port: int) -> ServiceTwin:
        service = self._made(number)
        web = await self._stack.enter_async_context(Web(service, secure=True, port=port))
        return ServiceTwin(
            name=f"{_NAMES[self._profile.kind]}{number}",
            profile=self._profile.name,
            access=f"redfish+https://{USER}@{web.address}",
            identity=web.identity,
            service=service,
        )

    def _made(self, number: int) -> Service:
        if self._profile.driver == _PDU:
            return RackPdu(
                switched="outlets.power" in self._profile.capabilities, serial=f"TWPDU{number}", needs_login=True
            )
        if self._profile.driver == _ARRAY:
            return StorageArray(serial=f"TWSAN{number}", needs_login=True)
        return Enclosure(blades=self._blades, places=self._blades + 1, serial=f"TW{number}", needs_login=True)
