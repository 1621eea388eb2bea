"""The driver over SSH to a twin: reading, writing, watching, and what it says when the switch misbehaves."""

import asyncio
import contextlib
import dataclasses
import time

import pytest

from device_profiles.compare import Goal
from device_profiles.facts import digest, pick
from device_profiles.state import Lag, Port, State
from drivers.contract import Timed, Watching
from drivers.errors import Garbled, Rejected, Unreachable, Unsupported
from drivers.registry import driver_names, make_driver
from pointsman.twins import tools

pytestmark = pytest.mark.unit

ACCESS = Goal(State(ports={"p1": Port(mode="access", access_vlan=10)}))
BUNDLE = Goal(
    State(
        ports={"lag1": Port(mode="trunk", trunk_vlans=(10,)), "p23": Port(enabled=True)},
        lags={"lag1": Lag(members=("p23", "p24"), lacp="active")},
    )
)


@pytest.fixture
async def drive(connect, profile):
    """Makes a driver of a twin, with a deadline that a test can wait for."""
    made = []

    async def drive(twin, **changes):
        shorter = dataclasses.replace(profile, **({"command_timeout_s": 5.0} | changes))
        made.append(make_driver(await connect(twin), shorter))
        return made[-1]

    yield drive
    for driver in made:
        await driver.close()


@pytest.fixture
async def driver(drive, twin):
    return await drive(twin)


async def converge(driver, goal):
    plan = driver.plan(goal, await driver.read(()))
    for step in plan:
        await driver.apply(step)
    return plan


def test_it_is_found_by_its_name_and_declares_what_its_profile_says(profile, driver):
    assert "openvswitch" in driver_names()
    assert driver.capabilities == frozenset(profile.capabilities)
    assert isinstance(driver, Watching)
    assert isinstance(driver, Timed)


async def test_an_unchanged_switch_is_the_same_object_and_no_write(driver, twin):
    first = await driver.read(())
    assert await driver.read(()) is first
    assert twin.writes == 0


async def test_a_reading_that_differs_only_in_what_is_not_configuration_is_the_same_object(driver, rack, twin):
    first = await driver.read(())
    rack["sw2"].run("ip link set dev p24 down")  # the carrier of sw1's p24 goes
    assert (await driver.operation(())).ports["p24"].down_reason == "no carrier"
    assert await driver.read(()) is first


async def test_ports_are_read_as_a_switch_comes(driver):
    ports = (await driver.read(())).ports
    assert ports["p1"].mode is None
    assert ports["p1"].enabled
    assert not ports["p23"].enabled
    assert ports["p48"].access_vlan == ports["br0"].access_vlan == 99


async def test_a_change_is_one_write_and_a_repeat_is_none(driver, twin):
    plan = await converge(driver, ACCESS)
    assert len(plan) == twin.writes == 1
    assert (await driver.read(())).ports["p1"].access_vlan == 10
    assert await converge(driver, ACCESS) == ()
    assert twin.writes == 1


async def test_two_switches_bundle_their_cables(drive, rack):
    one, other = await drive(rack["sw1"]), await drive(rack["sw2"])
    await converge(one, BUNDLE)
    ports = (await one.operation(("ports",))).ports
    assert (ports["lag1"].oper_up, ports["lag1"].bundled) == (True, False)
    await converge(other, BUNDLE)
    ports = (await one.operation(("ports",))).ports
    assert (ports["lag1"].bundled, ports["p23"].bundled, ports["p24"].bundled) == (True, True, True)
    assert ports["lag1"].speed_bps == 2 * ports["p23"].speed_bps
    assert {"p23", "p24"} <= {each.port for each in await one.links()}


async def test_neighbours_are_the_hosts_and_the_other_switch(driver):
    found = {each.port: (each.name, each.remote_port) for each in await driver.links()}
    assert found == {"p1": ("h1", "eth0"), "p2": ("h2", "eth0"), "p24": ("sw2", "p24")}


async def test_operation_asks_only_for_what_is_wanted(driver):
    operation = await driver.operation(("ports",))
    assert operation.macs == ()
    assert operation.ports["p1"].oper_up
    assert operation.ports["p23"].down_reason == "administratively down"
    operation = await driver.operation(("macs",))
    assert operation.ports == {}
    assert {each.port for each in operation.macs} == {"p1", "p2"}


async def test_operation_of_a_switch_that_was_read_is_one_exchange(driver, twin):
    await driver.read(())
    asked = twin.switch.asked
    assert {each.port for each in (await driver.operation(())).macs} == {"p1", "p2"}
    assert twin.switch.asked == asked + 1


async def test_after_a_change_only_the_changed_port_is_read_anew(drive, twin):
    driver = await drive(twin)
    before = await driver.read(())
    first = await driver.operation(())
    await converge(driver, ACCESS)
    after, then = await driver.read(()), await driver.operation(())
    assert after == await (await drive(twin)).read(())
    assert after.ports["p1"] != before.ports["p1"]
    assert all(after.ports[port] is before.ports[port] for port in before.ports if port != "p1")
    assert all(then.ports[port] is first.ports[port] for port in first.ports if port != "p1")


async def test_macs_bear_the_vlan_of_their_port(driver):
    await converge(driver, ACCESS)
    await driver.read(())
    operation = await driver.operation(())
    assert {(each.port, each.vlan) for each in operation.macs} == {("p1", 10), ("p2", None)}
    assert operation.vlans_carried == (10, 99)


