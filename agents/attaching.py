"""The device that this agent was attached to: declared at the service before anything else is asked of it.

Whoever plugs a cable into a switch knows what is at its far end; the service does not. So an agent that was started by
``pointsman agent attach`` declares that one node, at its own location, when it has enrolled. The service may be away by
then: the agent goes on trying, and works on what it has accepted before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog

from agents.backoff import Backoff
from agents.client import NotWelcome, Refused, Service, ServiceError
from agents.link import Link

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A node as its agent declares it. ``credentials`` is a name, never a secret."""

    node: str
    profile: str
    access: tuple[str, ...]
    credentials: str | None = None
    identity: Mapping[str, str] = field(default_factory=dict)

    def body(self, *, location: str) -> bytes:
        """As the service takes it."""
        said: dict[str, Any] = {"profile": self.profile, "location": location, "access": self.access}
        said |= {"credentials": self.credentials} if self.credentials is not None else {}
        said |= {"identity": dict(self.identity)} if self.identity else {}
        return orjson.dumps(said)


async def declare(attached: Attached, client: Service, link: Link, *, agent: str, location: str) -> None:
    """Declare the node, however long the service is away. Raises ``Refused`` and ``NotWelcome``."""
    backoff = Backoff(low_s=0.2, high_s=15.0)
    while True:
        try:
            await client.attach(agent, attached.node, attached.body(location=location))
        except (Refused, NotWelcome):
            raise
        except ServiceError as error:
            link.lost(error)
            await link.wait(backoff.next())
        else:
            link.back()
            log.info("node attached", node=attached.node, profile=attached.profile, access=attached.access[0])
            return
