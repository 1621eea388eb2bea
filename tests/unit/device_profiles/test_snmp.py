"""The section [snmp] of a profile is loaded strictly, and the loader knows just the types that are decoded."""

import pytest

from device_profiles.profile import ProfileError, load_profile
from device_profiles.snmp.schema import FOLDER, read_mib
from device_profiles.snmp.syntax import INDEXES, VALUES
from drivers.snmp.decoding import INDEX_DECODERS, VALUE_DECODERS

pytestmark = pytest.mark.unit

HEAD = """
name = "zeta"
title = "Zeta"
vendor = "Zeta"
kind = "pdu"
driver = "zeta"
capabilities = ["facts"]
"""
TABLE = """
[snmp.tables.zetaTable]
oid = "1.3.6.1.4.1.99999.1.1"
index = { outlet = "integer" }
columns.zetaName = { oid = "2", type = "text" }
columns.zetaState = { oid = "3", type = "enum", enum = { on = 1, off = 2 } }
"""


def load(tmp_path, text):
    file = tmp_path / "zeta.toml"
    file.write_text(HEAD + text)
    return load_profile(file)


def test_what_is_decoded_is_what_can_be_said():
    assert set(VALUE_DECODERS) == set(VALUES)
    assert set(INDEX_DECODERS) == set(INDEXES)


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.toml")), ids=lambda file: file.stem)
def test_every_mib_is_loaded_and_names_its_source(file):
    assert read_mib(file).source


def test_a_profile_has_its_own_tables_and_those_of_its_mibs(tmp_path):
    snmp = load(tmp_path, f'[snmp]\nmibs = ["system", "if"]\n{TABLE}').snmp
    assert {"zetaTable", "ifTable", "ifXTable"} <= set(snmp.all_tables)
    assert snmp.all_tables["zetaTable"].column("zetaState") == (1, 3, 6, 1, 4, 1, 99999, 1, 1, 3)
    assert snmp.all_scalars["sysName"].instance == (1, 3, 6, 1, 2, 1, 1, 5, 0)


WRONG = {
    "a type that nobody knows": (TABLE.replace('"text"', '"words"'), "zetaName.type"),
    "an index syntax that nobody knows": (TABLE.replace('"integer"', '"serial"'), "index.outlet"),
    "a key that nobody knows": (TABLE.replace('type = "text"', 'kind = "text"'), "zetaName"),
    "an enum without words": (TABLE.replace(", enum = { on = 1, off = 2 }", ""), "zetaState"),
    "two words for one number": (TABLE.replace("off = 2", "off = 1"), "two words"),
    "a column that is no number": (TABLE.replace('oid = "2"', 'oid = "two"'), "zetaName.oid"),
    "an OID that is none": (TABLE.replace('"1.3.6.1.4.1.99999.1.1"', '"1.3.x"'), "zetaTable.oid"),
    "an implied part that is not the last": (
        TABLE.replace('{ outlet = "integer" }', '{ name = "implied_string", outlet = "integer" }'),
        "only the last",
    ),
    "a MIB that is not there": ('[snmp]\nmibs = ["nonsense"]', "there is no MIB"),
    "a fact of a column that is not there": (
        f'{TABLE}[snmp.facts]\nserial = [{{ of = "zetaTable.zetaSerial" }}]',
        "zetaSerial",
    ),
    "a sign that is no pattern": ("[[snmp.signs]]\ndescr = '('", "descr"),
    "a scale of a text": (TABLE.replace('type = "text"', 'type = "text", scale = 0.1'), "scale"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named_with_file_and_key(tmp_path, name):
    text, key = WRONG[name]
    with pytest.raises(ProfileError) as caught:
        load(tmp_path, text)
    assert str(caught.value).startswith("zeta.toml: ")
    assert key in str(caught.value)
