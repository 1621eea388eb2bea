"""What all tests of the agent have: pauses that are meant for outages and swarms are short, in the same steps."""

import pytest

from agents import outbox, workers
from agents.backoff import Backoff
from tests.unit.agents.services import FakeService

SHORTER = 20


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who failed tries again soon, and what gathers what comes together gathers for a shorter time."""
    usual = Backoff.next
    monkeypatch.setattr(Backoff, "next", lambda backoff: usual(backoff) / SHORTER)
    for module, pause in ((outbox, "_GAP_S"), (workers, "_PUSH_GAP_S")):
        monkeypatch.setattr(module, pause, getattr(module, pause) / SHORTER)


@pytest.fixture
def service() -> FakeService:
    """A service that agents of a test report to."""
    return FakeService()
