"""PDUs that answer on 127.0.0.1: SNMP agents (v2c, or v3 with an engine), and powermands on TCP.

What they are made of lies beside: :mod:`pointsman.twins.snmp.outlets` and :mod:`pointsman.twins.powerman`.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, cast

from device_profiles.profile import load_profiles
from pointsman.twins.numbered import Numbered
from pointsman.twins.powerman import Powermand
from pointsman.twins.snmp.agent import Server, serving
from pointsman.twins.snmp.engine import Engine, User
from pointsman.twins.snmp.outlets import Pdu

HOST: Final = "127.0.0.1"
COMMUNITY: Final = "private"
_USER: Final = "agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class PduTwin:
    """One PDU, as whoever manages it needs to know it. ``secret`` is the text of its credential."""

    name: str
    profile: str
    access: str
    secret: str = field(default="", repr=False)
    device: Pdu | Powermand
    host_key: str = ""
    """None: what a PDU proves of itself is pinned at first contact."""

    @property
    def writes(self) -> int:
        """How many commands that switch have reached it, from whomever."""
        return self.device.writes


class PduRack(Numbered[PduTwin]):
    """``count`` PDUs of a profile, named pdu1, pdu2, ..., each asked by SNMP v2c; an asynchronous context manager.

    With ``port_base`` 0 the system chooses the UDP ports. All have one community.
    """

    key_text = f"{COMMUNITY}\n"

    def __init__(self, count: int, *, profile: str = "apc_pdu", port_base: int = 0, outlets: int = 8) -> None:
        super().__init__(count, port_base=port_base)
        self._profile = load_profiles()[profile]
        self._outlets = outlets

    async def _start(self, number: int, port: int) -> PduTwin:
        device = Pdu(self._profile, self._outlets)
        server = Server(device, reads=COMMUNITY, writes=COMMUNITY)
        address = await self._stack.enter_async_context(serving(server, port=port))
        return PduTwin(
            name=f"pdu{number}",
            profile=self._profile.name,
            access=f"snmp://{address}?version=2c",
            secret=COMMUNITY,
            device=device,
        )


@asynccontextmanager
async def secret_pdu(name: str, *, profile: str = "apc_pdu") -> AsyncIterator[PduTwin]:
    """A PDU that is asked by SNMPv3 (SHA, AES), with passphrases that it makes up."""
    user = User(name=_USER, auth=secrets.token_hex(8), priv=secrets.token_hex(8))
    async with Engine(Pdu(load_profiles()[profile]), user) as engine:
        yield PduTwin(
            name=name,
            profile=profile,
            access=f"snmpv3://{user.name}@{engine.address}",
            secret=f"{user.auth}\n{user.priv}",
            device=cast("Pdu", engine.device),
        )


@asynccontextmanager
async def powermand(name: str) -> AsyncIterator[PduTwin]:
    """A powermand, with sixteen outlets."""
    daemon = Powermand()
    lines: set[asyncio.Transport] = set()
    server = await asyncio.get_running_loop().create_server(lambda: _Line(daemon, lines), HOST, 0)
    try:
        port = server.sockets[0].getsockname()[1]
        yield PduTwin(name=name, profile="powerman", access=f"powerman://{HOST}:{port}", device=daemon)
    finally:
        server.close()
        for line in tuple(lines):
            line.abort()
        await server.wait_closed()


class _Line(asyncio.Protocol):
    """One session on TCP."""

    def __init__(self, daemon: Powermand, lines: set[asyncio.Transport]) -> None:
        self._talk = daemon.talk()
        self._lines = lines

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self._transport = cast("asyncio.Transport", transport)
        self._lines.add(self._transport)
        self._transport.write(self._talk.greeting())

    def data_received(self, data: bytes) -> None:
        """Answer."""
        self._transport.write(self._talk(data))

    def connection_lost(self, exc: Exception | None) -> None:
        """They hung up."""
        del exc
        self._lines.discard(self._transport)
