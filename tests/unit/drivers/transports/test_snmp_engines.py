"""Engines of pysnmp that were made our way are as those that it makes itself, and share nothing."""

import pytest
from pysnmp.entity.engine import SnmpEngine
from pysnmp.smi.error import MibNotFoundError

from drivers.transports._snmp_engines import new_engine

pytestmark = pytest.mark.unit


def symbols(engine):
    return {name: sorted(found) for name, found in engine.get_mib_builder().mibSymbols.items()}


def test_it_knows_what_one_of_pysnmps_knows():
    assert symbols(new_engine()) == symbols(SnmpEngine())


def test_two_share_no_counter():
    one, other = new_engine(), new_engine()
    (counted,) = one.get_mib_builder().import_symbols("__SNMPv2-MIB", "snmpInPkts")
    counted.syntax += 7
    (theirs,) = other.get_mib_builder().import_symbols("__SNMPv2-MIB", "snmpInPkts")
    assert (int(counted.syntax), int(theirs.syntax)) == (7, 0)


def test_a_module_that_does_not_exist_is_told():
    with pytest.raises(MibNotFoundError, match="NO-SUCH-MIB"):
        new_engine().get_mib_builder().load_modules("NO-SUCH-MIB")
