"""The SNMP PDU's tables: a command moves the outlet, and every column shows it."""

import pytest

from pointsman.lab.outlets import (
    MASTER_SWITCH_RPDU,
    RPDU_CONTROL,
    RPDU_STATUS,
    SPDU_CONTROL,
    Command,
    NotWritable,
    Oid,
    Outlet,
    Tables,
    Ticks,
    WrongValue,
)

pytestmark = pytest.mark.unit

SYSTEM: Oid = (1, 3, 6, 1, 2, 1, 1)


@pytest.fixture
def told() -> list[tuple[int, Command]]:
    return []


@pytest.fixture
def tables(told: list[tuple[int, Command]]) -> Tables:
    def act(outlet: Outlet, command: Command) -> None:
        told.append((outlet.number, command))
        outlet.on = command is not Command.OFF

    outlets = [Outlet(number, f"Outlet {number}") for number in (1, 2, 3)]
    return Tables(name="pdu", serial="S1", outlets=outlets, act=act, uptime=lambda: 4200)


def test_the_control_column_moves_the_status_column(tables: Tables) -> None:
    assert tables.get((*RPDU_STATUS, 2)) == 1
    tables.set((*RPDU_CONTROL, 2), 2)
    assert [tables.get((*column, 2)) for column in (RPDU_STATUS, RPDU_CONTROL, SPDU_CONTROL)] == [2, 2, 2]
    assert tables.get((*RPDU_STATUS, 1)) == 1
    tables.set((*SPDU_CONTROL, 2), 1)
    assert tables.get((*RPDU_STATUS, 2)) == 1


@pytest.mark.parametrize(
    ("column", "value", "command"),
    [
        (RPDU_CONTROL, 3, Command.REBOOT),
        (RPDU_CONTROL, 4, Command.ON_LATER),
        (RPDU_CONTROL, 7, Command.CANCEL),
        (SPDU_CONTROL, 3, Command.REBOOT),
        (SPDU_CONTROL, 5, Command.ON_LATER),
        (SPDU_CONTROL, 7, Command.REBOOT_LATER),
    ],
)
def test_the_two_trees_number_their_commands_differently(
    tables: Tables, told: list[tuple[int, Command]], column: Oid, value: int, command: Command
) -> None:
    tables.set((*column, 1), value)
    assert told == [(1, command)]


@pytest.mark.parametrize(
    ("column", "value"), [(RPDU_CONTROL, 0), (RPDU_CONTROL, 8), (SPDU_CONTROL, 4), (SPDU_CONTROL, "x")]
)
def test_a_value_that_is_no_command_does_nothing(
    tables: Tables, told: list[tuple[int, Command]], column: Oid, value: int | str
) -> None:
    with pytest.raises(WrongValue):
        tables.set((*column, 1), value)
    assert told == []


@pytest.mark.parametrize("oid", [(*RPDU_STATUS, 1), (*RPDU_CONTROL, 9), (*SYSTEM, 5, 0), (1, 3)])
def test_what_cannot_be_written_is_refused(tables: Tables, oid: Oid) -> None:
    with pytest.raises(NotWritable):
        tables.set(oid, 1)


def test_an_outlet_can_be_named_and_all_tables_show_the_name(tables: Tables) -> None:
    tables.set((1, 3, 6, 1, 4, 1, 318, 1, 1, 4, 5, 2, 1, 3, 2), "web-07")
    assert tables.get((1, 3, 6, 1, 4, 1, 318, 1, 1, 12, 3, 5, 1, 1, 2, 2)) == "web-07"
    with pytest.raises(WrongValue):
        tables.set((1, 3, 6, 1, 4, 1, 318, 1, 1, 4, 5, 2, 1, 3, 2), "x" * 24)


def test_a_walk_visits_every_cell_once_in_order(tables: Tables) -> None:
    seen: list[Oid] = []
    oid: Oid | None = (1, 3)
    while (oid := tables.after(oid)) is not None:
        assert tables.get(oid) is not None
        seen.append(oid)
    assert seen == sorted(set(seen))
    assert seen[0] == (*SYSTEM, 1, 0)
    assert (*RPDU_STATUS, 3) in seen


def test_it_says_what_it_is(tables: Tables) -> None:
    assert tables.get((*SYSTEM, 2, 0)) == MASTER_SWITCH_RPDU
    assert tables.get((*SYSTEM, 3, 0)) == Ticks(4200)
    assert tables.get((*SYSTEM, 5, 0)) == "pdu"
    assert tables.get((*SYSTEM, 99, 0)) is None
