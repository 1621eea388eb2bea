"""An array (SNIA Swordfish: Storage, StoragePool, Volume, StorageGroup, EndpointGroup, Endpoint)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pointsman.twins.redfish.service import ROOT, Refused, Service

STORAGE: Final = f"{ROOT}/Storage/1"
POOL: Final = f"{STORAGE}/StoragePools/tank"
_OK: Final = {"State": "Enabled", "Health": "OK"}
_GIB: Final = 1 << 30


class StorageArray(Service):
    """One pool of ``size_bytes`` with a volume in it, which a storage group shows to one machine."""

    def __init__(self, *, size_bytes: int = 64 * _GIB, serial: str = "TWSAN1", **options: Any) -> None:
        super().__init__(**options)
        self.patches = self._grow
        self._size = size_bytes
        links = ("Storage", "Chassis", "Managers")
        self.add(
            ROOT,
            RedfishVersion="1.15.0",
            Vendor="Pointsman",
            ProtocolFeaturesSupported={"ExpandQuery": {"NoLinks": self.expands, "Levels": True}},
            **{name: {"@odata.id": f"{ROOT}/{name}"} for name in links},
        )
        self.add_collection(f"{ROOT}/Storage", ["1"])
        self.add_collection(f"{ROOT}/Chassis", ["1"])
        self.add(f"{ROOT}/Chassis/1", Manufacturer="Pointsman", Model="Twin array", SerialNumber=serial)
        self.add_collection(f"{ROOT}/Managers", ["1"])
        self.add(f"{ROOT}/Managers/1", FirmwareVersion="9.1")
        parts = ("StoragePools", "Volumes", "StorageGroups")
        self.add(STORAGE, Name="san1", Status=_OK, **{name: {"@odata.id": f"{STORAGE}/{name}"} for name in parts})
        self.add_collection(f"{STORAGE}/StoragePools", ["tank"])
        self.add_collection(f"{STORAGE}/Volumes", [])
        self.add(POOL, Name="tank", Status=_OK, AllocatedVolumes={"@odata.id": f"{POOL}/AllocatedVolumes"})
        self.add_collection(f"{POOL}/AllocatedVolumes", [])
        self.actions[f"{STORAGE}/Volumes"] = self._make
        self._make({"Name": "web-07-root", "CapacityBytes": 4 * _GIB, "CapacitySources": _sources()})
        self._add_group()

    def _add_group(self) -> None:
        self.add_collection(f"{STORAGE}/StorageGroups", ["web-07"])
        clients = f"{STORAGE}/EndpointGroups/web-07"
        self.add(
            f"{STORAGE}/StorageGroups/web-07",
            MappedVolumes=[{"LogicalUnitNumber": "1", "Volume": {"@odata.id": f"{STORAGE}/Volumes/1"}}],
            Links={"ClientEndpointGroups": [{"@odata.id": clients}]},
        )
        self.add(clients, GroupType="Client", Links={"Endpoints": [{"@odata.id": f"{STORAGE}/Endpoints/web-07"}]})
        self.add(
            f"{STORAGE}/Endpoints/web-07",
            Identifiers=[{"DurableName": "iqn.2024-01.example:web-07", "DurableNameFormat": "iQN"}],
        )

    def _make(self, body: Mapping[str, Any]) -> None:
        size = body.get("CapacityBytes")
        if not isinstance(size, int) or not body.get("Name"):
            raise Refused("PropertyMissing", "CapacityBytes")
        members = self.resources[f"{STORAGE}/Volumes"]["Members"]
        if body.get("CapacitySources") != _sources():
            raise Refused("PropertyValueError", "CapacitySources")
        if size > self._left:
            raise Refused("InsufficientResources", "tank", status=507)
        path = f"{STORAGE}/Volumes/{len(members) + 1}"
        self.add(
            path,
            Name=body["Name"],
            CapacityBytes=size,
            Status=_OK,
            Identifiers=[{"DurableName": f"naa.6000000000000{len(members) + 1:03}", "DurableNameFormat": "NAA"}],
        )
        members.append({"@odata.id": path})
        self.resources[f"{POOL}/AllocatedVolumes"]["Members"].append({"@odata.id": path})
        self._count()

    def _grow(self, path: str, body: Mapping[str, Any]) -> None:
        size = body.get("CapacityBytes")
        volume = self.resources[path]
        if set(body) != {"CapacityBytes"} or not isinstance(size, int) or size < volume["CapacityBytes"]:
            raise Refused("PropertyValueError", "CapacityBytes")
        if size - volume["CapacityBytes"] > self._left:
            raise Refused("InsufficientResources", "tank", status=507)
        volume["CapacityBytes"] = size
        self._count()

    @property
    def _used(self) -> int:
        members = self.resources[f"{STORAGE}/Volumes"]["Members"]
        return sum(self.resources[each["@odata.id"]]["CapacityBytes"] for each in members)

    @property
    def _left(self) -> int:
        return self._size - self._used

    def _count(self) -> None:
        self.resources[POOL]["Capacity"] = {"Data": {"AllocatedBytes": self._size, "ConsumedBytes": self._used}}


def _sources() -> list[dict[str, Any]]:
    return [{"ProvidingPools": [{"@odata.id": POOL}]}]
