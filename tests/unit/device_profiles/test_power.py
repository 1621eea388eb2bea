"""Views of a PDU's tables are loaded strictly: what no table says is an error with file and key."""

import pytest

from device_profiles.profile import ProfileError, load_profile
from device_profiles.snmp.power import filled

pytestmark = pytest.mark.unit

PROFILE = """
name = "zeta"
title = "Zeta"
vendor = "Zeta"
kind = "pdu"
driver = "snmp_pdu"
capabilities = ["outlets.power"]

[snmp.tables.zetaTable]
oid = "1.3.6.1.4.1.99999.1.1"
index = { unit = "integer", outlet = "integer" }
columns.zetaName = { oid = "2", type = "text" }
columns.zetaState = { oid = "3", type = "enum", enum = { on = 1, off = 2 } }

[[snmp.power.outlets]]
table = "zetaTable"
key = "{outlet}"
unit = "unit"
name = "zetaName"
state = "zetaState"
on = [{ set = "zetaState", to = 1 }]
off = [{ set = "zetaState", to = 2 }]
"""


def load(tmp_path, text):
    file = tmp_path / "zeta.toml"
    file.write_text(text)
    return load_profile(file)


def test_what_fits_is_loaded(tmp_path):
    (view,) = load(tmp_path, PROFILE).snmp.all_power.outlets
    assert (view.table, view.on[0].to, view.states.off) == ("zetaTable", 1, ("off",))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('table = "zetaTable"', 'table = "omegaTable"', "omegaTable"),
        ('name = "zetaName"', 'name = "zetaLabel"', "zetaLabel"),
        ('key = "{outlet}"', 'key = "{socket}"', "socket"),
        ('set = "zetaState", to = 1', 'set = "zetaSwitch", to = 1', "zetaSwitch"),
        ('state = "zetaState"', 'state = "zetaState"\nspeed = "zetaState"', "speed"),
        ('name = "zetaName"', 'name = "zetaName"\nsensors = { value = "zetaName", numbers = { ohms = 1 } }', "ohms"),
    ],
)
def test_what_no_table_says_is_named(tmp_path, old, new, said):
    with pytest.raises(ProfileError, match=said):
        load(tmp_path, PROFILE.replace(old, new, 1) if old.startswith("set") else _in_view(old, new))


def _in_view(old, new):
    head, view = PROFILE.split("[[snmp.power.outlets]]")
    return f"{head}[[snmp.power.outlets]]{view.replace(old, new, 1)}"


def test_units_and_cords_are_counted_in_letters():
    assert filled("{unit:letter}{cord:letter}{outlet}", {"unit": 2, "cord": 1, "outlet": 12}) == "BA12"
    assert filled("{unit}-{outlet}", {"outlet": 12}) is None
