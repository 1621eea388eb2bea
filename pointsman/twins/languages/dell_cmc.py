"""A session on a Chassis Management Controller, as its racadm reference describes it."""

from __future__ import annotations

import re
from typing import Final

from pointsman.twins.languages.enclosure import TwinBlade, TwinEnclosure
from pointsman.twins.languages.terminal import Asks

_ACTION: Final = re.compile(r"racadm serveraction -m server-(\d+) (powerup|powerdown|graceshutdown)")
_CONFIG: Final = re.compile(r"racadm config -g cfgServerInfo -o (cfgServer\w+) -i (\d+) (\S+)")
_WORDS: Final = {"powerup": "on", "powerdown": "hard", "graceshutdown": "soft"}
_DEVICES: Final = {"HDD": "disk", "PXE": "pxe", "vCD-DVD": "cdrom", "BIOS": "bios", "No-Override": "none"}


class DellCmcSession:
    """One session (:class:`~pointsman.twins.languages.terminal.Language`)."""

    page_lines = 0
    pager = ""
    prompt = "$ "

    def __init__(self, enclosure: TwinEnclosure) -> None:
        self._enclosure = enclosure
        self._first: dict[str, str] = {}
        self.ended = False

    def run(self, line: str) -> str | Asks:
        """Do what a line says."""
        words = " ".join(line.split())
        if words in {"", "exit", "quit"}:
            self.ended = bool(words)
            return ""
        if (action := _ACTION.fullmatch(words)) is not None:
            if not self._enclosure.tell(action[1], _WORDS[action[2]]):
                return f"ERROR: Server {action[1]} is not present.\n"
            return "Server power operation successful\n"
        if (config := _CONFIG.fullmatch(words)) is not None:
            return self._config(*config.groups())
        shows = {
            "racadm getmodinfo": self._modules,
            "racadm getslotname": self._names,
            "racadm getmacaddress": self._addresses,
            "racadm getsysinfo": self._about,
        }
        return shows[words]() if words in shows else "ERROR: Invalid subcommand specified.\n"

    def _config(self, what: str, slot: str, value: str) -> str:
        if self._enclosure.slots.get(slot) is None:
            return f"ERROR: Server {slot} is not present.\n"
        if what == "cfgServerFirstBootDevice" and value in _DEVICES:
            self._enclosure.writes += 1
            self._first[slot] = _DEVICES[value]
        elif what == "cfgServerBootOnce" and value in {"0", "1"}:
            self._enclosure.boot_once(slot, self._first.get(slot, "none") if value == "1" else "none")
        else:
            return "ERROR: Invalid value specified.\n"
        return "Object value modified successfully\n"

    def _modules(self) -> str:
        rows = [
            ("<module>", "<presence>", "<pwrState>", "<health>", "<svcTag>"),
            ("Chassis", "Present", "ON", "OK", self._enclosure.serial),
            ("Fan-1", "Present", "ON", "OK", "N/A"),
            ("PS-1", "Present", "Online", "OK", "N/A"),
            ("CMC-1", "Present", "Primary", "OK", "N/A"),
            *(_module(slot, blade) for slot, blade in self._enclosure.slots.items()),
        ]
        return "".join(f"{a:<15} {b:<15} {c:<15} {d:<10} {e}\n" for a, b, c, d, e in rows)

    def _names(self) -> str:
        head = "<Slot #>   <Slot Name>      <Host Name>\n"
        return head + "".join(f"{slot:<10} SLOT-0{slot}          blade{slot}\n" for slot in self._enclosure.slots)

    def _addresses(self) -> str:
        head = "<Target>     <Type>              <Presence>     <BMC MAC Address>  <NIC1 MAC Address>\n"
        return head + "".join(_address(slot, blade) for slot, blade in self._enclosure.slots.items())

    def _about(self) -> str:
        pairs = {
            "Primary CMC Location": "CMC-1",
            "Primary CMC Version": "6.21",
            "MAC Address": "02:00:00:00:0a:02",
            "System Model": "PowerEdge M1000e",
            "Service Tag": self._enclosure.serial,
            "Chassis Name": self._enclosure.name,
        }
        return "CMC Information:\n" + "".join(f"{key:<25} = {value}\n" for key, value in pairs.items())


def _module(slot: str, blade: TwinBlade | None) -> tuple[str, str, str, str, str]:
    if blade is None:
        return (f"Server-{slot}", "Not Present", "N/A", "N/A", "N/A")
    return (f"Server-{slot}", "Present", "ON" if blade.look() else "OFF", "OK", blade.serial)


def _address(slot: str, blade: TwinBlade | None) -> str:
    if blade is None:
        return f"server-{slot:<5} N/A                 Not Present    N/A                N/A\n"
    return f"server-{slot:<5} PowerEdge M620      Present        02:00:00:00:0d:0{slot}  {blade.mac}\n"
