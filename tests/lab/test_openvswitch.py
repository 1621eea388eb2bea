"""The Open vSwitch driver on real Open vSwitch, and the twins held against it."""

import asyncio
import contextlib
import json

import pytest

from device_profiles.compare import Goal, compare
from device_profiles.profile import load_profiles
from device_profiles.state import Lag, Port, State, Stp
from drivers.access import parse_access
from drivers.credentials import Credential
from drivers.errors import Unreachable, WrongDevice
from drivers.registry import make_driver
from drivers.transports import ssh
from drivers.vendors.openvswitch import columns, facts, neighbours, operating, reading, words
from pointsman.lab import layout, network, reach
from pointsman.twins import shell
from pointsman.twins.rack import TwinRack

pytestmark = pytest.mark.lab

PROFILE = load_profiles()["openvswitch"]


@pytest.fixture
async def dial(lab):
    """Connects to a switch from within the management network, as the lab's agent does."""
    made = []

    async def dial(switch, *, pin=None):
        address = layout.device(switch).address
        namespace = network.namespace_path(lab.namespace("mgmt"))
        sock = await asyncio.to_thread(reach.connect, namespace, (address, 22))
        sock.setblocking(False)
        credential = Credential(name="file:lab.key", text=lab.key_path.read_text())
        access = parse_access(f"ssh://root@{address}")
        made.append(await ssh.connect(access, credential=credential, pin=pin, timeout_s=10, sock=sock))
        return made[-1]

    yield dial
    for connection in made:
        await connection.close()


@pytest.fixture(scope="module", autouse=True)
def left_as_it_came(lab):
    yield
    lab.reset()


@pytest.fixture
async def drive(fresh_lab, dial):
    """Makes a driver of a switch that is as it came."""
    made = []

    async def drive(switch):
        made.append(make_driver(await dial(switch), PROFILE))
        return made[-1]

    yield drive
    for driver in made:
        await driver.close()


def goal(*, absent=(), lags=None, **ports):
    return Goal(State(ports=ports, lags=lags or {}), frozenset(("lags", lag) for lag in absent))


async def converge(driver, wanted):
    plan = driver.plan(wanted, await driver.read(()))
    for step in plan:
        await driver.apply(step)
    assert compare(wanted, await driver.read(())) == ()
    return plan


TRUNK = Port(mode="trunk", native_vlan="none", trunk_vlans=(10, 20))
BUNDLE = goal(
    lag1=TRUNK,
    p23=Port(enabled=True),
    lags={"lag1": Lag(members=("p23", "p24"), lacp="active", fallback=True)},
)
WAYS = {
    "one field after the other": [
        goal(p5=Port(mode="access", access_vlan=10)),
        goal(p5=Port(mode="access", access_vlan=20, enabled=False)),
        goal(p5=Port(mode="trunk")),
        goal(p5=Port(trunk_vlans=(10, 11, 12, 20))),
        goal(p5=Port(native_vlan=5)),
        goal(p5=Port(mode="trunk", native_vlan="none", trunk_vlans="all")),
        goal(p5=Port(mode="trunk", native_vlan=7, trunk_vlans="all")),
        goal(p5=Port(description="web-07, eth0 (x) [a]=#1")),
        goal(p5=Port(mtu=1400)),
        goal(p5=Port(stp=Stp(edge=True))),
        goal(p5=Port(mode="access", access_vlan=1, description="all", enabled=True, mtu=1450, stp=Stp(edge=False))),
    ],
    "a LAG and its members": [
        BUNDLE,
        goal(
            lag1=Port(mtu=1400, description="to the other switch", stp=Stp(edge=True)), p24=Port(description="cable 2")
        ),
        goal(lags={"lag1": Lag(members=("p23", "p24", "p7"), lacp="passive", fallback=False)}),
        goal(lags={"lag1": Lag(members=("p24", "p6"), lacp="off")}),
        goal(lags={"lag1": Lag(members=("p5", "p7"))}),
        goal(absent=["lag1"], lag2=TRUNK, lags={"lag2": Lag(members=("p5", "p7"), lacp="active")}),
        goal(absent=["lag2"], p5=Port(mode="access", access_vlan=5, enabled=True)),
        goal(lag3=Port(mode="access", access_vlan=9), lags={"lag3": Lag(members=("p6",), lacp="active")}),
    ],
}


@pytest.mark.parametrize("way", WAYS)
async def test_each_step_reaches_its_goal_repeats_harmlessly_and_leads_back(drive, way):
    driver = await drive("sw2")
    for wanted in WAYS[way]:
        before = await driver.read(())
        plan = driver.plan(wanted, before)
        assert plan
        for step in plan:
            await driver.apply(step)
            once = await driver.read(())
            await driver.apply(step)
            assert await driver.read(()) is once, f"again: {step.text}"
        assert compare(wanted, await driver.read(())) == ()
        for step in reversed(plan):
            await driver.undo(step)
        assert await driver.read(()) == before
        await converge(driver, wanted)


