"""A node that is assigned, and as much of a desk as a console asks for."""

from types import SimpleNamespace
from typing import Any

from agents.secrets import Secrets
from device_profiles.desired import Desired
from device_profiles.documents import Identity, Management
from device_profiles.state import State
from device_profiles.wire import Assignment
from tests.unit.agents.devices import PROFILE

ASSIGNMENT = Assignment(
    schema=1,
    node="sw1",
    fence=1,
    profile=PROFILE,
    access=("ssh://admin@192.0.2.1",),
    credentials=None,
    identity=Identity(),
    management=Management(),
    desired=Desired(node="sw1", generation=1, state=State()),
)


def a_desk(folder: Any) -> Any:
    return SimpleNamespace(secrets=Secrets(folder=folder, rules=()))
