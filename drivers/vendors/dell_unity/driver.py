"""The driver: one collection for each kind of thing, a page after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from device_profiles.profile import Profile
from drivers.contract import Connection
from drivers.errors import Garbled
from drivers.rest.failures import Missing
from drivers.rest.messages import asking, parsed
from drivers.rest.session import Session
from drivers.storage.listed import ReadOnly
from drivers.storage.seen import Seen, System
from drivers.vendors.dell_unity import reading

_CLIENT: Final = {"x-emc-rest-client": "true"}
_PAGE: Final = 2000
_MOST_PAGES: Final = 50
FIELDS: Final[Mapping[str, str]] = {
    "system": "id,name,model,serialNumber,health",
    "installedSoftwareVersion": "id,version",
    "pool": "id,name,sizeTotal,sizeFree,health",
    "lun": "id,name,wwn,sizeTotal,sizeAllocated,pool,health",
    "host": "id,name",
    "hostInitiator": "id,initiatorId,parentHost",
    "hostInitiatorPath": "id,isLoggedIn,initiator",
    "hostLUN": "id,hlu,host,lun",
}
_NEEDED: Final = frozenset({"pool", "lun"})


class Unity(ReadOnly):
    """A Unity (see :class:`drivers.contract.Driver`), read only."""

    source: ClassVar[str] = "Unisphere REST"

    def __init__(self, connection: Connection, profile: Profile) -> None:
        super().__init__(connection, profile)
        self._session = Session(connection, timeout_s=profile.command_timeout_s)
        self._entries: reading.Entries | None = None
        self._read = Seen()

    async def see(self) -> Seen:
        """All collections; the same ones give the same reading."""
        kinds = [kind for kind in FIELDS if kind not in ("system", "installedSoftwareVersion")]
        found = await self._collections(kinds)
        if found != self._entries:
            self._read, self._entries = reading.parse(found), found
        return self._read

    async def system(self) -> System:
        """What the array is."""
        return reading.system(await self._collections(["system", "installedSoftwareVersion"]))

    async def _collections(self, kinds: list[str]) -> reading.Entries:
        return {kind: await self._collection(kind) for kind in kinds}

    async def _collection(self, kind: str) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        for page in range(1, _MOST_PAGES + 1):
            entries = await self._page(kind, page)
            found += entries
            if len(entries) < _PAGE:
                return found
        raise Garbled(f"the array's list of {kind} has no end: {len(found)} entries were read")

    async def _page(self, kind: str, page: int) -> list[Mapping[str, Any]]:
        path = f"/api/types/{kind}/instances?compact=true&fields={FIELDS[kind]}&per_page={_PAGE}&page={page}"
        try:
            response = await self._session.ask(asking("GET", path, headers=_CLIENT))
        except Missing:
            if kind in _NEEDED:
                raise
            self.lacking(f"the array has no {kind}")
            return []
        return reading.entries(parsed(response.body, about=f"GET {kind}"), kind)
