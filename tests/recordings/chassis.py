"""Recordings of enclosures, read by the drivers and compared with what another system's tests expect of them."""

import asyncio
import json
from functools import cache
from pathlib import Path
from typing import Any

from device_profiles.profile import load_profiles
from drivers.registry import make_driver
from drivers.rest.messages import Request, Response
from drivers.vendors.hp_xmldata.reading import PATH
from tests.recordings.meaning import Fact
from tests.recordings.outcome import Outcome
from tests.recordings.shared_data import FOLDER

PROFILE = "hp_c7000_xml"
CASES = (("hp-c7000-oa", "xmldata.xml"),)


class Told:
    """A controller that answers with one document."""

    identity = ""
    closed = False

    def __init__(self, file: Path) -> None:
        self._file = file

    def log_in_by(self, log_in: Any) -> None:
        del log_in

    async def stream(self, command: str) -> Any:
        raise AssertionError(command)

    async def exchange(self, request: Request) -> Response:
        known = request.path == PATH
        return Response(status=200, body=self._file.read_bytes()) if known else Response(status=404)

    async def close(self) -> None:
        self.closed = True


@cache
def judged() -> list[Outcome]:
    """All cases."""
    return [asyncio.run(_judge(FOLDER / "chassis" / folder, name)) for folder, name in CASES]


def by_profile() -> dict[str, list[Outcome]]:
    """The cases by profile; none where the recordings are absent."""
    return {PROFILE: judged()} if (FOLDER / "chassis").is_dir() else {}


async def _judge(folder: Path, name: str) -> Outcome:
    expected = json.loads((folder / "expected.json").read_text())
    driver = make_driver(Told(folder / name), load_profiles()[PROFILE])
    facts, operation = dict(await driver.facts()), await driver.operation(())
    system = facts["dmi"]["system"]
    found = {
        Fact("facts", ("serial", system["serial_number"].lower())),
        Fact("facts", ("name", facts["hostname"])),
        Fact("facts", ("firmware", facts["platform_version"])),
        Fact("sensors", ("ambient", operation.sensors["enclosure ambient"].value)),
        Fact("power", ("unit", operation.inputs["unit-1"].watts)),
        Fact("macs", ("controller", facts["macaddress"])),
    }
    found |= {Fact("sensors", (key, each.value)) for key, each in operation.sensors.items() if each.kind == "fan"}
    found |= {Fact("power", (key, each.watts)) for key, each in operation.inputs.items() if each.kind == "input"}
    return Outcome(PROFILE, folder.name, _expected(expected), found)


def _expected(said: dict[str, Any]) -> set[Fact]:
    facts = {
        Fact("facts", ("serial", said["TestHpChassisSerial"])),
        Fact("facts", ("name", said["TestHpChassisName"])),
        Fact("facts", ("firmware", said["TestHpChassisFwVersion"])),
        Fact("sensors", ("ambient", float(said["TestHpChassisTempC"]))),
        Fact("power", ("unit", round(said["TestHpChassisPowerKW"] * 1000, 3))),
        Fact("macs", ("controller", said["TestHpChassisNics"][0]["MacAddress"])),
    }
    facts |= {
        Fact("sensors", (f"fan {fan['Position']}", float(fan["CurrentRPM"]))) for fan in said["TestHpChassisFans"]
    }
    supplies = said["TestHpChassisPsu"]
    return facts | {Fact("power", (f"input-{each['Position']}", round(each["PowerKw"] * 1000, 3))) for each in supplies}
