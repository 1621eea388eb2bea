"""One role on the twins of every language: after names are exchanged, they all show the same."""

from dataclasses import replace

import pytest

from device_profiles.catalogue import all_profiles
from device_profiles.compare import Goal, compare
from device_profiles.state import Lag, Port, State, Stp, Vlan
from pointsman.subjects import factory

pytestmark = pytest.mark.unit

WORDS = ("host", "other", "uplink", "first", "second")
"""What the ports of the role are for; the last two are bundled."""
PROFILES = (
    *("cisco_ios", "cisco_xe", "cisco_nxos", "arista_eos"),
    *("juniper_junos", "hp_comware", "huawei_vrp", "openvswitch"),
)
ROLE = State(
    vlans={3101: Vlan(name="blue"), 3102: Vlan(name="red"), 3103: Vlan(name="green")},
    ports={
        "host": Port(description="web-07 eth0", enabled=True, mode="access", access_vlan=3101, stp=Stp(edge=True)),
        "other": Port(enabled=False, mode="access", access_vlan=3102, stp=Stp(edge=False)),
        "uplink": Port(enabled=True, mode="trunk", native_vlan=3103, trunk_vlans=(3101, 3102)),
        "lag": Port(description="to sw2", mode="trunk", native_vlan="none", trunk_vlans=(3101, 3103)),
    },
    lags={"lag": Lag(members=("first", "second"), lacp="active")},
)


def renamed(state, table):
    """A state with other names; what is no port of the role is left out."""
    lags = {
        table[name]: replace(lag, members=tuple(sorted(table[member] for member in lag.members)))
        for name, lag in state.lags.items()
        if name in table
    }
    return State(
        vlans={number: vlan for number, vlan in state.vlans.items() if number > 3000},
        ports={table[name]: port for name, port in state.ports.items() if name in table},
        lags=lags,
    )


def without(state, profile):
    """Without the leaves that a profile declares that it cannot hold."""
    names = "vlans.name" in profile.capabilities
    vlans = {number: vlan if names else Vlan() for number, vlan in state.vlans.items()}
    return replace(state, vlans=vlans if "vlans" in profile.capabilities else {})


def said(state):
    """What of a state the role is about."""
    ports = {
        name: Port(
            description=port.description,
            enabled=port.enabled if name != "lag" else None,
            mode=port.mode,
            access_vlan=port.access_vlan,
            native_vlan=port.native_vlan,
            trunk_vlans=port.trunk_vlans,
            stp=Stp(edge=port.stp.edge) if name in ("host", "other") else None,
        )
        for name, port in state.ports.items()
        if name in ROLE.ports
    }
    lags = {name: Lag(members=lag.members, lacp=lag.lacp) for name, lag in state.lags.items()}
    return replace(state, ports=ports, lags=lags)


@pytest.mark.parametrize("name", PROFILES)
async def test_one_role_is_the_same_in_every_language(name):
    profile = all_profiles()[name]
    make = factory(profile.driver)
    assert make is not None
    async with make(profile) as subject:
        own = subject.ground.ports
        table = dict(zip(("lag", *WORDS), (subject.ground.lag, *own[:3], *own[-2:]), strict=True))
        if len(set(table.values())) < len(table):
            table["uplink"] = next(port for port in ("p8", "p3") if port not in table.values())
        goal = Goal(without(renamed(ROLE, table), profile))
        connection = await subject.open()
        driver = subject.driver(connection, profile)
        for step in driver.plan(goal, await driver.read(())):
            await driver.apply(step)
        state = await driver.read(())
        await driver.close()
        await connection.close()
    assert compare(goal, state) == ()
    back = {theirs: ours for ours, theirs in table.items()}
    assert said(without(renamed(state, back), profile)) == without(ROLE, profile)
