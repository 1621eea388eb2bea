"""Outlets that feed the way to us are guarded as ports are, and nobody's last feed goes unless that is allowed."""

from datetime import UTC, datetime, timedelta

import pytest

from agents.feeding import feeds, plain
from device_profiles.documents import Management
from device_profiles.state import Outlet, State
from tests.unit.agents.agent import KillAt, desired, run_until_killed, running
from tests.unit.agents.devices import PDU, FakeSwitch, Rack

pytestmark = pytest.mark.unit

SERIAL = ("ssh://pdu1", "serial:/dev/ttyS0")


def outlets(**powers: str) -> State:
    return State(outlets={key.removeprefix("o"): Outlet(power=power) for key, power in powers.items()})


def named(*names: str) -> FakeSwitch:
    return FakeSwitch(State(outlets={str(n): Outlet(name=name, power="on") for n, name in enumerate(names, 1)}))


def declare(service, node, state, generation=1, *, management=Management(), access=None, **more) -> None:  # noqa: B008
    wanted = desired(node, generation, state, **more)
    service.assign(wanted, profile=PDU, management=management, access=access or (f"ssh://{node}",))


def power(pdu: FakeSwitch) -> str:
    return " ".join(outlet.power for outlet in pdu.state.outlets.values())


def message(service, node) -> str:
    told = [item for report in service.of(node) for item in report.conditions or () if item.type == "Converged"]
    return told[-1].message


NAMED = [
    (("sw1/psu0", "Outlet 2"), Management(), "the power of the node sw1 (outlet 1: outlet 1 is named sw1/psu0)"),
    (("SW1.example.net", "Outlet 2"), Management(), "the power of the node sw1"),
    (("a1/psu1", "Outlet 2"), Management(), "the agent's own power"),
    (("", "Outlet 2"), Management(feeds={"1": "sw1"}), "(outlet 1: declared in the node's management)"),
    (("nobody", "Outlet 2"), Management(feeds={"1": "console/a"}), "the power of the console server console"),
]


@pytest.mark.parametrize(("names", "management", "why"), NAMED)
async def test_what_feeds_a_way_is_not_switched_off_and_the_rest_is(tmp_path, service, names, management, why):
    pdu = named(*names)
    service.assign(desired("sw1", 1, State()), profile=PDU, access=("ssh://sw1", "rfc2217://console:2003"))
    declare(service, "pdu1", outlets(o1="off", o2="off"), management=management)
    async with running(tmp_path, Rack(pdu1=pdu, sw1=FakeSwitch(State())), service):
        await service.hears("pdu1", "OwnPath")
    assert power(pdu) == "on off"
    assert why in message(service, "pdu1")


async def test_such_an_outlet_is_not_cycled_and_is_named_and_switched_on(tmp_path, service):
    pdu = named("sw1/psu0", "Outlet 2")
    service.assign(desired("sw1", 1, State()), profile=PDU)
    declare(service, "pdu1", State())
    async with running(tmp_path, Rack(pdu1=pdu, sw1=FakeSwitch(State())), service, poll_s=0.01):
        await service.until(lambda: service.converged("pdu1", 1))
        cycled = Outlet(cycled_at=datetime.now(UTC), name="sw1/a", power="on")
        declare(service, "pdu1", State(outlets={"1": cycled}), 2)
        await service.hears("pdu1", "OwnPath")
        await service.until(lambda: pdu.state.outlets["1"].name == "sw1/a")
    assert power(pdu) == "on on"
    assert {state.outlets["1"].power for state in pdu.history} == {"on"}


@pytest.mark.parametrize("access", [SERIAL[:1], ("ssh://pdu1", "telnet://nowhere.invalid:2003")])
async def test_allowed_without_a_way_back_it_is_refused(tmp_path, service, access):
    pdu = named("sw1/psu0", "Outlet 2")
    service.assign(desired("sw1", 1, State()), profile=PDU)
    declare(service, "pdu1", outlets(o1="off"), allow=("own_path",), access=access)
    rack = Rack(**{"pdu1": pdu, "sw1": FakeSwitch(State()), "nowhere.invalid": pdu})
    async with running(tmp_path, rack, service):
        await service.hears("pdu1", "NoWayBack")
    assert (power(pdu), pdu.writes) == ("on on", 0)


async def test_with_a_way_back_that_needs_no_such_power_it_is_done_and_proved(tmp_path, service):
    pdu = named("sw1/psu0", "Outlet 2")
    service.assign(desired("sw1", 1, State()), profile=PDU)
    declare(service, "pdu1", outlets(o1="off"), allow=("own_path",), access=SERIAL)
    rack = Rack(**{"pdu1": pdu, "sw1": FakeSwitch(State()), "/dev/ttyS0": pdu, "": pdu})
    async with running(tmp_path, rack, service):
        await service.until(lambda: service.converged("pdu1", 1))
    assert power(pdu) == "off on"


async def test_and_undone_where_it_cut_us_off(tmp_path, service):
    pdu = named("sw1/psu0", "Outlet 2")
    pdu.host, pdu.is_cut = "pdu1", lambda state: state.outlets["1"].power == "off"
    service.assign(desired("sw1", 1, State()), profile=PDU)
    declare(service, "pdu1", outlets(o1="off"), allow=("own_path",), access=SERIAL)
    rack = Rack(**{"pdu1": pdu, "sw1": FakeSwitch(State()), "/dev/ttyS0": pdu, "": pdu})
    async with running(tmp_path, rack, service, confirm_s=0.2):
        await service.hears("pdu1", "CutOff")
    assert [state.outlets["1"].power for state in pdu.history] == ["on", "off", "on"]


