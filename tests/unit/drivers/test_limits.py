"""What may not become a step is refused with the leaf that is wrong, and never repeated as it was."""

import pytest

from device_profiles.compare import Goal
from device_profiles.leaves import SHAPES
from device_profiles.state import EMPTY, Export, Lag, Port, State, Vlan
from drivers.errors import Unsupported
from drivers.limits import check
from drivers.planning import edits

pytestmark = pytest.mark.unit


def refused(state: State, *, capabilities: frozenset[str] = SHAPES) -> str:
    with pytest.raises(Unsupported) as found:
        check(edits(Goal(state), EMPTY), capabilities=capabilities)
    return str(found.value)


def test_what_is_declared_and_harmless_passes() -> None:
    state = State(
        vlans={10: Vlan(name="blue")},
        ports={
            "Gi1/0/1": Port(description="to web-07 (rack 3) #2", mode="trunk", trunk_vlans=(10,), native_vlan="none")
        },
        lags={"Port-channel1": Lag(members=("Gi1/0/2",), lacp="active")},
        exports={"web": Export(initiators=("iqn.2024-01.example:web-07",), luns={1: "root"})},
    )
    found = edits(Goal(state), EMPTY)
    assert check(found, capabilities=SHAPES) == found


def test_what_the_device_does_not_have_is_named() -> None:
    said = refused(State(ports={"p1": Port(mtu=9000)}), capabilities=frozenset({"ports.mode"}))
    assert said == "ports.p1.mtu is declared, and the device has nothing for it"


def test_what_it_has_by_itself_is_not_refused() -> None:
    found = edits(Goal(State(vlans={10: Vlan()})), EMPTY)
    assert check(found, capabilities=(), implicit=("vlans",)) == found


@pytest.mark.parametrize(
    ("state", "place"),
    [
        (State(ports={"p1; reboot": Port(mtu=9000)}), "ports"),
        (State(ports={"p1": Port(description="a\x1b[2J")}), "ports.p1.description"),
        (State(lags={"lag1": Lag(members=("p1", "$(reboot)"))}), "lags.lag1.members"),
        (State(vlans={10: Vlan(name="a b")}), "vlans.10.name"),
        (State(exports={"web": Export(luns={1: "a'b"})}), "exports.web.luns"),
        (State(ports={"p1": Port(mode="no shutdown")}), "ports.p1.mode"),  # type: ignore[arg-type]  # hostile
    ],
)
def test_a_text_that_is_not_on_the_list_is_refused(state: State, place: str) -> None:
    said = refused(state)
    assert said.startswith(f"{place}: the ")
    assert said.isprintable()
