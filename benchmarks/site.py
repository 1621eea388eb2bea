"""A whole site to measure: service, devices and agent, with the few declarations that rows make."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, Final

import orjson

from benchmarks.agent import AgentOrder, RunningAgent, running_agent
from benchmarks.service import RunningService, running_service
from benchmarks.stage import Stage
from benchmarks.twins import LABELS, LOCATION, PROFILE, SECRET, Twins, running_twins
from pointsman.client import has_converged
from pointsman.problems import ServiceRefused

_PORT: Final = "p5"
_ROLE: Final = "bench-port"
_CONVERGE_S: Final = 120.0


class NotConverged(Exception):
    """A node did not become as declared; the message holds its conditions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A service that knows its nodes, and the order for the agent that keeps them."""

    stage: Stage
    service: RunningService
    order: AgentOrder

    def agent(self) -> AbstractAsyncContextManager[RunningAgent]:
        """A started agent, for as long as the block lasts. Enrols at its first start."""
        return running_agent(self.stage, self.service, self.order)

    async def declare_nodes(self, nodes: Mapping[str, Mapping[str, Any]]) -> None:
        """Declare nodes in one document."""
        await self._apply({"nodes": nodes})

    async def declare_port(self, vlan: int, *, port: str = _PORT) -> int:
        """Declare one port of every node as an access port of ``vlan``; returns how many nodes that concerns."""
        return await self.declare_state({"ports": {port: {"mode": "access", "access_vlan": vlan}}})

    async def declare_state(self, state: Mapping[str, Any]) -> int:
        """Declare the same for every node; returns how many nodes that concerns."""
        answer = await self._apply({"roles": {_ROLE: {"attach": {"labels": LABELS}, "state": state}}})
        return len(answer["nodes"])

    async def converged(self, nodes: Iterable[str]) -> None:
        """Wait until the service knows that each of ``nodes`` is as declared. Raises NotConverged."""
        for name in nodes:
            found = await self.service.client.wait_for("nodes", name, timeout_s=_CONVERGE_S)
            if not has_converged(found):
                raise NotConverged(f"{name}: {found['status']['conditions']}")

    async def told_facts(self, nodes: Iterable[str]) -> None:
        """Wait until the service holds facts and links of each of ``nodes``."""
        for name in nodes:
            await self.service.child.until(partial(self._has_told, name), what=f"facts and links of {name}")

    async def _has_told(self, node: str) -> bool:
        try:
            await self.service.client.of_node(node, "facts")
            await self.service.client.of_node(node, "links")
        except ServiceRefused as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return False
            raise
        return True

    async def changed_passes(self, nodes: Iterable[str]) -> int:
        """How many passes the service holds records of that changed something on one of ``nodes``."""
        total = 0
        for name in nodes:
            passes = (await self.service.client.of_node(name, "passes", limit=500))["items"]
            total += sum(each["outcome"] == "changed" for each in passes)
        return total

    async def _apply(self, document: Mapping[str, Any]) -> dict[str, Any]:
        return await self.service.client.apply(orjson.dumps(document))


@asynccontextmanager
async def site_of(stage: Stage, order: AgentOrder) -> AsyncIterator[Site]:
    """A service with an empty database, for nodes that ``order``'s agent will keep."""
    async with running_service(stage) as service:
        await service.client.put("locations", LOCATION, {})
        yield Site(stage=stage, service=service, order=order)


@asynccontextmanager
async def twin_site(
    stage: Stage, *, twins: int, poll_s: float, profile: str = PROFILE
) -> AsyncIterator[tuple[Site, Twins]]:
    """A site of so many twins of a profile, none declared yet."""
    async with AsyncExitStack() as stack:
        stage.tell(f"starting {twins} twins")
        rack = await stack.enter_async_context(running_twins(stage, twins, profile=profile))
        order = AgentOrder(location=LOCATION, secrets={SECRET: rack.key}, hosts=("127.0.0.0/8",), poll_s=poll_s)
        yield await stack.enter_async_context(site_of(stage, order)), rack
