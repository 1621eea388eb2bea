"""The EOS twin with what NAPALM asks of it: JSON tables and configuration sessions with a commit timer.

Commands and answers after the Arista EOS User Manual ("Configuration Sessions": `configure session`, `commit`,
`commit timer`, `abort`, `show configuration sessions detail`, `show session-config named ... diffs`), and the keys of
JSON tables after what NAPALM's own recordings of EOS have in them.
"""

import copy
import difflib
import json
import re
import time
from dataclasses import dataclass

from pointsman.subjects.cisco_ios import switch
from pointsman.twins.languages import ios_like_shows as shows
from pointsman.twins.languages.bench import connected
from pointsman.twins.languages.ios_like_config import Configuring
from pointsman.twins.languages.ios_like_session import IosSession


@dataclass
class Candidate:
    """A configuration session: a switch that is none, and what was there before a commit that waits."""

    shadow: object
    before: object = None
    until_s: float = 0.0


class EosSession(IosSession):
    """One terminal; candidates are the device's, so that another terminal finds them."""

    def __init__(self, switch, candidates, now):
        super().__init__(switch)
        self._candidates = candidates
        self._now = now
        self._named = ""

    @property
    def prompt(self):
        if self._configuring is None or not self._named:
            return super().prompt
        place = self._configuring.place.replace("config", f"config-s-{self._named[:6]}", 1)
        return f"{self._switch.config.hostname}({place})#"

    def run(self, line):
        self._expire()
        words = " ".join(line.split())
        if words.startswith("terminal "):
            super().run(line)
            return "Pagination disabled.\n" if "length" in words else "Width set to 511 columns.\n"
        if match := re.fullmatch(r"configure session (\S+)(?: (commit|abort)(?: timer (\d+):(\d+):(\d+))?)?", words):
            return self._session(match[1], match[2], match[3] and [int(match[n]) for n in (3, 4, 5)])
        if words.startswith("show ") and words.endswith("| json"):
            return self._json(words.removesuffix("| json").removeprefix("show ").strip())
        if match := re.fullmatch(r"show session-config named (\S+) diffs", words):
            return self._differences(self._candidates[match[1]])
        if words == "copy startup-config flash:rollback-0":
            return "Copy completed successfully.\n"
        if words == "no name" and self._configuring is not None:
            for vlan in self._configuring.vlans:
                words = f"name VLAN{vlan:04}"
        return super().run(words)

    def _expire(self):
        for name, candidate in list(self._candidates.items()):
            if candidate.before is not None and self._now() >= candidate.until_s:
                self._switch.config = candidate.before
                del self._candidates[name]

    def _session(self, name, verb, timer):
        if verb is None:
            if name not in self._candidates:
                shadow = copy.copy(self._switch)
                shadow.config = copy.deepcopy(self._switch.config)
                self._candidates[name] = Candidate(shadow)
            self._named = name
            self._configuring = Configuring(self._candidates[name].shadow)
            return ""
        self._configuring, self._named = None, ""
        candidate = self._candidates.get(name)
        if candidate is None:
            return "% Error: no such session\n"
        if verb == "abort":
            del self._candidates[name]
            if candidate.before is not None:
                self._switch.config = candidate.before
        elif timer:
            candidate.before = self._switch.config
            candidate.until_s = self._now() + timer[0] * 3600 + timer[1] * 60 + timer[2]
            self._take(candidate)
        else:
            if candidate.before is None:
                self._take(candidate)
            del self._candidates[name]
        return ""

    def _take(self, candidate):
        self._switch.config = copy.deepcopy(candidate.shadow.config)
        self._switch.writes += 1
        self._switch.changed_at += 1

    def _differences(self, candidate):
        before, after = (shows.running_config(each).splitlines() for each in (self._switch, candidate.shadow))
        lines = difflib.unified_diff(before, after, "system:/running-config", f"session:/{self._named}", lineterm="")
        return "".join(f"{line}\n" for line in lines)

    def _json(self, what):
        tables = {
            "version": self._version,
            "hostname": lambda: {"hostname": "sw1", "fqdn": "sw1.example.net"},
            "interfaces": self._interfaces,
            "vlan": self._vlans,
            "mac address-table": self._macs,
            "lldp neighbors detail": self._neighbours,
            "configuration sessions": self._sessions,
            "configuration sessions detail": self._sessions,
        }
        return json.dumps(tables[what](), indent=4) + "\n" if what in tables else self._switch.dialect.invalid

    def _version(self):
        return {
            "version": "4.27.6M",
            "internalVersion": "4.27.6M-1",
            "modelName": "vEOS",
            "serialNumber": self._switch.serial,
            "uptime": self._now(),
            "bootupTimestamp": time.time() - 3600,
        }

    def _interfaces(self):
        return {
            "interfaces": {
                port.name: {
                    "lineProtocolStatus": "up" if self._switch.is_up(port) else "down",
                    "interfaceStatus": "disabled" if port.shut else "connected",
                    "description": port.description or "",
                    "mtu": 9214,
                    "bandwidth": 1_000_000_000,
                    "physicalAddress": "02:00:00:00:00:01",
                }
                for port in self._switch.config.interfaces.values()
            }
        }

    def _vlans(self):
        return {"vlans": {str(n): {"name": name, "interfaces": {}} for n, name in self._switch.config.vlans.items()}}

    def _macs(self):
        entries = [
            {"macAddress": mac, "vlanId": vlan, "interface": port, "entryType": "dynamic"}
            for mac, vlan, port in self._switch.macs
        ]
        return {"unicastTable": {"tableEntries": entries}}

    def _neighbours(self):
        return {
            "lldpNeighbors": {
                port: {
                    "lldpNeighborInfo": [
                        {
                            "systemName": there.name,
                            "chassisId": there.chassis_id,
                            "chassisIdType": "macAddress",
                            "neighborInterfaceInfo": {"interfaceId": there.port},
                        }
                    ]
                }
                for port, there in self._switch.neighbours.items()
            }
        }

    def _sessions(self):
        return {
            "sessions": {
                name: {"state": "pending"}
                if each.before is None
                else {"state": "pendingCommitTimer", "commitBy": each.until_s}
                for name, each in self._candidates.items()
            }
        }


class EosBench:
    """One switch; another one when it is reset. Time goes on when it is told to, as well."""

    def __init__(self):
        self.ahead_s = 0.0
        self.reset_now()

    def reset_now(self):
        self.switch = switch("arista_eos")
        self.candidates = {}

    def now(self):
        return time.monotonic() + self.ahead_s

    async def later(self, seconds):
        self.ahead_s += seconds

    async def reset(self):
        self.reset_now()

    async def writes(self):
        return self.switch.writes

    async def open(self):
        return connected(lambda: EosSession(self.switch, self.candidates, self.now))
