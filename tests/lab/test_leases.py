"""Two agents in one location, on real parts: one stands still in mid-pass, the other takes over, the first wakes up.

What is asserted is the switch: what its port shows, and how often it was written to.
"""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.lab.site import LOCATION, Site, until
from tests.plugins import leaks

pytestmark = pytest.mark.lab

STOPPING_AGENT = """
import os, signal, sys
from pathlib import Path
from agents.observers import Moment
from agents.process import run_agent
from agents.settings import load_settings

class StopAt:
    done = False
    def notice(self, moment: Moment):
        if moment.phase == "applying" and moment.node == "sw1" and not self.done and Path("stop-now").exists():
            self.done = True
            os.kill(os.getpid(), signal.SIGSTOP)

token = Path(sys.argv[2]).read_text().strip()
run_agent(load_settings(Path(sys.argv[1])), join_token=token, observers=(StopAt(),))
"""
"""An agent that stops its own process right before it sends a step to sw1, once somebody wants it to."""

SHARED = {"locations": {LOCATION: {"agents": "shared"}}}


class Pair:
    """A site whose location two agents share."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.second: subprocess.Popen[bytes] | None = None
        self._inside = ["ip", "netns", "exec", site.lab.namespace("mgmt")]

    def start_first(self) -> None:
        """The agent ``edge``, which stops itself."""
        words = ["-c", STOPPING_AGENT, "agent.toml", str(self.site._join_token())]
        self.site.agent = self.site._start("agent", words, inside=self._inside)

    def start_second(self) -> None:
        """Another agent, with its own folder."""
        other = (self.site.folder / "agent.toml").read_text().replace('"edge"', '"ledge"').replace('"agent"', '"other"')
        (self.site.folder / "other.toml").write_text(other)
        (self.site.folder / "join.token").unlink()
        words = ["-m", "pointsman", "agent", "run", "--config", "other.toml", "--join-token-file"]
        self.second = self.site._start("other", [*words, str(self.site._join_token())], inside=self._inside)

    def children(self) -> list[int]:
        return [*self.site.children(), *([self.second.pid] if self.second is not None else [])]

    def stop(self) -> None:
        for process in (self.site.agent, self.second):
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGCONT)
        if self.second is not None and self.second.poll() is None:
            self.second.terminate()
            self.second.wait(20)
        self.site.stop()

    def agent_of(self, node: str) -> str | None:
        return self.site.get(f"/nodes/{node}")["status"]["agent"]

    def tag(self) -> str:
        """The VLAN of sw1's p5."""
        return self.site.vsctl("sw1", "get", "Port", "p5", "tag")


@pytest.fixture
def pair(lab, tmp_path_factory):
    lab.reset()
    made = Pair(Site(lab, tmp_path_factory.mktemp("leases")))
    with leaks.owning(made.children):
        try:
            made.site.start_service(lease_s=2.0)
            yield made
        finally:
            made.stop()
    lab.reset()


def port(vlan: int) -> dict:
    state = {"ports": {"p5": {"mode": "access", "access_vlan": vlan}}}
    return {"roles": {"leased": {"attach": {"nodes": ["sw1"]}, "state": state}}}


def is_stopped(pid: int) -> bool:
    return Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0] == "T"


def test_an_agent_that_wakes_up_late_leaves_the_port_as_the_other_left_it(pair: Pair) -> None:
    site = pair.site
    site.apply({**SHARED, "nodes": {"sw1": site.nodes()["sw1"]}}, wait=False)
    pair.start_first()
    until(lambda: pair.agent_of("sw1") == "edge", what="the first agent holds sw1")
    site.apply(port(10))
    assert pair.tag() == "10"
    pair.start_second()
    until(lambda: len(site.get("/agents")["items"]) == 2, what="the second agent is there")

    (site.folder / "stop-now").touch()
    site.apply(port(20), wait=False)
    first = site.agent
    assert first is not None
    until(lambda: is_stopped(first.pid), what="the first agent stands still")
    written = site.writes()["sw1"]
    assert pair.tag() == "10"

    # Nobody writes while the lease runs; then the second agent takes over, and brings sw1 to what is declared by now.
    until(lambda: pair.agent_of("sw1") == "ledge", timeout_s=60.0, what="the second agent holds sw1")
    done = site.apply(port(30))
    assert pair.tag() == "30"
    at_rest = site.writes()["sw1"]
    assert at_rest > written
    fenced = site.get("/nodes/sw1")["status"]["converged_generation"]
    assert fenced == done["nodes"]["sw1"]

    os.kill(first.pid, signal.SIGCONT)
    # It comes back to its step, to the service, and hears that sw1 is not its own any more.
    until(lambda: "nodes let go" in (site.folder / "agent.log").read_text(), what="the first agent lets sw1 go")
    until(lambda: site.get("/agents/edge")["lease"]["state"] == "held", what="the first agent renews again")
    assert pair.tag() == "30"
    assert site.writes()["sw1"] == at_rest
    assert (pair.agent_of("sw1"), site.get("/agents/edge")["lease"]["nodes"]) == ("ledge", 0)
