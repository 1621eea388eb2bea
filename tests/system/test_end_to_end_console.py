"""A shared console, whole: people, the real service, the real agent, and a terminal of the kernel behind a TCP port."""

import asyncio
import contextlib
import os
import pty
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from websockets.exceptions import InvalidStatus

from agents.process import Agent
from agents.settings import SecretRule
from agents.settings import Settings as AgentSettings
from pointsman.twins.ipmi.serving import SECRET
from pointsman.twins.ipmi.serving import serving as controllers
from pointsman.twins.languages.ios_like import Switch
from pointsman.twins.languages.ios_like_session import IosSession
from pointsman.twins.languages.server import LanguageServer
from pointsman.twins.languages.terminal import Password
from proxy_service.consoles import room
from tests.unit.proxy_service.consoles import a_person
from tests.unit.proxy_service.site import NODE, Site
from tests.unit.proxy_service.streams import a_served_site

pytestmark = pytest.mark.system

ASKS = (
    "stty -echo; printf 'Password: '; read p; stty echo; printf '\\nwelcome\\n$ '; "
    "while read w; do printf '%s!\\n$ ' $w; done"
)


class Terminal:
    """A program on a pty, and a console server that hands its line to whoever connects."""

    def __init__(self) -> None:
        self.master = -1
        self.port = 0
        self.callers: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.callers.append(writer)
        try:
            while data := await reader.read(4096):
                os.write(self.master, data)
        finally:
            self.callers.remove(writer)
            writer.close()

    def speak(self) -> None:
        with contextlib.suppress(OSError):  # the program has ended
            data = os.read(self.master, 4096)
            for writer in self.callers:
                writer.write(data)


