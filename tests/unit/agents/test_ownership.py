"""Whatever is declared, changed and taken back in whatever order: what was found stays, what was made goes."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from agents.assignments import AssignmentReader
from agents.choice import choose
from agents.ledger import Ledger
from agents.nodes import Memory, Node
from device_profiles.state import Lag, Port, State, Vlan
from tests.unit.agents.agent import desired
from tests.unit.agents.devices import PROFILE, FakeDriver, FakeSwitch
from tests.unit.agents.services import FakeService

pytestmark = pytest.mark.unit

NOW = datetime(2026, 1, 1, tzinfo=UTC)
VLANS = st.sampled_from([10, 20, 30, 40])
SOME = st.frozensets(VLANS, max_size=4).map(lambda found: tuple(sorted(found)))

found_states = st.builds(
    lambda trunk, vlans, lag: State(
        ports={
            "p1": Port(mode="trunk", trunk_vlans=trunk),
            "p2": Port(mode="access", access_vlan=1),
            **{name: Port() for name in ("p3", "p4", "p5")},
            **({"lag9": Port(mode="trunk", trunk_vlans=trunk)} if lag else {}),
        },
        vlans={vlan: Vlan() for vlan in vlans},
        lags={"lag9": Lag(members=("p5",))} if lag else {},
    ),
    SOME,
    SOME,
    st.booleans(),
)
wishes = st.builds(
    lambda one, two, vlans, members, lag9: State(
        ports={
            **({"p1": Port(trunk_vlans=one)} if one else {}),
            **({"p2": Port(mode="trunk", trunk_vlans=two)} if two is not None else {}),
            **({"lag1": Port(mode="trunk", trunk_vlans=vlans)} if members else {}),
        },
        vlans={vlan: Vlan() for vlan in vlans},
        lags={
            **({"lag1": Lag(members=members, lacp="active")} if members else {}),
            **({"lag9": Lag(members=lag9)} if lag9 else {}),
        },
    ),
    SOME,
    st.none() | SOME,
    SOME,
    st.sampled_from([(), ("p3",), ("p3", "p4")]),
    st.sampled_from([(), ("p4",), ("p5",)]),
)


def a_pass(node: Node, switch: FakeSwitch) -> None:
    """A pass without the agent around it: judge, choose, intend, apply, judge."""
    driver = FakeDriver(SimpleNamespace(switch=switch, closed=False), PROFILE)  # type: ignore[arg-type]
    node.ledger.apply(node.ledger.judge(switch.state, verified=False))
    observed = switch.state
    choice = choose(node, observed, driver=driver, protect=(), now=NOW)
    for step in choice.steps:
        creates = (*step.creates, *choice.fresh)
        node.ledger.apply(node.ledger.intend(creates, observed=observed, pass_id="p", now=NOW))
        for command in step.commands:
            switch.run(command)
    assert choice.missing(switch.state) == ()
    node.ledger.apply(node.ledger.judge(switch.state, verified=True))
    node.settled = node.accepted.mark


def accepted(generation: int, state: State):
    service = FakeService()
    service.assign(desired("sw1", generation, state), profile=PROFILE)
    return AssignmentReader().read(service.documents["sw1"])


@examples(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(found=found_states, wanted=st.lists(wishes, min_size=1, max_size=4), shows_all=st.booleans())
def test_found_stays_made_goes(found, wanted, shows_all):
    switch = FakeSwitch(found)
    switch.shows_all = shows_all
    node = Node(accepted(1, State()), memory=Memory(), ledger=Ledger(), now=datetime.now(UTC))
    for generation, state in enumerate(wanted, 2):
        node.accept(accepted(generation, state))
        a_pass(node, switch)
        writes = switch.writes
        a_pass(node, switch)
        assert switch.writes == writes
        assert set(state.ports["p1"].trunk_vlans if "p1" in state.ports else ()) | set(
            found.ports["p1"].trunk_vlans
        ) == set(switch.state.ports["p1"].trunk_vlans)
        if "p2" in state.ports:
            assert switch.state.ports["p2"].trunk_vlans == state.ports["p2"].trunk_vlans
    node.accept(accepted(99, State()))
    a_pass(node, switch)
    assert switch.state.ports["p1"] == found.ports["p1"]
    assert switch.state.lags == found.lags
    # A VLAN that a found trunk carries was made by us, and stays, still ours, as long as the trunk carries it.
    left = set(switch.state.vlans) - set(found.vlans)
    assert left <= {vlan for port in found.ports.values() for vlan in port.trunk_vlans or ()}
    assert {entry.path for entry in node.ledger.entries} == {f"vlans.{vlan}" for vlan in left}