async def test_a_reading_writes_nothing_and_an_unchanged_switch_is_the_same_object(lab, drive):
    driver = await drive("sw1")
    writes = await asyncio.to_thread(lab.writes, "sw1")
    first = await driver.read(())
    assert await driver.read(()) is first
    await driver.operation(())
    await driver.facts()
    assert await asyncio.to_thread(lab.writes, "sw1") == writes
    await converge(driver, goal(p5=Port(mode="access", access_vlan=10)))
    assert await asyncio.to_thread(lab.writes, "sw1") == writes + 1


async def test_a_bundle_of_two_switches_carries_its_vlans_and_no_other(lab, drive):
    one, other = await drive("sw1"), await drive("sw2")
    carrying = goal(
        lag1=Port(mode="trunk", trunk_vlans=(10,)),
        p23=Port(enabled=True),
        p1=Port(mode="access", access_vlan=10),
        p2=Port(mode="access", access_vlan=20),
        lags={"lag1": Lag(members=("p23", "p24"), lacp="active")},
    )
    for driver in (one, other):
        await converge(driver, carrying)
    async with asyncio.timeout(20):
        while not (found := (await one.operation(("ports",))).ports)["lag1"].bundled or not found["p23"].bundled:
            await asyncio.to_thread(ping, lab, "h1", "h3")
    assert found["lag1"].speed_bps == 2 * found["p24"].speed_bps
    assert await asyncio.to_thread(ping, lab, "h1", "h3")
    assert not await asyncio.to_thread(ping, lab, "h2", "h4")
    operation = await one.operation(())
    assert {(each.vlan, each.port) for each in operation.macs} >= {(10, "p1"), (10, "lag1")}
    assert {10, 20, layout.MGMT_VLAN} <= set(operation.vlans_carried)


async def seen(driver):
    return {(each.port, each.name, each.remote_port) for each in await driver.links()}


def ping(lab, host, other):
    done = lab.run(host, ["ping", "-c", "1", "-W", "1", layout.HOST_ADDRESSES[other]])
    return done.returncode == 0


async def test_any_text_arrives_as_it_was_sent(drive):
    """Straight to the columns: more than any declaration may hold."""
    driver = await drive("sw2")
    for text in (
        "a, b",
        'say "hi"',
        "back\\slash",
        "{x=1}",
        "[1,2]",
        "$(reboot)",
        "`id`",
        "é\N{SNOWMAN}",
        "tab\tnl\n",
        "'",
    ):
        reply = await driver._run(words.transaction([columns.description("Port", "p5", text)]))
        assert reply.status == 0
        assert (await driver.read(())).ports["p5"].description == text


async def test_who_we_talk_to_is_its_host_key(lab, dial):
    expected = (await asyncio.to_thread(lambda: lab.host_keys))["sw2"]
    assert (await dial("sw2", pin=expected)).identity == expected
    with pytest.raises(WrongDevice):
        await dial("sw1", pin=expected)


async def test_facts_and_neighbours_are_those_of_the_switch(lab, drive):
    driver = await drive("sw1")
    found = await driver.facts()
    assert (found["hostname"], found["platform"]) == ("sw1", "openvswitch")
    assert found["dmi"]["system"]["serial_number"] == layout.SERIALS["sw1"]
    interface = found["network"]["interfaces"]["br0"]
    assert interface["addresses"][layout.device("sw1").address] == {
        "family": "inet",
        "prefixlen": str(layout.MGMT_PREFIX),
        "scope": "global",
    }
    async with asyncio.timeout(20):
        while not (await seen(driver)) >= {("p1", "h1", "eth0"), ("p2", "h2", "eth0")}:
            await asyncio.to_thread(ping, lab, "h1", "h2")


async def test_changes_by_hand_are_pushed_and_the_watchers_go_with_the_stream(lab, drive):
    driver = await drive("sw2")
    before = await asyncio.to_thread(watchers, lab)
    changes = driver.changes()
    await anext(changes)
    assert await asyncio.to_thread(watchers, lab) > before
    for line in ("ovs-vsctl set Port p5 tag=5", "ip link set dev p5 mtu 1400", "ovs-vsctl del-port p6"):
        waiting = asyncio.ensure_future(anext(changes))
        await asyncio.to_thread(lab.run, "sw2", line.split(), check=True)
        async with asyncio.timeout(5):
            await waiting
    await changes.aclose()
    async with asyncio.timeout(10):
        while await asyncio.to_thread(watchers, lab) > before:
            await asyncio.to_thread(ping, lab, "h3", "h4")