async def test_the_agents_own_power_has_no_way_back(tmp_path, service):
    pdu = named("a1/b", "Outlet 2")
    declare(service, "pdu1", outlets(o1="off"), allow=("own_path",), access=SERIAL)
    async with running(tmp_path, Rack(**{"pdu1": pdu, "/dev/ttyS0": pdu, "": pdu}), service):
        await service.hears("pdu1", "NoWayBack")
    assert pdu.writes == 0


async def test_of_two_feeds_one_goes_and_the_last_stays_until_an_outage_is_allowed(tmp_path, service):
    pdu = named("web-1/a", "web-1/b", "db-1")
    declare(service, "pdu1", outlets(o1="off", o3="on"))
    async with running(tmp_path, Rack(pdu1=pdu), service):
        await service.until(lambda: service.converged("pdu1", 1))
        assert power(pdu) == "off on on"
        declare(service, "pdu1", outlets(o1="off", o2="off", o3="off"), 2)
        await service.hears("pdu1", "LastFeed")
        assert power(pdu) == "off on on"
        assert "takes the last feed that is on from" in message(service, "pdu1")
        declare(service, "pdu1", outlets(o1="off", o2="off", o3="off"), 3, allow=("outage",))
        await service.until(lambda: service.converged("pdu1", 3))
    assert power(pdu) == "off off off"


async def test_both_feeds_declared_off_at_once_stay_on(tmp_path, service):
    pdu = named("web-1/a", "web-1/b")
    declare(service, "pdu1", outlets(o1="off", o2="off"))
    async with running(tmp_path, Rack(pdu1=pdu), service):
        await service.hears("pdu1", "LastFeed")
    assert pdu.writes == 0


async def test_a_feed_at_another_pdu_counts_and_both_never_go_together(tmp_path, service):
    one, two = named("web-1/a"), named("web-1/b")
    for node in ("pdu1", "pdu2"):
        declare(service, node, State())
    async with running(tmp_path, Rack(pdu1=one, pdu2=two), service, poll_s=0.01):
        await service.until(lambda: service.converged("pdu1", 1) and service.converged("pdu2", 1))
        for node in ("pdu1", "pdu2"):
            declare(service, node, outlets(o1="off"), 2)
        await service.until(lambda: "off" in {power(one), power(two)})
        left, other = ("pdu2", two) if power(one) == "off" else ("pdu1", one)
        await service.hears(left, "LastFeed")
        assert power(other) == "on"


async def test_a_token_cycles_the_feeds_of_a_machine_one_after_the_other(tmp_path, service):
    one, two = named("web-1/a"), named("web-1/b")
    together = []

    def watch() -> None:
        together.append((power(one), power(two)))

    for node in ("pdu1", "pdu2"):
        declare(service, node, State())
    async with running(tmp_path, Rack(pdu1=one, pdu2=two), service, poll_s=0.01):
        await service.until(lambda: service.converged("pdu1", 1) and service.converged("pdu2", 1))
        changed = one._changed, two._changed
        one._changed = lambda: (changed[0](), watch())
        two._changed = lambda: (changed[1](), watch())
        at = datetime.now(UTC)
        for node in ("pdu1", "pdu2"):
            declare(service, node, State(outlets={"1": Outlet(cycled_at=at)}), 2)
        await service.until(lambda: service.converged("pdu1", 2) and service.converged("pdu2", 2))
    assert ("off", "off") not in together
    assert sorted(together.count(pair) for pair in (("off", "on"), ("on", "off"))) == [1, 1]


async def test_a_cycle_that_was_begun_goes_on_whatever_is_known_since(tmp_path, service):
    pdu = named("Outlet 1")
    rack = Rack(pdu1=pdu, sw1=FakeSwitch(State()))
    service.assign(desired("sw1", 1, State()), profile=PDU)
    declare(service, "pdu1", State())
    async with running(tmp_path, rack, service):
        await service.until(lambda: service.converged("pdu1", 1))
    declare(service, "pdu1", State(outlets={"1": Outlet(cycled_at=datetime.now(UTC) + timedelta(seconds=1))}), 2)
    await run_until_killed(tmp_path, rack, service, KillAt("applied", 1))
    assert power(pdu) == "off"
    pdu.by_hand("outlets", "1", name="sw1")
    async with running(tmp_path, rack, service):
        await service.until(lambda: service.converged("pdu1", 2))
    assert power(pdu) == "on"


def test_names_that_shall_be_count_and_declared_feeds_stand_above_both():
    observed = State(outlets={"1": Outlet(name="Outlet 1"), "2": Outlet(name="old"), "3": Outlet(name="x/a")})
    wanted = State(outlets={"1": Outlet(name="web-1/a"), "2": Outlet(name="new")})
    found = feeds(observed, wanted, {"3": "y/b", "9": "nothing is there"})
    assert {key: each.whom for key, each in found.items()} == {"1": "web-1", "2": "old", "3": "y"}


@pytest.mark.parametrize(("name", "same"), [("Web-1.example.net", "web-1"), ("10.8.0.1", "10.8.0.1")])
def test_a_name_is_known_without_its_domain(name, same):
    assert plain(name) == same
