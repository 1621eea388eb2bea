"""What this agent does not accept from the service, told to it until it knows."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from agents.backoff import Backoff
from agents.client import Refused, Service, ServiceError
from agents.link import Link
from agents.reports import dump
from device_profiles.signing import Refusal, Standing
from device_profiles.wire import WIRE_SCHEMA

log = structlog.get_logger(__name__)
_MOST_LOGGED: Final = 20


class Standings:
    """The nodes that are refused now. Nothing is said before :meth:`tell`."""

    def __init__(self, client: Service, link: Link) -> None:
        self._client = client
        self._link = link
        self._refused: dict[str, Refusal] = {}
        self._told: dict[str, Refusal] | None = {}
        """What the service has of us; None: something that we do not know (any more)."""
        self._news = asyncio.Event()

    def __contains__(self, node: str) -> bool:
        return node in self._refused

    def refuse(self, refusal: Refusal) -> None:
        """The node is kept as it is."""
        self._refused[refusal.node] = refusal

    def accept(self, node: str) -> None:
        """What the service says of the node is good (again), or the node is gone."""
        self._refused.pop(node, None)

    def known(self, *, kept: bool) -> None:
        """A service has said whether it has a standing of us."""
        if not kept:
            self._told = {}
        elif not self._told:
            self._told = None

    def tell(self) -> None:
        """All that had to be judged was judged: say what has changed."""
        if self._refused != self._told:
            self._news.set()

    async def run(self, agent: str) -> None:
        """Tell for ever."""
        backoff = Backoff(low_s=0.2, high_s=15.0)
        while True:
            await self._news.wait()
            self._news.clear()
            refused = dict(self._refused)
            try:
                await self._client.send_standing(
                    agent, dump(Standing(schema=WIRE_SCHEMA, refused=(*refused.values(),)))
                )
            except Refused as error:
                log.error("service does not take what this agent stands to", error=str(error))  # noqa: TRY400
            except ServiceError as error:
                self._link.lost(error)
                await self._link.wait(backoff.next())
                self._news.set()
                continue
            self._told = refused
            backoff.reset()
            if refused:
                nodes = sorted(refused)[:_MOST_LOGGED]
                log.warning("service is behind this agent, nodes are kept", nodes=nodes, count=len(refused))