def watchers(lab):
    """Processes in the switch's own network namespace that watch."""
    inside = lab.run("sw2", ["readlink", "/proc/self/ns/net"]).stdout.strip()
    script = 'for p in /proc/[0-9]*; do [ "$(readlink $p/ns/net)" = "$1" ] && tr "\\0" " " <$p/cmdline; echo; done'
    printed = lab.run("sw2", ["sh", "-c", script, "sh", inside]).stdout
    return sum("monitor" in line and "for p in" not in line for line in printed.splitlines())


async def test_a_restart_of_the_switch_ends_the_watch_and_is_survived(lab, drive):
    driver = await drive("sw2")
    before = await driver.read(())
    changes = driver.changes()
    await anext(changes)
    restart = asyncio.create_task(asyncio.to_thread(lab.restart, "sw2"))
    async with asyncio.timeout(20):
        with contextlib.suppress(Unreachable):
            async for _ in changes:
                pass
        await restart
    assert (await driver.read(())).ports.keys() == before.ports.keys()


# The twins against the real thing.

REFUSED = [
    "ovs-vsctl set Port nowhere tag=1",
    "ovs-vsctl set Port p5 tag=5000",
    "ovs-vsctl set Port p5 tag=a",
    "ovs-vsctl set Port p5 nope=1",
    "ovs-vsctl set Port p5 vlan_mode=bogus",
    "ovs-vsctl list Nope",
    "ovs-vsctl bogus",
    "ovs-vsctl del-port nowhere",
    "ovs-vsctl add-port brx p99",
    "ovs-vsctl add-bond br0 lag1 p23",
    "ovs-appctl fdb/show brx",
    "ip link set dev nowhere up",
    "ip link set dev p5 sideways",
]
ASKED = [
    "ovs-vsctl get Port p5 tag",
    "ovs-vsctl set Port p5 tag=5 -- get Port p5 tag",
    "ovs-vsctl set Port p5 trunks=10-12,20 -- get Port p5 trunks",
    "ovs-vsctl set Port p5 external_ids:a='\"b, c\"' -- get Port p5 external_ids",
    "ovs-vsctl remove Port p5 external_ids a -- get Port p5 external_ids",
    "ovs-vsctl clear Port p5 trunks tag -- get Port p5 trunks",
    "ovs-vsctl --columns=name,tag list Port p5",
    "ovs-vsctl port-to-br p5",
    "ovs-vsctl list-br",
]


@pytest.fixture
async def both(drive):
    """Runs a command line on sw2 of the lab and on a twin: (printed, status) of each."""
    driver = await drive("sw2")
    async with TwinRack(2) as rack:

        async def both(line):
            reply = await driver._session.run(line)
            return (reply.data, reply.status), shell.run(rack["sw2"].switch, line)

        yield both


@pytest.mark.parametrize("lines", [REFUSED, ASKED], ids=["refused", "asked"])
async def test_a_twin_answers_and_refuses_as_the_real_one(both, lines):
    for line in lines:
        real, twin = await both(line)
        assert (twin[0].strip().splitlines()[-1:], twin[1]) == (real[0].strip().splitlines()[-1:], real[1]), line


async def test_a_twins_documents_have_the_shape_of_the_real_ones(both):
    for command in (reading.COMMAND, operating.TABLES, facts.TABLES):
        real, twin = await both(command)
        assert real[1] == twin[1] == 0
        for mine, theirs in zip(twin[0].splitlines(), real[0].splitlines(), strict=True):
            assert shape(json.loads(mine)) <= shape(json.loads(theirs)), command


async def test_a_twins_neighbours_have_the_shape_of_the_real_ones(both):
    real, twin = await both(neighbours.COMMAND)
    for answer in (real, twin):
        assert answer[1] == 0
        assert {each.kind for each in neighbours.parse(answer[0])} <= {"lldp"}
    real_keys, twin_keys = (lldp_keys(json.loads(answer[0])) for answer in (real, twin))
    assert twin_keys <= real_keys or not real_keys


def shape(document):
    """Headings of a table, or the keys of the rows of a list."""
    if isinstance(document, dict):
        return set(document["headings"])
    return {key for row in document for key in row}


def lldp_keys(document):
    found = document["lldp"].get("interface", [])
    found = found if isinstance(found, list) else [found]
    return {key for each in found for entry in each.values() for key in (*entry, *entry["port"])}


async def test_a_twin_takes_every_command_that_the_driver_makes(both, drive):
    """The commands of all plans of this file, run on a twin one after the other."""
    driver = await drive("sw2")
    for wanted in (wanted for ways in WAYS.values() for wanted in ways):
        for step in await converge(driver, wanted):
            for command in (*step.commands, *step.undo, *step.commands):
                _, twin = await both(command)
                assert twin[1] == 0, (command, twin[0])
