"""What the routes of one service process share."""

from __future__ import annotations

from dataclasses import dataclass

from proxy_service.agents.presence import Presence
from proxy_service.auth import Doorkeeper
from proxy_service.metrics import Metrics
from proxy_service.settings import Settings
from proxy_service.store import Store


@dataclass(frozen=True, slots=True)
class Hub:
    """One service process: its settings, its store, who may call it, and which agents it hears."""

    settings: Settings
    store: Store
    doorkeeper: Doorkeeper
    presence: Presence
    metrics: Metrics
