"""The console of con1, a switch that has nothing but a serial line, shared between people and automation.

The service and the agent are the processes that users start; the line is ser2net's, and vde_switch is at its far end.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, unix_connect

from tests.lab.site import LOCATION, Site, until
from tests.plugins import leaks

pytestmark = pytest.mark.lab

CON1 = {"profile": "vde_switch", "location": LOCATION, "access": ["rfc2217://10.8.0.254:2001"]}
AS_IT_WAS = {"ports": {"1": {"mode": "access", "access_vlan": 1}}}
ALONE = {"con1": {"ports": {"1": {"mode": "access", "access_vlan": 30}}, "vlans": {"30": {}}}}
SERVED_AGAIN_S = 40.0


class Person:
    """Somebody at the console, who reads when asked to."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.seen = b""
        self.told: list[dict[str, Any]] = []

    def until(self, holds: Callable[[Person], Any], *, what: str, timeout_s: float = 20.0) -> None:
        ends = time.monotonic() + timeout_s
        while not holds(self):
            assert time.monotonic() < ends, f"{what}: {self.told[-5:]} {self.seen[-200:]!r}"
            try:
                frame = self.socket.recv(timeout=0.2)
            except TimeoutError:
                continue
            if isinstance(frame, bytes):
                self.seen += frame
            else:
                self.told.append(json.loads(frame))

    def is_told(self, kind: str, text: str) -> None:
        self.until(lambda me: any(m["type"] == kind and text in str(m) for m in me.told), what=f"{kind} {text}")

    def asks(self, command: str, answer: str = "1000 Success") -> None:
        before = len(self.seen)
        self.socket.send(f"{command}\n".encode())
        self.until(lambda me: answer.encode() in me.seen[before:], what=command)

    def says(self, kind: str) -> None:
        self.socket.send(json.dumps({"type": kind}))


@contextmanager
def a_person(site: Site, node: str = "con1", *, slot: str = "") -> Iterator[Person]:
    headers = {"Authorization": site.http.headers["Authorization"]}
    address = f"ws://s/v1/nodes/{node}/console" + (f"?slot={slot}" if slot else "")
    # What nobody reads would hold up the end.
    with unix_connect(f"{site.folder}/s.sock", address, additional_headers=headers, max_queue=None) as socket:
        yield Person(socket)


@pytest.fixture
def site(fresh_lab: Any, tmp_path: Path) -> Iterator[Site]:
    """A site with con1 alone, looked at as seldom as agents do by themselves."""
    site = Site(fresh_lab, tmp_path)
    file = tmp_path / "agent.toml"
    file.write_text(file.read_text().replace("discover_s = 1.0", "discover_s = 30.0"))
    try:
        with leaks.owning(site.children):
            site.start_service()
            site.apply({"locations": {LOCATION: {}}, "nodes": {"con1": CON1}}, wait=False)
            site.start_agent()
            until(lambda: site.http.get("/nodes/con1/observed").is_success, what="con1 is read")
            yield site
    finally:
        site.stop()


def transcript(site: Site) -> list[tuple[str, str]]:
    text = site.http.get("/nodes/con1/console/transcripts/latest").text
    return [(code, data) for _, code, data in (json.loads(line) for line in text.splitlines()[1:])]


def said(events: list[tuple[str, str]]) -> str:
    return "".join(data for code, data in events if code == "o")


def held_by_a_person(events: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What is between the first marks that a person has the line, and that they have it no more."""
    begin = events.index(("m", "admin has the line"))
    let_go = (("m", "nobody has the line"), ("m", "the agent has the line"))
    end = next(index for index, event in enumerate(events) if index > begin and event in let_go)
    return events[begin:end]


def reason(site: Site) -> str:
    conditions = site.get("/nodes/con1")["status"]["conditions"]
    return next(item["reason"] for item in conditions if item["type"] == "Reachable")


def test_a_pass_waits_while_a_person_holds_the_line_and_nothing_interleaves(site: Site) -> None:
    before = site.lab.writes("con1")
    with a_person(site) as ana, a_person(site) as reader:
        ana.says("write")
        ana.is_told("holder", "admin has the line")
        ana.asks("vlan/print")
        ana.asks("vlan/create 40")
        ana.socket.send(b"vlan/pr")  # a person in the middle of a word
        generation = site.apply(
            {"roles": {"alone": {"attach": {"nodes": ["con1"]}, "state": ALONE["con1"]}}}, wait=False
        )
        ana.is_told("note", "the agent waits for the line")
        until(lambda: reason(site) == "LineBusy", what="the node says that its line is busy")
        assert site.lab.writes("con1") == before + 1
        assert site.reaches("h5", "h6")
        ana.asks("int")
        ana.asks("vlan/remove 40")
        ana.says("release")
        site.wait("con1", generation["nodes"]["con1"])
        until(lambda: not site.reaches("h5", "h6"), what="h5 is alone in VLAN 30")
        for person in (ana, reader):
            person.is_told("note", "the agent sends: vlan/create 30")
        assert ana.seen == reader.seen
        until(lambda: "the agent sends: vlan/create 30" in str(transcript(site)), what="the transcript is on disk")
    mine = held_by_a_person(transcript(site))
    assert [data for code, data in mine if code == "m" and data.startswith("the agent sends")] == []
    assert len(re.findall("1000 Success", said(mine))) == 4
    site.apply({"roles": {"alone": {"attach": {"nodes": ["con1"]}, "state": AS_IT_WAS}}}, timeout_s=60)
    site.apply({"roles": {"alone": {}}}, wait=False)
    until(
        lambda: "30" not in site.get("/nodes/con1/observed")["state"]["vlans"], what="con1 is as it was", timeout_s=60
    )


def test_a_killed_service_loses_nothing_that_the_line_said(site: Site) -> None:
    with a_person(site) as ana:
        ana.says("take_over")
        ana.is_told("holder", "admin")
        ana.asks("vlan/print")
        first = site.get("/nodes/con1/console/transcripts")["items"][0]["id"]
        ana.socket.send(b"port/print\nhash/print\n")
        site.kill("service")
        with pytest.raises(ConnectionClosed):
            ana.until(lambda _: False, what="the console was lost")
    site.start_service()
    with served_again(site) as ana:
        ana.until(lambda me: any(m["type"] == "live" for m in me.told), what="the scrollback")
        assert ana.told[0]["transcript"] == first
        ana.until(lambda me: me.seen.count(b"1000 Success") >= 3, what="all that the line said")
        ana.says("write")
        ana.is_told("holder", "admin has the line")
        ana.asks("vlan/print")
        until(lambda: said(transcript(site)).count("1000 Success") >= 4, what="the transcript is on disk")
    (only,) = site.get("/nodes/con1/console/transcripts")["items"]
    assert only["id"] == first


@contextmanager
def served_again(site: Site) -> Iterator[Person]:
    """The console, as soon as the new process of the service may have it."""
    ends = time.monotonic() + SERVED_AGAIN_S
    while True:
        try:
            with a_person(site) as person:
                yield person
                return
        except InvalidStatus as refused:
            problem = json.loads(refused.response.body or b"{}")
            assert problem["type"] in ("/problems/stream-elsewhere", "/problems/agent-away"), problem
            assert time.monotonic() < ends, problem
            time.sleep(0.2)  # the interval of a look, not a wait in place of one
