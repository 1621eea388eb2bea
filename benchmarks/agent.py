"""The measured agent in a process of its own, and the questions that it answers about itself."""

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.processes import Child
from benchmarks.service import RunningService, join_token
from benchmarks.stage import Stage

NAME = "bench-agent"
_ANSWER_S = 10.0
_STEP_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What an agent had done at one moment. ``read``: passes that began to read; ``acting``: those not quiet."""

    read: int
    acting: int
    cpu_s: float
    at_s: float

    @property
    def quiet(self) -> int:
        """Passes that found everything as it was."""
        return self.read - self.acting


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningAgent:
    """An agent's process and the socket on which it answers."""

    child: Child
    control: socket.socket
    service: RunningService

    async def counts(self) -> Counts:
        """What it has done until now."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(_ANSWER_S):
            await loop.sock_sendall(self.control, b"?")
            return Counts(**json.loads(await loop.sock_recv(self.control, 4096)))

    async def enrolled(self) -> None:
        """Wait until the service has connected it."""
        await self.child.until(self._is_connected, what="it is enrolled and connected")

    async def _is_connected(self) -> bool:
        agents = await self.service.client.list("agents")
        return any(each["name"] == NAME and each["connected"] for each in agents)

    async def quiescent(self) -> Counts:
        """Wait until it begins no pass for a fifth of a second."""
        before = await self.counts()
        while True:
            await asyncio.sleep(_STEP_S)
            now = await self.counts()
            if now.read == before.read:
                return now
            before = now

    async def after_passes(self, passes: int) -> Counts:
        """Wait until it has begun so many more passes."""
        wanted = (await self.counts()).read + passes
        found: Counts | None = None

        async def enough() -> bool:
            nonlocal found
            found = await self.counts()
            return found.read >= wanted

        await self.child.until(enough, what=f"{passes} passes")
        return found or await self.counts()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentOrder:
    """How an agent is to be started. ``inside`` goes before its command, to enter the devices' network.

    ``secrets`` are the files of its secrets folder; each may go to ``hosts``.
    """

    location: str
    secrets: dict[str, str]
    hosts: tuple[str, ...]
    poll_s: float
    inside: tuple[str, ...] = ()


@asynccontextmanager
async def running_agent(stage: Stage, service: RunningService, order: AgentOrder) -> AsyncIterator[RunningAgent]:
    """An agent that was started; the first one of a row enrols. It ends with the block."""
    folder = stage.folder / "agent"
    config, join = folder / "agent.toml", folder / "join.token"
    if not folder.exists():
        _write_files(folder, service, order)
        join.write_text(await join_token(service, agent=NAME, location=order.location), encoding="ascii")
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    argv = _argv(order.inside, config, theirs.fileno(), join)
    child = Child("agent", argv, log=stage.folder / "agent.log", cores=stage.cores.measured, pass_fds=[theirs.fileno()])
    theirs.close()
    with ours, child:
        yield RunningAgent(child=child, control=ours, service=service)


def _argv(inside: Sequence[str], config: Path, control_fd: int, join: Path) -> list[str]:
    return [*inside, sys.executable, "-m", "benchmarks.agent_process", str(config), str(control_fd), str(join)]


def _write_files(folder: Path, service: RunningService, order: AgentOrder) -> None:
    """Its settings and secrets. A JSON text is a TOML text, and a JSON list of texts a TOML list."""
    secrets = folder / "secrets"
    secrets.mkdir(mode=0o700, parents=True)
    for name, text in order.secrets.items():
        (secrets / name).touch(mode=0o600)
        (secrets / name).write_text(text, encoding="utf-8")
    settings: dict[str, Any] = {"name": NAME, "location": order.location, "service": f"unix:{service.socket}"}
    settings |= {"data_dir": str(folder / "data"), "secrets_dir": str(secrets), "poll_s": order.poll_s}
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    for name in order.secrets:
        lines += ["[[secrets]]", f'name = "file:{name}"', f"hosts = {json.dumps(list(order.hosts))}"]
    (folder / "agent.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
