"""A whole site over the lab: service and agent as the processes that users start, each of which a test may kill."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx

from pointsman.lab import Lab

CHECKOUT = Path(__file__).parents[2]
SERVICE_UP_S = 20.0
LOCATION = "row-a"
T = TypeVar("T")

KILLING_AGENT = """
import os, signal, sys
from pathlib import Path
from agents.observers import Moment
from agents.process import run_agent
from agents.settings import load_settings

class KillAt:
    def __init__(self, phase, step):
        self.phase, self.step = phase, step
    def notice(self, moment: Moment):
        if moment.phase == self.phase and moment.step == self.step:
            os.kill(os.getpid(), signal.SIGKILL)

phase, _, step = sys.argv[2].partition(":")
run_agent(load_settings(Path(sys.argv[1])), observers=(KillAt(phase, int(step or 0)),))
"""


def until(ask: Callable[[], T], *, timeout_s: float = 20.0, what: str = "what the test waits for") -> T:
    """What ``ask`` answers as soon as it is true; fails with ``what`` when it is not in time."""
    ends = time.monotonic() + timeout_s
    while not (found := ask()):
        assert time.monotonic() < ends, f"{what}: not within {timeout_s:g} s"
        time.sleep(0.02)  # the interval of a look, not a wait in place of one
    return found


@dataclass
class Site:
    """The lab's two switches under one service and one agent. Calls block; they are made from a test's thread."""

    lab: Lab
    folder: Path
    service: subprocess.Popen[bytes] | None = None
    agent: subprocess.Popen[bytes] | None = None
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        secrets = self.folder / "secrets"
        secrets.mkdir()
        key = secrets / "lab.key"
        key.touch(mode=0o600)
        key.write_text(self.lab.key_path.read_text())
        (self.folder / "agent.toml").write_text(
            f'name = "edge"\nlocation = "{LOCATION}"\nservice = "unix:{self.folder}/s.sock"\n'
            f'data_dir = "agent"\nsecrets_dir = "secrets"\ndiscover_s = 1.0\nheartbeat_s = 1.0\nconfirm_s = 3.0\n'
            '[[secrets]]\nname = "file:lab.key"\nhosts = ["10.8.0.0/24"]\n'
        )
        self.http = httpx.Client(
            transport=httpx.HTTPTransport(
                uds=f"{self.folder}/s.sock", limits=httpx.Limits(max_keepalive_connections=0)
            ),
            base_url="http://s/v1",
            timeout=65,
        )

    # -- processes ---------------------------------------------------------------------------------------------------

    def start_service(self, *, lease_s: float | None = None) -> None:
        words = ["serve", "--data-dir", "service", "--port", "0", "--unix-socket", str(self.folder / "s.sock")]
        if lease_s is not None:
            words += ["--lease", f"{lease_s:g}"]
        self.service = self._start("service", ["-m", "pointsman", *words])
        until(self._answers, timeout_s=SERVICE_UP_S, what="the service is ready")
        token = (self.folder / "service" / "admin.token").read_text().strip()
        self.http.headers["Authorization"] = f"Bearer {token}"

    def start_agent(self, *, die_at: str | None = None) -> subprocess.Popen[bytes]:
        inside = ["ip", "netns", "exec", self.lab.namespace("mgmt")]
        if die_at is not None:
            self.agent = self._start("agent", ["-c", KILLING_AGENT, "agent.toml", die_at], inside=inside)
        else:
            words = ["-m", "pointsman", "agent", "run", "--config", "agent.toml"]
            self.agent = self._start("agent", [*words, "--join-token-file", str(self._join_token())], inside=inside)
        return self.agent

    def kill(self, name: str) -> None:
        """``kill -9`` of ``service`` or ``agent``."""
        process = getattr(self, name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for process in (self.agent, self.service):
            if process is not None and process.poll() is None:
                process.terminate()
                process.wait(20)
        self.http.close()

    def _start(self, name: str, words: list[str], *, inside: list[str] | None = None) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [*(inside or []), sys.executable, *words],
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _answers(self) -> bool:
        # httpcore forgets its socket when a Unix socket refuses: so it is asked only when somebody listens.
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(f"{self.folder}/s.sock") != 0:
                return False
        return self.http.get("http://s/readyz").status_code == 200

    def _join_token(self) -> Path:
        file = self.folder / "join.token"
        if not file.exists():
            body = {"name": "edge", "scopes": ["join"], "location": LOCATION}
            answer = self.http.post("/tokens", json=body)
            assert answer.is_success, answer.text
            file.touch(mode=0o600)
            file.write_text(answer.json()["token"])
        return file

    # -- the API -----------------------------------------------------------------------------------------------------

    def apply(self, document: dict[str, Any], *, wait: bool = True, timeout_s: float = 20.0) -> dict[str, Any]:
        answer = self.http.post("/apply", content=json.dumps(document), headers={"Content-Type": "application/json"})
        assert answer.is_success, answer.text
        if wait:
            for node, generation in answer.json()["nodes"].items():
                self.wait(node, generation, timeout_s=timeout_s)
        return answer.json()

    def role(self, name: str, state: dict[str, Any] | None, *, wait: bool = True) -> None:
        """Declare or delete a role for both switches' ports: ``state`` by node."""
        roles = {}
        for node in ("sw1", "sw2"):
            if state is not None and node in state:
                roles[f"{name}-{node}"] = {"attach": {"nodes": [node]}, "state": state[node]}
            elif self.http.get(f"/roles/{name}-{node}").is_success:
                answer = self.http.delete(f"/roles/{name}-{node}")
                assert answer.is_success, answer.text
                for reached, generation in answer.json()["nodes"].items():
                    self.wait(reached, generation)
        if roles:
            self.apply({"roles": roles}, wait=wait)

    def wait(self, node: str, generation: int, *, timeout_s: float = 20.0) -> None:
        def there() -> bool:
            status = self.http.get(f"/nodes/{node}", params={"wait": 5, "generation": generation}).json()["status"]
            return (status["converged_generation"] or -1) >= generation

        until(there, timeout_s=timeout_s, what=f"{node} converges at generation {generation}")

    def get(self, path: str) -> Any:
        answer = self.http.get(path)
        assert answer.is_success, answer.text
        return answer.json()

    def nodes(self) -> dict[str, Any]:
        """The two switches as a document's nodes."""
        found = {}
        for device in self.lab.status():
            if device.name in {"sw1", "sw2"}:
                found[device.name] = {
                    "profile": device.profile,
                    "location": LOCATION,
                    "access": list(device.access),
                    "credentials": "file:lab.key",
                    "identity": {"ssh_host_key": device.host_key},
                    "labels": {"tier": "leaf"},
                }
        return found

    def children(self) -> list[int]:
        """The processes that are the site's own, and no leak of a test that restarts them."""
        return [process.pid for process in (self.agent, self.service) if process is not None]

    # -- the world ---------------------------------------------------------------------------------------------------

    def reaches(self, host: str, other: str) -> bool:
        """Whether a ping from one host to another is answered."""
        done = self.lab.run(host, ["ping", "-q", "-n", "-c", "1", "-W", "1", f"10.9.0.{other[1:]}"])
        return done.returncode == 0

    def writes(self) -> dict[str, int]:
        return {name: self.lab.writes(name) for name in ("sw1", "sw2")}

    def pids(self, device: str, program: str) -> list[int]:
        """The processes of a program in a device's namespace."""
        inside = subprocess.run(
            ["ip", "netns", "pids", self.lab.namespace(device)], capture_output=True, text=True, check=True
        )
        return [int(pid) for pid in inside.stdout.split() if _comm(pid) == program]

    def vsctl(self, switch: str, *words: str) -> str:
        done = self.lab.run(switch, ["ovs-vsctl", *words], check=True)
        return str(done.stdout).strip()


def _comm(pid: str) -> str:
    try:
        return Path("/proc", pid, "comm").read_text().strip()
    except FileNotFoundError:
        return ""


@contextmanager
def site_over(lab: Lab, folder: Path) -> Iterator[Site]:
    """A site with service and agent running, its nodes declared and read."""
    site = Site(lab, folder)
    try:
        site.start_service()
        site.apply({"locations": {LOCATION: {}}, "nodes": site.nodes()}, wait=False)
        site.start_agent()
        for node in ("sw1", "sw2"):
            until(lambda node=node: site.http.get(f"/nodes/{node}/observed").is_success, what=f"{node} is read")
        yield site
    finally:
        site.stop()
