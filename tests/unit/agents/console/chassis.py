"""A chassis that is reached by Redfish, as an agent is assigned it, and the agent's means to reach it."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from agents.clock import SystemClock
from agents.opening import Turnstile, open_by_registry
from agents.secrets import Secrets
from agents.settings import SecretRule
from device_profiles.documents import Identity
from device_profiles.profile import load_profiles
from device_profiles.wire import Assignment
from pointsman.twins.redfish.service import PASSWORD
from tests.unit.agents.console.assigned import ASSIGNMENT
from tests.unit.agents.console.test_over_lan import Pins


def assigned_at(url: str) -> Assignment:
    return replace(
        ASSIGNMENT,
        node="chassis1",
        profile=load_profiles()["redfish"],
        access=(url,),
        credentials="env:POINTSMAN_SECRET_BMC",
        identity=Identity(),
    )


def desk() -> Any:
    rule = SecretRule(name="env:POINTSMAN_SECRET_*", hosts=("127.0.0.1",))
    return SimpleNamespace(
        secrets=Secrets(folder=None, rules=[rule], environment={"POINTSMAN_SECRET_BMC": PASSWORD}),
        pins=Pins(),
        turnstile=Turnstile(SystemClock()),
        open_driver=open_by_registry,
        counters=SimpleNamespace(connects=0),
    )
