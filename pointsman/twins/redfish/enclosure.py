"""An enclosure of blades, of which one place is empty (schemas: DSP2046, Chassis, ComputerSystem, Manager, Thermal,
Power; DSP0266 for what is around them).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from pointsman.twins.redfish.service import ROOT, Refused, Service, value_of

RESETS: Final = ["On", "ForceOff", "GracefulShutdown", "ForceRestart"]
TARGETS: Final = ["None", "Pxe", "Cd", "Usb", "Hdd", "BiosSetup"]
_ENABLED: Final = ["Disabled", "Once", "Continuous"]
_LIGHTS: Final = ["Lit", "Blinking", "Off"]
_OK: Final = {"State": "Enabled", "Health": "OK"}


class Enclosure(Service):
    """``blades`` are in the first slots of ``places``; the rest of them is empty.

    ``resets`` is what a blade takes.
    """

    def __init__(
        self, *, blades: int = 3, places: int = 4, resets: list[str] | None = None, serial: str = "TW1", **options: Any
    ) -> None:
        super().__init__(**options)
        self.patches = self._set
        self.allowed = list(RESETS if resets is None else resets)
        self._serial = serial
        numbers = [str(number) for number in range(1, places + 1)]
        self._add_root()
        self._add_around(numbers)
        for number in numbers[:blades]:
            self.insert(number, serial=f"{serial}-B{number}")
        for number in numbers[blades:]:
            self._add_place(number, State="Absent")

    def _add_root(self) -> None:
        links = ("Systems", "Chassis", "Managers", "UpdateService", "SessionService")
        self.add(
            ROOT,
            Id="RootService",
            RedfishVersion="1.15.0",
            Vendor="Pointsman",
            Product="twin of an enclosure",
            UUID=f"5e0c1d2f-0000-4000-8000-{int.from_bytes(self._serial.encode()[-6:]):012x}",
            ProtocolFeaturesSupported={"ExpandQuery": {"NoLinks": self.expands, "Levels": True, "MaxLevels": 1}},
            **{name: {"@odata.id": f"{ROOT}/{name}"} for name in links},
        )
        self.add(f"{ROOT}/UpdateService", FirmwareInventory={"@odata.id": f"{ROOT}/UpdateService/FirmwareInventory"})
        self.add_collection(f"{ROOT}/UpdateService/FirmwareInventory", ["BMC"])
        self.add(f"{ROOT}/UpdateService/FirmwareInventory/BMC", Name="Enclosure firmware", Version="2.1")

    def _add_around(self, numbers: list[str]) -> None:
        """The enclosure itself and its manager."""
        place = f"{ROOT}/Chassis/Encl"
        self.add_collection(f"{ROOT}/Systems", [])
        self.add_collection(f"{ROOT}/Chassis", ["Encl", *(f"Bay{number}" for number in numbers)])
        self.add_collection(f"{ROOT}/Managers", ["EM"])
        self.add(
            place,
            ChassisType="Enclosure",
            Manufacturer="Pointsman",
            Model="Twin enclosure",
            SerialNumber=self._serial,
            Status=_OK,
            Thermal={"@odata.id": f"{place}/Thermal"},
            Power={"@odata.id": f"{place}/Power"},
            Links={"Contains": [{"@odata.id": f"{ROOT}/Chassis/Bay{number}"} for number in numbers]},
        )
        self.add(
            f"{place}/Thermal",
            Temperatures=[{"MemberId": "0", "Name": "Intake", "ReadingCelsius": 23, "Status": _OK}],
            Fans=[{"MemberId": "0", "Name": "Fan 1", "Reading": 4200, "ReadingUnits": "RPM", "Status": _OK}],
        )
        self.add(f"{place}/Power", PowerControl=[{"MemberId": "0", "Name": "Total", "PowerConsumedWatts": 611}])
        nics = f"{ROOT}/Managers/EM/EthernetInterfaces"
        self.add(
            f"{ROOT}/Managers/EM",
            ManagerType="EnclosureManager",
            FirmwareVersion="2.1",
            EthernetInterfaces={"@odata.id": nics},
        )
        self.add_collection(nics, ["eth0"])
        self.add(
            f"{nics}/eth0",
            MACAddress="02:00:5E:00:00:01",
            HostName="chassis1",
            FQDN="chassis1.example",
            LinkStatus="LinkUp",
            IPv4Addresses=[{"Address": "192.0.2.10", "SubnetMask": "255.255.255.0"}],
        )

    def _add_place(self, number: str, *, system: str = "", **status: str) -> None:
        systems = [{"@odata.id": f"{ROOT}/Systems/{system}"}] if system else []
        self.add(
            f"{ROOT}/Chassis/Bay{number}",
            ChassisType="Blade",
            Status=status or _OK,
            Location={"PartLocation": {"LocationType": "Bay", "ServiceLabel": f"Bay {number}"}},
            Links={"ContainedBy": {"@odata.id": f"{ROOT}/Chassis/Encl"}, "ComputerSystems": systems},
        )

    def insert(self, number: str, *, serial: str) -> None:
        """Put a blade into a slot: it is the same blade wherever it is, by its serial number."""
        path = f"{ROOT}/Systems/{serial}"
        self._add_place(number, system=serial)
        self.resources[f"{ROOT}/Systems"]["Members"].append({"@odata.id": path})
        digits = f"{sum(map(ord, serial)) % 256:02x}"
        self.add(
            path,
            SystemType="Physical",
            Manufacturer="Pointsman",
            Model="Twin blade",
            SerialNumber=serial,
            UUID=f"5e0c1d2f-0000-4000-8000-0000000001{digits}",
            HostName=f"blade-{serial.lower()}",
            PowerState="On",
            IndicatorLED="Off",
            BiosVersion="1.0",
            Status=_OK,
            Boot={
                "BootSourceOverrideEnabled": "Disabled",
                "BootSourceOverrideTarget": "None",
                "BootSourceOverrideTarget@Redfish.AllowableValues": TARGETS,
            },
            EthernetInterfaces={"@odata.id": f"{path}/EthernetInterfaces"},
            Links={"Chassis": [{"@odata.id": f"{ROOT}/Chassis/Bay{number}"}]},
            Actions={
                "#ComputerSystem.Reset": {
                    "target": f"{path}/Actions/ComputerSystem.Reset",
                    "ResetType@Redfish.AllowableValues": self.allowed,
                }
            },
        )
        self.add_collection(f"{path}/EthernetInterfaces", ["1"])
        self.add(f"{path}/EthernetInterfaces/1", MACAddress=f"02:00:5E:01:00:{digits.upper()}")
        self.actions[f"{path}/Actions/ComputerSystem.Reset"] = partial(self._reset, path)

    def path_of(self, key: str) -> str:
        """Where the system in a slot is."""
        (link,) = self.resources[f"{ROOT}/Chassis/Bay{key}"]["Links"]["ComputerSystems"]
        return str(link["@odata.id"])

    def remove(self, number: str) -> str:
        """Take the blade out of a slot; its serial number."""
        (link,) = self.resources[f"{ROOT}/Chassis/Bay{number}"]["Links"]["ComputerSystems"]
        self.resources[f"{ROOT}/Systems"]["Members"].remove(link)
        serial: str = self.resources.pop(link["@odata.id"])["SerialNumber"]
        self._add_place(number, State="Absent")
        return serial

    def _reset(self, path: str, body: Mapping[str, Any]) -> None:
        wanted = value_of(body, "ResetType", self.allowed)
        system = self.resources[path]
        if wanted in ("On", "ForceOn") and system["PowerState"] == "On":
            raise Refused("InvalidOperation", "is on already", status=409)
        if wanted == "ForceRestart":
            self._boot(path)
            return
        if wanted == "GracefulShutdown" and path in self.deaf:
            return
        self.later(path, partial(self._power, path, "Off" if wanted in ("ForceOff", "GracefulShutdown") else "On"))

    def _power(self, path: str, state: str) -> None:
        self.resources[path]["PowerState"] = state
        if state == "On":
            self._boot(path)

    def _boot(self, path: str) -> None:
        """Boot, from what was set; what was set for one boot is used up."""
        boot = self.resources[path]["Boot"]
        once = boot["BootSourceOverrideEnabled"] == "Once"
        source = "None" if boot["BootSourceOverrideEnabled"] == "Disabled" else boot["BootSourceOverrideTarget"]
        self.boots.setdefault(path, []).append(source)
        if once:
            boot.update(BootSourceOverrideEnabled="Disabled", BootSourceOverrideTarget="None")

    def _set(self, path: str, body: Mapping[str, Any]) -> None:
        for name, value in body.items():
            if name == "IndicatorLED" and value in _LIGHTS:
                self.resources[path]["IndicatorLED"] = value
            elif name == "Boot" and "Boot" in self.resources[path]:
                self._set_boot(self.resources[path]["Boot"], value)
            else:
                raise Refused("PropertyNotWritable", name)

    def _set_boot(self, boot: dict[str, Any], values: Mapping[str, Any]) -> None:
        for name, allowed in (("BootSourceOverrideTarget", TARGETS), ("BootSourceOverrideEnabled", _ENABLED)):
            if name in values and values[name] not in allowed:
                raise Refused("PropertyValueNotInList", str(values[name]), name)
        boot.update(values)
        if boot["BootSourceOverrideEnabled"] == "Disabled":
            boot["BootSourceOverrideTarget"] = "None"
