"""What the switch is doing, from the one answer that holds its tables and its forwarding databases."""

import pytest

from drivers.errors import Garbled
from drivers.vendors.openvswitch import operating
from pointsman.twins import shell

pytestmark = pytest.mark.unit


def test_a_bridge_that_went_away_spoils_neither_tables_nor_status(twin):
    printed, status = shell.run(twin.switch, operating.command(("gone", "br0")))
    tables = operating.Tables.parse(printed, bridges=("gone", "br0"))
    assert (status, tables.bridges) == (0, ("br0",))
    assert operating.ports(tables, {})["p1"].oper_up


def test_a_forwarding_database_that_is_refused_is_not_taken_for_an_empty_one(twin):
    printed, _ = shell.run(twin.switch, operating.command(("gone",)))
    with pytest.raises(Garbled, match="br0"):
        list(operating.macs(operating.Tables.parse(printed, bridges=("gone",))))
