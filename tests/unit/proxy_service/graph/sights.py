"""What nodes see, told as agents tell it, on a clock that a test moves."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from proxy_service import clock
from proxy_service.graph.people import take_news
from proxy_service.store import Cause
from tests.unit.proxy_service.site import Agent, Json, Site

HOST = "52:54:00:00:00:07"
OTHER = "52:54:00:00:00:08"


def lldp(port: str, name: str = "", chassis: str = "", remote: str = "eth0", **more: Any) -> Json:
    return {"port": port, "kind": "lldp", "name": name, "chassis_id": chassis, "remote_port": remote, **more}


def facts(name: str, *ports: str, mac: str = "", **more: Any) -> Json:
    """Facts of a switch, with a MAC for each port, or one for all."""
    known = {
        port: {"addresses": {mac or f"02:00:00:{abs(hash(name)) % 256:02x}:00:{number:02x}": {"family": "lladdr"}}}
        for number, port in enumerate(ports)
    }
    return {"hostname": name, "network": {"interfaces": known}, **more}


@dataclass
class World:
    """A site whose nodes are read one after the other, a second apart."""

    site: Site
    agent: Agent
    at: datetime = field(default_factory=lambda: clock.now() - timedelta(seconds=250))
    turn: int = 0

    def moment(self) -> str:
        return clock.text(self.at)

    async def tell(self, node: str, *, after_s: float = 1.0, **parts: Any) -> str:
        """A report about a node; when it was."""
        self.at += timedelta(seconds=after_s)
        self.turn += 1
        hashes = {f"{part}_hash": f"{part}-{self.turn}" for part in ("links", "facts", "observed") if part in parts}
        await self.agent.send({**self.agent.report(node, **parts, **hashes), "at": self.moment()})
        if "facts" in parts:  # as the service does by itself, a moment later
            await self.site.hub.store.unit(Cause(action="test"), take_news)
        return self.moment()

    async def see(self, node: str, *neighbours: Json, after_s: float = 1.0) -> str:
        """A reading of a node's neighbours."""
        return await self.tell(node, after_s=after_s, links=list(neighbours))

    async def learn(self, node: str, after_s: float = 1.0, **ports: list[str]) -> str:
        """A reading of a MAC table: MACs by port."""
        macs = [{"mac": mac, "vlan": 1, "port": port} for port, each in ports.items() for mac in each]
        operation = {"at": self.moment(), "source": "test", "macs": macs, "ports": {port: {} for port in ports}}
        return await self.tell(node, after_s=after_s, operation=operation)

    async def quiet(self, node: str, after_s: float = 1.0) -> str:
        """A good reading in which nothing was new."""
        self.at += timedelta(seconds=after_s)
        await self.agent.send(**{node: self.moment()})
        return self.moment()

    async def links(self, node: str | None = None, **query: Any) -> list[Json]:
        found = await self.site.admin.get("links", **({"node": node} if node else {}), **query)
        return found["items"]

    async def link(self, node: str | None = None, **query: Any) -> Json:
        (found,) = await self.links(node, **query)
        return found

    async def events(self, *kinds: str) -> list[Json]:
        """Events of links, in order."""
        found = (await self.site.admin.get("events", follow=0))["items"]
        return [item for item in found if item["type"] in (kinds or ("link.appeared", "link.moved", "link.gone"))]


def ends(link: Json) -> tuple[str, str]:
    """Both ends of a link as texts."""
    return written(link["a"]), written(link["b"])


def written(end: Json) -> str:
    kind = next(kind for kind in ("node", "server", "unknown") if kind in end)
    return f"{end[kind]}/{end['port']}" if kind != "unknown" else f"?{end[kind]}/{end['port']}"
