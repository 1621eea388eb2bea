"""NAPALM's recordings of devices, answered where NAPALM asks: netmiko's `send_command`, or a NETCONF call of PyEZ.

NAPALM parses them itself; what is judged is what our driver makes of its getters. Recordings of NX-API are answers of
another protocol than the one that we reach NX-OS by: of those, only what both print alike is judged.
"""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree  # type: ignore[import-untyped]
from ruamel.yaml import YAML

from drivers.credentials import Login
from drivers.libraries import napalm_device
from tests.recordings.shared_data import FOLDER

NAPALM = FOLDER / "cli" / "napalm"
PROFILES = {"ios": "napalm_ios", "eos": "napalm_eos", "junos": "napalm_junos", "nxos": "napalm_nxos"}
GETTERS = ("get_facts", "get_interfaces", "get_vlans", "get_lldp_neighbors_detail", "get_mac_address_table")
PORT = {"is_up": True, "is_enabled": True, "description": "", "mtu": 1500, "speed": 1000, "mac_address": ""}
ELSEWHERE = {"get_interfaces": {"lo0": PORT}, "get_vlans": {"1": {"name": "default", "interfaces": []}}}
"""What the getters tell that a case is not about."""
OTHER_PROTOCOL = {"get_interfaces", "get_lldp_neighbors_detail", "get_mac_address_table"}


class Case(NamedTuple):
    """One recording of one getter."""

    driver: str
    getter: str
    folder: Path

    @property
    def name(self) -> str:
        return f"{self.driver}-{self.getter}-{self.folder.name}"

    @property
    def expected(self) -> Any:
        return json.loads((self.folder / "expected_result.json").read_text(encoding="utf-8"))


def cases(getter: str) -> list[Case]:
    """All that can be judged; none where the folder is absent."""
    return [
        Case(driver, getter, folder)
        for driver in PROFILES
        for folder in sorted((NAPALM / driver / getter).glob("*"))
        if not (driver == "nxos" and getter in OTHER_PROTOCOL)
    ]


class Line:
    """What netmiko would be; a command without a recording is refused."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send_command(self, command: str, **_: Any) -> str:
        name = re.sub(r"[^a-zA-Z0-9]", "_", command.removesuffix(" | json"))
        for file in (f"{name}.json", f"{name}.txt"):
            if (self._folder / file).is_file():
                return (self._folder / file).read_text(encoding="utf-8")
        return "% Invalid input detected at '^' marker.\n"

    send_command_expect = send_command_timing = send_command

    def find_prompt(self) -> str:
        return "switch#"


class Answered:
    """The handle of a session: NAPALM's driver over recorded answers."""

    def __init__(self, case: Case) -> None:
        self._case = case
        bridge: Any = None
        make = napalm_device._MAKERS["nxos_ssh" if case.driver == "nxos" else case.driver]
        self._device = make("nxos_ssh" if case.driver == "nxos" else case.driver, bridge, Login())
        if case.driver == "junos":
            self._device.device = _junos(case.folder)
        else:
            self._device.device = self._device._netmiko_device = Line(case.folder)

    def ask(self, getter: str) -> Any:
        if getter != self._case.getter:
            return ELSEWHERE.get(getter, {})
        return napalm_device.NapalmDevice(self._device).ask(getter)


def _junos(folder: Path) -> Any:
    from drivers.libraries.netconf_session import BridgedDevice  # noqa: PLC0415 -- a second to import

    facts = folder / "facts.yml"
    told = YAML(typ="safe", pure=True).load(facts.read_text(encoding="utf-8")) if facts.is_file() else {}

    class Recorded(BridgedDevice):
        transform = ""

        def execute(self, rpc: Any, *_: Any, **__: Any) -> Any:
            tag = rpc if isinstance(rpc, str) else rpc.tag
            return etree.fromstring((folder / f"{tag}.xml").read_bytes().strip())

    made = Recorded("switch", user="x", password="", gather_facts=False)
    made.facts = told
    return made
