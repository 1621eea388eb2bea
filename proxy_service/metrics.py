"""Figures about the service for Prometheus, in a registry of its own so that two services can live in one process."""

from __future__ import annotations

import functools
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

MEDIA_TYPE = CONTENT_TYPE_LATEST
MOST_KEPT: Final = 1000


class Metrics:
    """The figures of one service process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.calls = Counter(
            "pointsman_http_requests",
            "Calls by route and status",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "pointsman_http_request_seconds",
            "Time to the head of the answer",
            ["route"],
            buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30, 60),
            registry=self.registry,
        )
        self.streams = Gauge("pointsman_streams", "Open event streams", ["kind"], registry=self.registry)
        self.reports = Counter("pointsman_reports", "Reports of agents", ["outcome"], registry=self.registry)
        self._stored, self._unreadable = self.reports.labels("stored"), self.reports.labels("unreadable")
        self.nodes = Gauge("pointsman_nodes", "Declared nodes by what they are", ["state"], registry=self.registry)
        self.agents = Gauge("pointsman_agents", "Enrolled agents", ["state"], registry=self.registry)
        self.last_event = Gauge("pointsman_last_event", "Id of the newest event", registry=self.registry)

        # Figures with their labels, which take longer to find than to count.
        self._of_call = functools.lru_cache(maxsize=MOST_KEPT)(self._find)

    def _find(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        return self.calls.labels(method, route, status), self.seconds.labels(route)

    def count_call(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a call and the time to the head of its answer."""
        calls, times = self._of_call(method, route, status)
        calls.inc()
        times.observe(seconds)

    def count_reports(self, *, stored: int, unreadable: int) -> None:
        """Count the reports of a post."""
        self._stored.inc(stored)
        if unreadable:
            self._unreadable.inc(unreadable)

    def text(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self.registry)
