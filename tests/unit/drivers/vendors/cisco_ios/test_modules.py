"""The modules of a chassis, and that they are asked for only where there is no inventory."""

import pytest

from drivers.vendors.cisco_ios.modules import modules
from pointsman.twins.languages.ios_like import Switch
from pointsman.twins.languages.ios_like_session import IosSession
from tests.unit.drivers.vendors.cisco_ios.ios_like_devices import driver_on

pytestmark = pytest.mark.unit

SHOWN = """
Mod  Ports  Module-Type                         Model              Status
---  -----  ----------------------------------- ------------------ ----------
1    0      Supervisor Module-2                 X7K-SUP2           active *
2    48     A Type That Fills Its Whole Column! X7K-F248           ok
3    36     36x40G Ethernet Module                                 pwr-denied

Mod  MAC-Address(es)                         Serial-Num
---  --------------------------------------  ----------
1    02-00-00-00-00-01 to 02-00-00-00-00-05  TWN00000001
2    02-00-00-00-01-01 to 02-00-00-00-01-05  TWN00000002

Xbar Ports  Module-Type                         Model              Status
---  -----  ----------------------------------- ------------------ ----------
1    0      Fabric Module 2                     X7K-FAB-2          ok

LFM Ports                  Module-Type                  Model
  Status
--- ----- ------------------------------------ --------------
21   0    8-slot Fabric Module                 X9K-FM-A
 ok
"""


def test_modules_have_model_and_serial_number_where_they_show_one() -> None:
    assert [tuple(part.values()) for part in modules(SHOWN)] == [
        ("Slot 1", "Supervisor Module-2", "X7K-SUP2", "TWN00000001"),
        ("Slot 2", "A Type That Fills Its Whole Column!", "X7K-F248", "TWN00000002"),
        ("Slot 3", "36x40G Ethernet Module", "", ""),
        ("Slot 21", "8-slot Fabric Module", "X9K-FM-A", ""),
    ]
    assert list(modules("Mod Ports\n")) == []


async def test_a_switch_that_has_an_inventory_is_not_asked_for_its_modules() -> None:
    driver, connection = driver_on(Switch("cisco_nxos"))
    assert (await driver.facts())["inventory"]
    assert "show module" not in connection.sent


async def test_a_switch_without_an_inventory_tells_its_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    run = IosSession.run

    def without_inventory(session, line):
        return SHOWN if line == "show module" else run(session, "show no" if "inventory" in line else line)

    monkeypatch.setattr(IosSession, "run", without_inventory)
    driver, _ = driver_on(Switch("cisco_nxos"))
    assert [part["name"] for part in (await driver.facts())["inventory"]] == ["Slot 1", "Slot 2", "Slot 3", "Slot 21"]
