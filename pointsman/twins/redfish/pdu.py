"""A rack PDU (schemas: DSP0268, PowerEquipment, PowerDistribution, Outlet, Circuit, PowerDistributionMetrics)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from pointsman.twins.redfish.service import ROOT, Refused, Service, value_of

PDU: Final = f"{ROOT}/PowerEquipment/RackPDUs/1"
_OK: Final = {"State": "Enabled", "Health": "OK"}
_VALUES: Final = ["On", "Off", "PowerCycle"]
_AMPS: Final = 0.8
_VOLTS: Final = 230.1


class RackPdu(Service):
    """``outlets`` of them in two branches; ``switched`` off makes it one that only measures."""

    def __init__(self, *, outlets: int = 8, switched: bool = True, serial: str = "TWPDU1", **options: Any) -> None:
        super().__init__(**options)
        self.patches = self._set
        names = [f"{'A' if number <= outlets // 2 else 'B'}{number}" for number in range(1, outlets + 1)]
        self._add_around(serial)
        self.add_collection(f"{PDU}/Outlets", names)
        for name in names:
            self._add_outlet(name, switched=switched)
        self.resources[f"{PDU}/Outlets/{names[0]}"]["UserLabel"] = "web-07/psu0"
        self.add_collection(f"{PDU}/Branches", ["A", "B"])
        for name in "AB":
            self.add(f"{PDU}/Branches/{name}", Name=f"Branch {name}", CurrentAmps={"Reading": _AMPS * outlets / 2})

    def _add_around(self, serial: str) -> None:
        self.add(
            ROOT,
            RedfishVersion="1.15.0",
            Vendor="Pointsman",
            Product="twin of a PDU",
            ProtocolFeaturesSupported={"ExpandQuery": {"NoLinks": self.expands, "Levels": True}},
            PowerEquipment={"@odata.id": f"{ROOT}/PowerEquipment"},
            Managers={"@odata.id": f"{ROOT}/Managers"},
        )
        self.add(f"{ROOT}/PowerEquipment", RackPDUs={"@odata.id": f"{ROOT}/PowerEquipment/RackPDUs"})
        self.add_collection(f"{ROOT}/PowerEquipment/RackPDUs", ["1"])
        self.add(
            PDU,
            EquipmentType="RackPDU",
            Manufacturer="Pointsman",
            Model="Twin PDU",
            SerialNumber=serial,
            FirmwareVersion="4.3",
            Status=_OK,
            **{name: {"@odata.id": f"{PDU}/{name}"} for name in ("Outlets", "Branches", "Metrics")},
        )
        self.add(f"{PDU}/Metrics", PowerWatts={"Reading": 1472.6}, EnergykWh={"Reading": 6438})
        nics = f"{ROOT}/Managers/BMC/EthernetInterfaces"
        self.add_collection(f"{ROOT}/Managers", ["BMC"])
        self.add(f"{ROOT}/Managers/BMC", FirmwareVersion="4.3", EthernetInterfaces={"@odata.id": nics})
        self.add_collection(nics, ["eth0"])
        self.add(f"{nics}/eth0", MACAddress="02:00:5E:00:00:02", HostName="pdu1", LinkStatus="LinkUp")

    def _add_outlet(self, name: str, *, switched: bool) -> None:
        path = f"{PDU}/Outlets/{name}"
        watts = round(_AMPS * _VOLTS, 1)
        outlet = self.add(
            path,
            Name=f"Outlet {name}",
            UserLabel="",
            OutletType="IEC_60320_C13",
            PowerState="On",
            Status=_OK,
            Voltage={"Reading": _VOLTS},
            CurrentAmps={"Reading": _AMPS},
            PowerWatts={"Reading": watts, "ApparentVA": watts, "PowerFactor": 1.0},
            EnergykWh={"Reading": 36.25},
        )
        if switched:
            target = f"{path}/Actions/Outlet.PowerControl"
            outlet["Actions"] = {"#Outlet.PowerControl": {"target": target}}
            self.actions[target] = partial(self._control, path)

    def _control(self, path: str, body: Mapping[str, Any]) -> None:
        wanted = value_of(body, "PowerState", _VALUES)
        if wanted == "PowerCycle":
            raise Refused("ActionParameterNotSupported", wanted)
        self.later(path, partial(self._power, path, wanted))

    def path_of(self, key: str) -> str:
        """Where an outlet is."""
        return f"{PDU}/Outlets/{key}"

    def _power(self, path: str, state: str) -> None:
        if state == "On" and self.resources[path]["PowerState"] == "Off":
            self.boots.setdefault(path, []).append("power")
        amps = _AMPS if state == "On" else 0.0
        self.resources[path].update(PowerState=state, CurrentAmps={"Reading": amps})

    def _set(self, path: str, body: Mapping[str, Any]) -> None:
        if set(body) != {"UserLabel"} or "UserLabel" not in self.resources[path]:
            raise Refused("PropertyNotWritable", *sorted(body))
        self.resources[path]["UserLabel"] = body["UserLabel"]
