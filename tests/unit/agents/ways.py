"""A switch that is reached over one of its own ports, so that a change may cut the way to it."""

from typing import Any

from device_profiles.documents import Management
from device_profiles.state import Port, State, Vlan
from drivers.contract import OwnPath
from tests.unit.agents.agent import desired
from tests.unit.agents.devices import PROFILE, FakeSwitch
from tests.unit.agents.services import FakeService

FOUND = State(
    ports={
        "p1": Port(enabled=True),
        "p2": Port(mode="trunk", trunk_vlans=(10, 99)),
        "p48": Port(mode="trunk", trunk_vlans=(10, 99), enabled=True),
    },
    vlans={10: Vlan(), 99: Vlan(name="management")},
)
OWN = OwnPath(peer="10.8.0.1", ports=("p48",), vlan=99, evidence="ARP and FDB of the device")
SHUT = State(ports={"p48": Port(enabled=False), "p1": Port(description="h1")})
TWO_WAYS = ("ssh://sw1", "telnet://console:2003")


def over(state: State) -> bool:
    """Whether the way over p48 in VLAN 99 is cut."""
    port = state.ports["p48"]
    return port.enabled is False or 99 not in (port.trunk_vlans or ())


def on_a_branch() -> FakeSwitch:
    """The switch as it is found: it tells its way, and answers nobody once that is cut."""
    switch = FakeSwitch(FOUND)
    switch.own_path, switch.is_cut = OWN, over
    return switch


def declare(
    service: FakeService,
    state: State,
    generation: int = 1,
    *,
    access: tuple[str, ...] = TWO_WAYS[:1],
    management: Management | None = None,
    **more: Any,
) -> None:
    """What the switch shall be."""
    wanted = desired("sw1", generation, state, **more)
    service.assign(wanted, profile=PROFILE, access=access, management=management or Management())
