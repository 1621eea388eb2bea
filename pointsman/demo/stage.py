"""What the demo starts and stops: a folder, the service in this process, the agent as a process of its own.

The agent is started as any user starts it, by the command line, beside the devices: for the lab of real parts that is
in the namespace of the management network, from where only a Unix socket leads to the service.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pointsman.client import Client
from pointsman.demo.racks import LOCATION, Rack, Say
from pointsman.endpoint import Endpoint
from pointsman.origin import HOME
from pointsman.problems import PointsmanError
from proxy_service.serve import Service
from proxy_service.settings import Settings

AGENT_NAME: Final = "demo-agent"
PORT: Final = 8765
DISCOVER_S: Final = 2.0
"""Neighbours are looked for more often than on a site, so that a cable that somebody moves is seen at once."""
STOP_TIMEOUT_S: Final = 10.0
_LAST_LINES: Final = 5


@contextmanager
def data_folder(*, keep: bool, say: Say) -> Iterator[Path]:
    """A folder for everything that is written, removed at the end unless it shall be kept."""
    folder = Path(tempfile.mkdtemp(prefix="pointsman-demo-"))
    try:
        yield folder
    finally:
        if keep:
            say(f"the database, the tokens and the agent's log are kept in {folder}")
        else:
            shutil.rmtree(folder)


@asynccontextmanager
async def running_service(folder: Path) -> AsyncIterator[Service]:
    """The service on SQLite, for people on TCP, for an isolated agent on a Unix socket."""
    settings = Settings(
        data_dir=folder / "service", port=PORT if is_free(PORT) else 0, unix_socket=folder / "service.sock"
    )
    settings.data_dir.mkdir(mode=0o700)
    async with AsyncExitStack() as stack:
        try:
            service = await stack.enter_async_context(Service(settings))
        except OSError as error:  # another demo was quicker between the look at the port and its use
            if error.errno != errno.EADDRINUSE or not settings.port:
                raise
            service = await stack.enter_async_context(Service(replace(settings, port=0)))
        yield service


def is_free(port: int) -> bool:
    """Whether a TCP port of this machine can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def admin_endpoint(service: Service) -> Endpoint:
    """The service's address with the token that its first start made."""
    return Endpoint(service.url, service.admin_token)


async def join_token(client: Client, file: Path) -> None:
    """A token that lets one agent join the rack's location, in a file."""
    body = {"name": AGENT_NAME, "scopes": ["join"], "location": LOCATION}
    answer = await client.call("POST", "/tokens", json=body)
    _write_secret(file, answer["token"] + "\n")


@dataclass(frozen=True, slots=True)
class RunningAgent:
    """The agent's process and the file that it logs to."""

    process: asyncio.subprocess.Process
    log: Path

    async def ended(self) -> None:
        """Wait until the process ends by itself, which it should not: raises PointsmanError with its last words."""
        status = await self.process.wait()
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST_LINES:]
        raise PointsmanError(f"the agent ended with status {status}: its last words were:", details=tuple(lines))


@asynccontextmanager
async def running_agent(folder: Path, *, rack: Rack, service: Service, join: Path) -> AsyncIterator[RunningAgent]:
    """The agent beside the rack's devices; it is asked to end, and made to if it does not."""
    config = folder / "agent.toml"
    config.write_text(agent_toml(folder, rack=rack, service=_seen_by_agent(service, rack)), encoding="utf-8")
    (folder / "secrets").mkdir(mode=0o700)
    for secret in rack.secrets:
        _write_secret(folder / "secrets" / secret.name.removeprefix("file:"), secret.text)
    log = folder / "agent.log"
    command = [*rack.inside, *_dies_with_us(), sys.executable, "-P", "-m", "pointsman", "agent", "run"]
    command += ["--config", str(config), "--join-token-file", str(join)]
    with log.open("wb") as stream:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(HOME)},
            start_new_session=True,  # Ctrl-C on the terminal is for us alone; we end it in order
        )
    try:
        yield RunningAgent(process, log)
    finally:
        await _end(process)


def agent_toml(folder: Path, *, rack: Rack, service: str) -> str:
    """The agent's own file. A JSON text is a TOML text, and a JSON list of texts a TOML list."""
    settings: dict[str, str | float] = {"name": AGENT_NAME, "location": LOCATION, "service": service}
    settings |= {"data_dir": str(folder / "agent"), "secrets_dir": str(folder / "secrets")}
    settings |= {"discover_s": DISCOVER_S}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in settings.items()]
    for secret in rack.secrets:
        lines += ["", "[[secrets]]", f"name = {json.dumps(secret.name)}", f"hosts = {json.dumps(list(secret.hosts))}"]
    return "\n".join([*lines, ""])


def _seen_by_agent(service: Service, rack: Rack) -> str:
    return f"unix:{service.socket_path}" if rack.isolated else service.url


def _write_secret(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")


def _dies_with_us() -> list[str]:
    """A prefix by which the kernel ends the agent if we are killed and can not."""
    program = shutil.which("setpriv")
    return [program, "--pdeathsig", "TERM"] if program else []


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
        except TimeoutError:
            process.kill()
            await process.wait()