@contextlib.asynccontextmanager
async def a_terminal(script: str) -> AsyncIterator[Terminal]:
    terminal = Terminal()
    terminal.master, slave = pty.openpty()
    child = await asyncio.create_subprocess_exec("sh", "-c", script, stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    loop = asyncio.get_running_loop()
    server = await asyncio.start_server(terminal.serve, "127.0.0.1", 0)
    terminal.port = server.sockets[0].getsockname()[1]
    loop.add_reader(terminal.master, terminal.speak)
    try:
        yield terminal
    finally:
        loop.remove_reader(terminal.master)
        server.close()
        for writer in tuple(terminal.callers):
            writer.close()
        child.kill()
        await child.wait()
        os.close(terminal.master)


@pytest.fixture
async def site(tmp_path: Path, empty_database: Path) -> AsyncIterator[Site]:
    (tmp_path / "service").mkdir()
    shutil.copy(empty_database, tmp_path / "service")
    async with a_served_site(tmp_path / "service") as found:
        yield found


@contextlib.asynccontextmanager
async def an_agent(site: Site, folder: Path, *, secret: str = "hunter2", **node: Any) -> AsyncIterator[None]:
    """A node, and an agent for it that is there."""
    await site.admin.put("locations/row-a", {})
    await site.admin.put("nodes/sw1", {**NODE, **node})
    joiner = await site.caller("join", location="row-a")
    secrets = folder / "secrets"
    secrets.mkdir(exist_ok=True)
    (secrets / "lab.key").touch(0o600)
    (secrets / "lab.key").write_text(secret)
    settings = AgentSettings(
        name="agent-a",
        location="row-a",
        service=f"unix:{site.settings.unix_socket}",
        data_dir=folder / "agent",
        secrets_dir=secrets,
        secrets=(SecretRule(name="*", hosts=("127.0.0.1",)),),
    )
    agent = Agent(settings, join_token=joiner.token)
    task = asyncio.create_task(agent.run())
    try:
        with site.hub.store.changed.watching("events") as watch:
            while not [item for item in (await site.admin.get("agents"))["items"] if item["connected"]]:
                await watch.wait(5)
        yield
    finally:
        agent.stop()
        await task


async def transcript(site: Site) -> list[Any]:
    answer = await site.admin.ask("GET", "nodes/sw1/console/transcripts/latest")
    return [orjson.loads(line) for line in answer.text.splitlines()][1:]


async def test_what_is_typed_at_a_password_prompt_is_in_no_transcript(site: Site, tmp_path: Path) -> None:
    async with (
        a_terminal(ASKS) as terminal,
        an_agent(site, tmp_path, access=[f"tcp://127.0.0.1:{terminal.port}"], credentials=None),
        a_person(site) as writer,
        a_person(site) as reader,
    ):
        await writer.say("take_over")
        await writer.tells("holder", holder={"name": "admin", "person": True})
        await writer.type(b"s3same!\r")
        await writer.shows(b"welcome")
        await writer.type(b"hello\r")
        for person in (writer, reader):
            await person.shows(b"hello!")
        assert b"hello\r\n" in reader.seen
        assert b"s3same" not in reader.seen
        while "hello!" not in (said := "".join(data for _, code, data in await transcript(site) if code == "o")):
            pass
    assert "s3same" not in said
    assert "welcome" in said


@pytest.mark.parametrize("scheme", ["ssh", "telnet"])
async def test_a_switch_that_is_reached_over_the_network_has_a_console(site: Site, tmp_path: Path, scheme: str) -> None:
    user = Password(user="admin", password="hunter2")
    async with LanguageServer(lambda: IosSession(Switch("cisco_ios")), password=user) as server:
        access = server.ssh_access if scheme == "ssh" else server.telnet_access
        async with (
            an_agent(site, tmp_path, profile="cisco_ios", access=[access]),
            a_person(site, query="?write=1") as person,
        ):
            opened = await person.tells("open")
            assert (opened["line"], opened["access"]) == ("shell" if scheme == "ssh" else "line", access)
            await person.tells("holder", holder={"name": "admin", "person": True})
            if scheme == "telnet":
                await person.shows(b"Username: ")
                await person.type(b"admin\r")
                await person.shows(b"Password: ")
                await person.type(b"hunter2\r")
            await person.until(lambda me: me.seen.rstrip().endswith((b">", b"#")))
            await person.type(b"show version\r")
            await person.shows(b"Cisco IOS")
            assert b"show version" in person.seen
            assert b"hunter2" not in person.seen
            await person.say("break")
            if scheme == "telnet":
                assert "admin sent a break" in (await person.tells("note"))["text"]
            else:
                assert "no line to hold in its break state" in (await person.tells("note", name="break"))["text"]
                await person.type(b"exit\r")
                assert "the line was lost" in (await person.tells("note"))["text"]
                await person.tells("note", text="the line is back")


async def test_an_agent_that_was_started_again_goes_on_with_the_console(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_CALL_S", 0.05)
    monkeypatch.setattr(room, "_TICK_S", 0.02)
    user = Password(user="admin", password="hunter2")
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(LanguageServer(lambda: IosSession(Switch("cisco_ios")), password=user))
        node = {"profile": "cisco_ios", "access": [server.ssh_access]}
        async with an_agent(site, tmp_path, **node):
            person = await stack.enter_async_context(a_person(site))
            await person.until(lambda me: me.seen.rstrip().endswith((b">", b"#")))
        await person.tells("agent", connected=False)
        greeted = len(person.seen)
        async with an_agent(site, tmp_path, **node):
            await person.tells("agent", connected=True)
            await person.until(lambda me: me.seen[greeted:].rstrip().endswith((b">", b"#")))
            said = ""
            while len(said) < len(person.seen):
                said = "".join(data for _, code, data in await transcript(site) if code == "o")
        assert said.encode() == person.seen
    assert len((await site.admin.get("nodes/sw1/console/transcripts"))["items"]) == 1


async def test_the_machine_in_a_slot_is_reached_through_the_nodes_controller(site: Site, tmp_path: Path) -> None:
    async with controllers(1, "--serial") as bmcs:
        node = {"profile": "ipmi", "access": [bmcs.twins[0].access]}
        async with an_agent(site, tmp_path, secret=SECRET, **node):
            with pytest.raises(InvalidStatus) as error:
                async with a_person(site, query="?slot=2"):
                    pass
            assert orjson.loads(error.value.response.body)["detail"].endswith("sw1 has no slot 2: it has 1")
            async with a_person(site, query="?slot=1&write=1") as person:
                opened = await person.tells("open")
                assert (opened["slot"], opened["access"]) == ("1", f"sol+{bmcs.twins[0].access}")
                await person.tells("holder", holder={"name": "admin", "person": True})
                await person.type(b"vlan/create 30\r")
                await person.shows(b"1000 Success")
        assert (await bmcs.ask(0))["writes"] == 1


async def test_a_node_without_a_line_or_a_shell_has_no_console(site: Site, tmp_path: Path) -> None:
    async with an_agent(site, tmp_path, access=["snmp://127.0.0.1:9"], profile="snmp_switch", credentials=None):
        with pytest.raises(InvalidStatus) as error:
            async with a_person(site):
                pass
    problem = orjson.loads(error.value.response.body)
    assert problem["type"] == "/problems/no-console"
    assert "snmp" in problem["detail"]
