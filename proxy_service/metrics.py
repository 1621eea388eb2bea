"""Figures about the service for Prometheus, in a registry of its own so that two services can live in one process."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

MEDIA_TYPE = CONTENT_TYPE_LATEST


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
        self.nodes = Gauge("pointsman_nodes", "Declared nodes by what they are", ["state"], registry=self.registry)
        self.agents = Gauge("pointsman_agents", "Enrolled agents", ["state"], registry=self.registry)
        self.last_event = Gauge("pointsman_last_event", "Id of the newest event", registry=self.registry)

    def text(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self.registry)
