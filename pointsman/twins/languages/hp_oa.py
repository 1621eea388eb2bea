"""A session on an Onboard Administrator, as its "Command Line Interface User Guide" describes it."""

from __future__ import annotations

import re
from typing import Final

from pointsman.twins.languages.enclosure import TwinBlade, TwinEnclosure
from pointsman.twins.languages.terminal import Asks

_POWER: Final = re.compile(r"power(on|off) server (\d+)( force)?", re.IGNORECASE)
_ONCE: Final = re.compile(r"set server boot once (\w+) (\d+)", re.IGNORECASE)
_DEVICES: Final = {"hdd": "disk", "pxe": "pxe", "cd": "cdrom", "usb": "usb", "rbsu": "bios", "none": "none"}
_HEAD: Final = (
    "\nBay iLO Name                      iLO IP Address  Status   Power   UID Partner\n"
    "--- ----------------------------- --------------- -------- ------- --- -------\n"
)


class HpOaSession:
    """One session (:class:`~pointsman.twins.languages.terminal.Language`)."""

    page_lines = 0
    pager = ""

    def __init__(self, enclosure: TwinEnclosure) -> None:
        self._enclosure = enclosure
        self._scripted = False
        self.ended = False

    @property
    def prompt(self) -> str:
        """The controller's name."""
        return f"{self._enclosure.name} [SCRIPT MODE]> " if self._scripted else f"{self._enclosure.name}> "

    def run(self, line: str) -> str | Asks:
        """Do what a line says."""
        words = " ".join(line.split())
        low = words.lower()
        if low in {"", "set script mode on"}:
            self._scripted = self._scripted or bool(low)
            return ""
        if low in {"exit", "quit", "logout"}:
            self.ended = True
            return ""
        if (power := _POWER.fullmatch(words)) is not None:
            return self._power(*power.groups())
        if (once := _ONCE.fullmatch(words)) is not None and once[1].lower() in _DEVICES:
            done = self._enclosure.boot_once(once[2], _DEVICES[once[1].lower()])
            return "" if done else f"Blade {once[2]} is absent.\n"
        shows = {
            "show server list": self._list,
            "show server info all": self._blades,
            "show enclosure info": self._about,
            "show oa info": self._controller,
            "show enclosure temp": self._temperatures,
        }
        return shows[low]() if low in shows else f"Invalid command: {words[:40]}\n"

    def _power(self, word: str, slot: str, force: str | None) -> str:
        told = "on" if word.lower() == "on" else "hard" if force else "soft"
        if not self._enclosure.tell(slot, told):
            return f"Blade {slot} is absent.\n"
        return f"Powering {word.lower()} server blade {slot}.\n"

    def _list(self) -> str:
        rows = [self._row(slot, blade) for slot, blade in self._enclosure.slots.items()]
        blades = [blade for blade in self._enclosure.slots.values() if blade is not None]
        total = f"Totals: {len(blades)} server blades installed, {sum(each.on for each in blades)} powered on.\n"
        return f"{_HEAD}{''.join(rows)}{total}"

    def _row(self, slot: str, blade: TwinBlade | None) -> str:
        if blade is None:
            return f"{slot:>3} [Absent]\n"
        power = "On" if blade.look() else "Off"
        return f"{slot:>3} {'ILO' + blade.serial:<29} {'10.8.1.' + slot:<15} OK       {power:<7} Off\n"

    def _blades(self) -> str:
        return "".join(_information(slot, blade) for slot, blade in self._enclosure.slots.items())

    def _about(self) -> str:
        lines = (
            f"Enclosure Name: {self._enclosure.name}",
            "Enclosure Type: BladeSystem c7000 Enclosure",
            "Part Number: TWIN-B21",
            f"Serial Number: {self._enclosure.serial}",
            "Asset Tag:",
        )
        return "\nEnclosure Information:\n" + "".join(f"\t{line}\n" for line in lines)

    def _temperatures(self) -> str:
        return "Sensor                 Status  Temp\n Enclosure Ambient      OK    20C/ 68F  42C\n"

    def _controller(self) -> str:
        lines = (
            "Product Name  : BladeSystem c7000 Onboard Administrator",
            "Part Number   : TWIN-B21",
            "Serial No.    : TWIN-OA-1",
            "Firmware Ver. : 4.85",
            "MAC Address   : 02:00:00:00:0a:01",
        )
        return "\nOnboard Administrator #1 information:\n" + "".join(f"\t{line}\n" for line in lines)


def _information(slot: str, blade: TwinBlade | None) -> str:
    if blade is None:
        return f"\nServer Blade #{slot} Information:\n\tServer Blade Type: No Server Blade Installed\n"
    lines = (
        "Type: Server Blade",
        "Manufacturer: HP",
        "Product Name: ProLiant BL460c Gen9",
        "Part Number: 727021-B21",
        f"Serial Number: {blade.serial}",
        f"UUID: 00000000-0000-0000-0000-00000000000{slot}",
        f"Server Name: blade{slot}",
        "ROM Version: I36 02/17/2017",
        f"FLB Adapter 1: LOM1:1-a {blade.mac.upper()}",
    )
    far = "\nManagement Processor Information:\n\tMAC Address: 02:00:00:00:0c:01\n"
    return f"\nServer Blade #{slot} Information:\n" + "".join(f"\t{line}\n" for line in lines) + far
