"""A plan in the words of a made-up switch: which steps, in which order, and what each touches."""

from dataclasses import dataclass
from typing import ClassVar

import pytest

from device_profiles.catalogue import all_profiles
from device_profiles.compare import Goal
from device_profiles.profile import Profile
from device_profiles.state import Lag, Port, State, Stp, Vlan
from drivers.contract import Step
from drivers.errors import Unsupported
from drivers.planning import Edit
from drivers.switching import planner, ports, vlans
from drivers.switching.lags import opens
from drivers.switching.ports import PortChange
from drivers.switching.rows import Rows

pytestmark = pytest.mark.unit

PROFILE: Profile = all_profiles()["arista_eos"]


@dataclass(frozen=True)
class Bundling:
    shuts_leavers: bool = True

    def refuse(self, edit: Edit) -> None:
        if edit.key.startswith("p"):
            raise Unsupported(f"lags.{edit.key} is no name of a LAG")

    def make(self, lag: str, wanted: Lag, carrying: Port) -> Rows:
        return Rows((f"make {lag} {wanted.members}",), (f"drop {lag}",))

    def change(self, lag: str, before: Lag, target: Lag) -> Rows:
        return Rows((f"be {target.members}",), (f"be {before.members}",))

    def remove(self, lag: str, before: Lag) -> Rows:
        return Rows((f"drop {lag}",), (f"make {lag} {before.members}",))


@dataclass(frozen=True)
class Tongue:
    plain: ClassVar[Port] = Port(mode="access", access_vlan=1)
    bundling: Bundling = Bundling()

    def admin(self, port: str, *, up: bool) -> Step:
        return ports.admin(port, up=up, opened=(f"open {port}",), shut=(f"shut {port}",))

    def vlan(self, edit: Edit) -> Step:
        vlans.refuse_reserved(edit, PROFILE)
        rows = vlans.rows(edit, lambda number, vlan: (f"vlan {number} {vlan.name}",), lambda number: (f"no {number}",))
        return vlans.step(edit, rows, name=vlans.declared_name(edit))

    def port(self, change: PortChange) -> Step:
        return change.step(lambda start, end: (f"{change.port} {start.mode} to {end.mode}",))


OBSERVED = State(
    vlans={1: Vlan(name="default"), 10: Vlan(name="old")},
    ports={
        "p1": Port(enabled=True, mode="access", access_vlan=10, stp=Stp(edge=False)),
        "p2": Port(enabled=True),
        "p3": Port(enabled=True, description="member"),
        "p4": Port(enabled=True, mode="trunk", native_vlan="none", trunk_vlans=(10, 20)),
        "lag1": Port(enabled=True, mode="trunk", native_vlan="none", trunk_vlans=()),
    },
    lags={"lag1": Lag(members=("p2", "p3"), lacp="active")},
)


def plan(*absent: tuple[str, ...], bundling: Bundling | None = None, **state: object) -> tuple[Step, ...]:
    goal = Goal(State(**state), frozenset(absent))  # type: ignore[arg-type]  # sections of a state by name
    return planner.plan(goal, OBSERVED, profile=PROFILE, tongue=Tongue(bundling=bundling or Bundling()))


def test_nothing_to_do_is_no_step() -> None:
    assert plan(ports={"p1": Port(mode="access", access_vlan=10)}) == ()


def test_a_vlan_comes_before_its_port_and_the_old_one_goes_last() -> None:
    steps = plan(("vlans", "10"), vlans={30: Vlan(name="new")}, ports={"p1": Port(access_vlan=30)})
    assert [step.text for step in steps] == ["VLAN 30: make new", "p1: access VLAN 30", "VLAN 10: remove"]
    assert [step.undo for step in steps] == [("no 30",), ("p1 access to access",), ("vlan 10 old",)]
    assert [step.creates for step in steps] == [(("vlans", "30"),), (), ()]
    assert steps[2].removes == (("vlans", "10"),)


def test_a_vlan_of_the_switch_itself_is_never_removed() -> None:
    with pytest.raises(Unsupported, match=r"vlans\.1 is reserved"):
        plan(("vlans", "1"))


def test_elements_of_a_trunk_are_told_to_the_ledger() -> None:
    (step,) = plan(ports={"p4": Port(trunk_vlans=(10, 30))})
    assert step.creates == (("ports", "p4", "trunk_vlans", "30"),)
    assert step.removes == (("ports", "p4", "trunk_vlans", "20"),)
    assert step.impact == "outage"


def test_a_new_lag_brings_its_switching_with_it() -> None:
    wanted = Port(mode="trunk", native_vlan="none", trunk_vlans=(5,))
    (step,) = plan(lags={"lag2": Lag(members=("p1",), lacp="active")}, ports={"lag2": wanted})
    assert step.text == "lag2: bundle p1, LACP active, trunk of 5"
    assert ("ports", "lag2", "trunk_vlans", "5") in step.creates
    assert ("ports", "lag2", "mode") in step.touches
    assert ("ports", "p1") in step.touches


def test_who_leaves_a_lag_is_opened_again_only_where_that_is_declared() -> None:
    lags = {"lag1": Lag(members=("p2",))}
    assert [step.text for step in plan(lags=lags)] == ["lag1: shut p3 and take it out"]
    opened = plan(lags=lags, ports={"p3": Port(enabled=True)})
    assert [step.text for step in opened] == ["lag1: shut p3 and take it out", "p3: open"]
    gentle = plan(lags=lags, ports={"p3": Port(enabled=True)}, bundling=Bundling(shuts_leavers=False))
    assert [step.text for step in gentle] == ["lag1: take p3 out"]


def test_a_port_is_configured_when_its_lag_is_gone_and_starts_from_what_a_leaver_is() -> None:
    steps = plan(("lags", "lag1"), ports={"p3": Port(mode="trunk", native_vlan="none", trunk_vlans=(7,))})
    assert [step.text for step in steps] == [
        "lag1: shut p2, p3, and take the bundle apart",
        "p3: trunk of 7",
    ]
    assert steps[1].commands == ("p3 access to trunk",)


def test_a_member_leaves_one_lag_before_it_joins_another() -> None:
    steps = plan(lags={"lag1": Lag(members=("p3",)), "lag2": Lag(members=("p2",), lacp="off")})
    assert [step.text.partition(":")[0] for step in steps] == ["lag1", "lag2"]


@pytest.mark.parametrize(
    ("state", "complaint"),
    [
        ({"ports": {"p9": Port(enabled=True)}}, "no port p9"),
        ({"ports": {"p9": Port(description="x")}}, "no port p9"),
        ({"lags": {"lag2": Lag(members=("p9",))}}, r"lags\.lag2\.members\.p9"),
        ({"lags": {"p7": Lag(members=("p1",))}}, r"lags\.p7 is no name"),
    ],
)
def test_what_the_switch_lacks_is_named(state: dict[str, object], complaint: str) -> None:
    with pytest.raises(Unsupported, match=complaint):
        plan(**state)


def test_a_member_is_opened_again_as_it_was_unless_it_is_declared_to_be_shut() -> None:
    shut = Goal(State(ports={"p1": Port(enabled=False)}))
    assert opens(Goal(), "p1", Port(enabled=True))
    assert not opens(Goal(), "p1", Port(enabled=False))
    assert not opens(shut, "p1", Port(enabled=True))