async def test_facts_are_ohais_and_do_not_move_by_themselves(driver):
    facts = await driver.facts()
    assert pick(facts, "platform") == "openvswitch"
    assert pick(facts, "platform_version") == "3.1.0"
    assert pick(facts, "hostname") == "sw1"
    assert pick(facts, "dmi.system.serial_number") == "TWIN-1"
    assert pick(facts, "network.interfaces.p1.mtu") == "1500"
    assert pick(facts, "network.interfaces.p1.addresses") == {"02:00:00:01:00:03": {"family": "lladdr"}}
    assert pick(facts, "network.interfaces.lo.addresses")["127.0.0.1"]["family"] == "inet"
    assert pick(facts, "lldp")["p1"][0]["name"] == "h1"
    assert digest(await driver.facts()) == digest(facts)


async def test_changes_of_others_are_pushed(driver, twin, until):
    changes = driver.changes()
    await anext(changes)
    for line in (
        "ovs-vsctl set port p5 tag=5",
        "ip link set dev p5 down",
        "ovs-vsctl set interface p5 mtu_request=1400",
    ):
        waiting = asyncio.ensure_future(anext(changes))
        await asyncio.sleep(0)
        assert not waiting.done()
        twin.run(line)
        async with asyncio.timeout(5):
            await waiting
    await changes.aclose()
    await until(lambda: not twin.switch.watchers)


async def test_the_end_of_the_connection_ends_the_watch(driver, rack):
    changes = driver.changes()
    await anext(changes)
    await rack.__aexit__(None, None, None)
    async with asyncio.timeout(5):
        with contextlib.suppress(Unreachable):
            assert [change async for change in changes] == []


@pytest.mark.parametrize("fault", ["hang_in_reply", "silent"])
async def test_a_hung_switch_is_unreachable_in_time_and_comes_back(drive, twin, fault):
    driver = await drive(twin, command_timeout_s=0.1)
    await driver.read(())
    setattr(twin.faults, fault, True)
    started = time.monotonic()
    with pytest.raises(Unreachable):
        await driver.read(())
    assert time.monotonic() - started < 2
    setattr(twin.faults, fault, False)
    assert (await driver.read(())).ports["p1"].enabled


@pytest.mark.parametrize(
    "garbage", [b"", b"\xff\xfe\x00", b"{}\n{}\n{}\n[]\n", b"null\nnull\nnull\nnull\n", b"[]\n" * 4, b"root@sw1:~# "]
)
async def test_garbage_is_garbled_and_nothing_is_concluded(driver, twin, garbage):
    before = await driver.read(())
    twin.faults.garbage = garbage
    for ask in (lambda: driver.read(()), lambda: driver.operation(()), driver.links, driver.facts):
        with pytest.raises(Garbled):
            await ask()
    twin.faults.garbage = None
    assert await driver.read(()) is before


async def test_half_a_reading_is_none(driver, twin):
    await driver.read(())
    twin.faults.drop_in_reply = True
    with pytest.raises(Unreachable):
        await driver.read(())
    with pytest.raises(Unreachable):
        await driver.read(())


async def test_what_the_switch_refuses_is_said_in_its_words(driver, twin):
    (step,) = driver.plan(ACCESS, await driver.read(()))
    twin.faults.fail_writes = "constraint violation: no"
    with pytest.raises(Rejected, match=r"^p1: access VLAN 10: the switch says: ovs-vsctl: constraint violation: no$"):
        await driver.apply(step)


async def test_a_database_that_is_away_is_tried_again_later(driver, twin):
    (step,) = driver.plan(ACCESS, await driver.read(()))
    twin.faults.fail_writes = (
        "unix:/var/run/openvswitch/db.sock: database connection failed (No such file or directory)"
    )
    with pytest.raises(Unreachable, match="daemons"):
        await driver.apply(step)


async def test_a_step_stops_at_the_first_command_that_is_refused(driver, twin):
    await converge(driver, BUNDLE)
    (step,) = driver.plan(Goal(absent=frozenset({("lags", "lag1")})), await driver.read(()))
    broken = dataclasses.replace(step, commands=("ip link set dev nowhere down", *step.commands))
    with pytest.raises(Rejected, match='Cannot find device "nowhere"'):
        await driver.apply(broken)
    assert "lag1" in (await driver.read(())).lags


async def test_a_missing_program_is_named(drive, twin, monkeypatch):
    monkeypatch.delitem(tools.PROGRAMS, "lldpcli")
    driver = await drive(twin)
    with pytest.raises(Unsupported, match="lldpcli: not found"):
        await driver.links()
    assert "lldp" not in await driver.facts()


async def test_a_cancelled_reading_harms_no_later_one(driver, twin, until):
    await driver.read(())
    twin.faults.delay_s = 60.0
    asked = twin.switch.asked
    task = asyncio.create_task(driver.read(()))
    await until(lambda: twin.switch.asked > asked)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    twin.faults.delay_s = 0.0
    assert (await driver.read(())).ports["p1"].enabled


async def test_undo_brings_back_what_was(driver):
    before = await driver.read(())
    for step in reversed(await converge(driver, BUNDLE)):
        await driver.undo(step)
    assert await driver.read(()) == before


async def test_a_profile_without_a_shell_is_refused(connect, twin, profile):
    with pytest.raises(Unsupported, match="shell"):
        make_driver(await connect(twin), dataclasses.replace(profile, shell=None))


async def test_saving_asks_nothing_of_the_switch(driver, twin):
    await driver.save()
    assert twin.writes == 0
