"""What may happen in a trial, as data: a schedule of actions, each now or at a point that somebody comes to.

Points are the phases of a pass, what is asked of the device, each command of a step, each answer, each commit of the
agent's store and each post to the service. Hypothesis draws schedules, and shortens one that shows a fault.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hypothesis import strategies as st

from agents.observers import Phase
from device_profiles.state import Lag, Port, State, Vlan

PHASES: Final = tuple(str(phase) for phase in Phase)
DEVICE_POINTS: Final = ("open", "read", "apply", "undo", "save", "facts", "command", "answer")
POINTS: Final = (*PHASES, *DEVICE_POINTS, "commit", "post")
TWINS: Final = ("openvswitch", "cisco_ios", "arista_eos", "hp_comware", "juniper_junos", "apc_pdu", "powerman")
"""Profiles whose twins are played with, beside the switch in memory; one more is one more word here."""
ERRORS: Final = ("garble", "hang", "refuse", "break")
"""What a device, or a driver, does in place of what was asked."""
WORLD: Final = (
    "kill", "service", "lose_answer", "replay", "cut", "cut_both", "cut_silently", "drop", "restart",
    "full", "clock", "theirs", "drift", "declare", "declare", "declare", "rollback", "put_back",
)  # fmt: skip

FOUND: Final = State(
    ports={
        "p1": Port(mode="trunk", trunk_vlans=(10, 20)), "p2": Port(), "p3": Port(), "p4": Port(),
        "p5": Port(mode="trunk", trunk_vlans=(10, 70), description="theirs"),
        "p48": Port(mode="trunk", trunk_vlans=(10, 99), enabled=True),
    },
    vlans={10: Vlan(), 20: Vlan(), 70: Vlan(name="theirs"), 99: Vlan(name="management")},
)  # fmt: skip
CUTTING: Final = "cut"
"""Only a declaration that cuts us off gives p1 this description, and makes this VLAN: its mark on the device."""
CUTTING_VLAN: Final = 51


@dataclass(frozen=True, slots=True)
class Declared:
    """One declaration of the node. ``ends`` are the reasons for which it may rightly stay unconverged."""

    state: State
    allow: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()


DECLARATIONS: Final = (
    Declared(State(
        ports={"p1": Port(trunk_vlans=(20, 40)), "p2": Port(mode="trunk", trunk_vlans=(10,)),
               "lag1": Port(mode="access", access_vlan=40)},
        lags={"lag1": Lag(members=("p3", "p4"), lacp="active")},
        vlans={20: Vlan(name="old"), 40: Vlan(name="new")},
    )),
    Declared(State(
        ports={"p1": Port(description="up", trunk_vlans=(50,)), "p2": Port(mode="trunk", trunk_vlans=(10, 50))},
        vlans={50: Vlan(name="fifty")},
    )),
    Declared(State(
        ports={"p1": Port(description=CUTTING), "p48": Port(enabled=False)}, vlans={CUTTING_VLAN: Vlan()},
    ), allow=("own_path",), ends=("CutOff", "ChangedMeanwhile", "NoWayBack")),
    Declared(State(
        ports={"p1": Port(description=CUTTING), "p48": Port(mode="access", access_vlan=10)},
        vlans={CUTTING_VLAN: Vlan()},
    ), allow=("own_path",), ends=("CutOff", "ChangedMeanwhile", "NoWayBack")),
    Declared(State(ports={"p1": Port(description="mtu"), "p48": Port(mtu=9000)}), allow=("own_path",),
             ends=("CutOff",)),
    Declared(State(ports={"p48": Port(enabled=False), "p1": Port(description="rest")}), ends=("OwnPath",)),
    Declared(State(ports={"p2": Port(mode="access", access_vlan=40), "p48": Port(trunk_vlans=(40,))},
                   vlans={40: Vlan(name="new")})),
    Declared(State()),
)  # fmt: skip
LAST: Final = Declared(
    State(
        ports={"p1": Port(description="last", trunk_vlans=(40, 60)), "p2": Port(mode="trunk", trunk_vlans=(60,))},
        vlans={40: Vlan(name="new"), 60: Vlan(name="last")},
    )
)
"""Declared when all faults are over: it must converge, whatever was before."""
NOTHING: Final = Declared(State())


@dataclass(frozen=True, slots=True)
class Act:
    """One action: now, or the ``nth`` time that somebody comes to ``point``; then ``wait_s`` go by."""

    kind: str
    point: str = ""
    nth: int = 1
    number: int = 0
    """Which of several: a declaration, a change by hand."""
    lasts_s: float = 1.0
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """A trial."""

    acts: tuple[Act, ...]
    first: int = 0
    """The declaration that it begins with."""
    shows_all: bool = False
    """A port that becomes a trunk carries all VLANs until it is told which."""
    watched: bool = False
    """The device tells of changes."""
    twin: str = ""
    """The profile whose twin it is played with; empty for the switch in memory."""


_TIMES: Final = st.sampled_from((0.0, 0.01, 0.05, 0.3, 2.0, 8.0, 40.0))
_LASTING: Final = st.sampled_from((0.1, 1.0, 4.0, 20.0, 90.0))


def _acts(kinds: tuple[str, ...], points: tuple[str, ...]) -> st.SearchStrategy[Act]:
    return st.builds(
        Act,
        kind=st.sampled_from(kinds),
        point=st.sampled_from(points),
        nth=st.integers(1, 8),
        number=st.integers(0, 7),
        lasts_s=_LASTING,
        wait_s=_TIMES,
    )


ACTS: Final = st.one_of(
    _acts(("restart", "kill", "cut", "full"), ("save", "applied", "verifying")),
    _acts(WORLD, ("",)),
    _acts(WORLD, POINTS),
    _acts(ERRORS, DEVICE_POINTS),
    _acts(("kill",), POINTS),
)


def _schedules(*twins: str) -> st.SearchStrategy[Schedule]:
    return st.builds(
        Schedule,
        acts=st.lists(ACTS, min_size=1, max_size=9).map(tuple),
        first=st.integers(0, len(DECLARATIONS) - 1),
        shows_all=st.booleans(),
        watched=st.booleans(),
        twin=st.sampled_from(twins),
    )


IN_MEMORY: Final = _schedules("")
SCHEDULES: Final = st.one_of(IN_MEMORY, _schedules(*TWINS))
