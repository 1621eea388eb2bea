"""What PDUs tell where their agents leave columns out, chain units, or keep what they do not measure any more."""

import pytest

from device_profiles.profile import load_profiles
from drivers.snmp.playing import Played
from drivers.snmp.records import parse
from drivers.vendors.snmp_pdu.driver import SnmpPdu

pytestmark = pytest.mark.unit

PROFILES = load_profiles()


def driver(name, text):
    return SnmpPdu(Played({None: parse(text.splitlines())}), PROFILES[name])


METERED = "1.3.6.1.4.1.318.1.1.26.9.4.3.1"


async def test_outlets_without_a_number_of_their_own_have_that_of_their_row():
    found = driver(
        "apc_pdu_metered", f"{METERED}.3.1|4|web-07\n{METERED}.3.2|4|\n{METERED}.6.1|2|12\n{METERED}.6.2|2|0"
    )
    assert {key: outlet.name for key, outlet in (await found.read(())).outlets.items()} == {"1": "web-07", "2": None}
    assert {key: each.amps for key, each in (await found.operation(())).outlets.items()} == {"1": 1.2, "2": 0.0}


async def test_units_of_a_chain_have_their_number_before_the_outlet_s():
    rows = [f"{METERED}.{column}.{row}|2|{value}" for row, values in ((1, (1, 1)), (2, (2, 1))) for column, value in
            zip((2, 4), values, strict=True)]  # fmt: skip
    assert set((await driver("apc_pdu_metered", "\n".join(rows)).read(())).outlets) == {"1", "2-1"}


async def test_a_sensor_that_is_not_there_measures_nothing():
    config, sensors = "1.3.6.1.4.1.13742.6.3.5", "1.3.6.1.4.1.13742.6.5.4.3.1"
    text = f"""
{config}.3.1.3.1.7|4|web-07
{config}.4.1.7.1.7.1|66|3
{config}.4.1.7.1.7.5|66|0
{sensors}.2.1.7.1|2|1
{sensors}.4.1.7.1|66|1250
{sensors}.2.1.7.5|2|2
{sensors}.4.1.7.5|66|290
"""
    outlet = (await driver("raritan_px2_metered", text).operation(())).outlets["7"]
    assert (outlet.amps, outlet.watts) == (1.25, None)


async def test_each_pole_of_an_inlet_is_a_phase():
    config, measured = "1.3.6.1.4.1.13742.6.3.3", "1.3.6.1.4.1.13742.6.5.2.4.1"
    text = f"""
{config}.5.1.1.1.1.1|2|1
{config}.5.1.1.1.1.2|2|2
{config}.6.1.7.1.1.2.1|66|3
{measured}.4.1.1.2.1|66|8100
"""
    inputs = (await driver("raritan_px2_metered", text).operation(())).inputs
    assert {key: each.amps for key, each in inputs.items()} == {"phase-1-1": None, "phase-1-2": 8.1}


async def test_outlets_of_which_only_the_current_is_told_are_outlets():
    found = driver(
        "eaton_epdu_metered", "1.3.6.1.4.1.534.6.6.7.6.4.1.3.0.1|2|500\n1.3.6.1.4.1.534.6.6.7.6.4.1.3.1.1|2|-1"
    )
    assert set((await found.read(())).outlets) == {"1", "1-1"}
    assert {key: each.amps for key, each in (await found.operation(())).outlets.items()} == {"1": 0.5, "1-1": None}
