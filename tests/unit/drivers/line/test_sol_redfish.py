"""Consoles that Redfish tells of: opened by SSH, and nothing is typed where the console is not."""

import asyncio
from dataclasses import replace

import asyncssh
import pytest

from drivers.errors import AuthFailed, LineBusy, Rejected, Unreachable, Unsupported, WrongDevice
from drivers.line.holding import Holder
from drivers.line.shared import borrow, open_endpoint
from drivers.transports import open_connection
from pointsman.twins.redfish.service import ROOT
from pointsman.twins.web import certificate
from tests.unit.drivers.line.sol_manager import COMMAND, SECRET, Manager, serving

pytestmark = pytest.mark.unit

ME = Holder("ana", person=True)


@pytest.fixture(scope="module")
def key():
    return asyncssh.generate_private_key("ssh-ed25519")


@pytest.fixture
async def reached(key):
    async with serving(Manager(), key) as found:
        found.manager.tell(SSH={"ServiceEnabled": True, "Port": found.port}, MaxConcurrentSessions=1)
        yield found


@pytest.fixture
async def shared(key, monkeypatch):
    monkeypatch.setattr("drivers.line.sol_shell._QUIET_S", 0.02)
    async with serving(Manager(shared=True), key) as found:
        found.manager.tell(
            SSH={
                "ServiceEnabled": True,
                "Port": found.port,
                "SharedWithManagerCLI": True,
                "ConsoleEntryCommand": COMMAND,
                "HotKeySequenceDisplay": "Press ~. to exit",
            }
        )
        yield found


async def until(stream, word):
    text = b""
    async with asyncio.timeout(5):
        while word not in text:
            text += await stream.receive()
    return text


async def test_the_console_of_a_system_is_a_line(reached):
    has = await borrow(reached.to("TW1-B1"), timeout_s=5)
    async with has.line.hold(ME, wait_s=1) as stream:
        await stream.send(b"vlan/create 30\r")
        assert b"1000 Success" in await until(stream, b"vde$ ")
    await has.line.send_break()
    assert has.line.proof == reached.proof
    await has.give_back()
    assert (reached.manager.switch.writes, reached.manager.breaks) == (1, 1)
    assert reached.manager.service.tokens == {}, "its session was left again"
    async with asyncio.timeout(5):
        while reached.manager.sessions:  # noqa: ASYNC110 -- the far end learns of it in its own time
            await asyncio.sleep(0)


async def test_the_command_leads_on_from_the_managers_own_command_line(shared):
    has = await borrow(shared.to("TW1-B1"), timeout_s=5)
    async with has.line.hold(ME, wait_s=1) as stream:
        await stream.send(b"vlan/create 30\r")
        await until(stream, b"1000 Success")
    await has.give_back()
    assert shared.manager.typed == COMMAND.encode() + b"\r"


async def test_nothing_is_typed_at_the_manager_when_its_prompt_comes_back(shared):
    has = await borrow(shared.to("TW1-B1"), timeout_s=5)
    async with has.line.hold(ME, wait_s=1) as stream:
        shared.manager.sessions[0].drop_back()
        with pytest.raises(Unreachable, match="its manager's own prompt came back"):
            await until(stream, b"never")
        with pytest.raises(Unreachable):
            await stream.send(b"vlan/create 30\r")
    await has.give_back()
    assert shared.manager.typed == COMMAND.encode() + b"\r"


@pytest.mark.parametrize(
    ("said", "error"), [("COM2 is in use by root from 10.0.0.9", LineBusy), ("not licensed", Rejected)]
)
async def test_a_manager_that_does_not_lead_on_is_quoted(shared, said, error):
    shared.manager.busy = said
    with pytest.raises(error, match=f"does not lead on by {COMMAND}: {said}"):
        await open_endpoint(shared.to("TW1-B1"), timeout_s=5)


async def test_the_access_may_name_the_command(shared):
    shared.manager.tell(SSH={"ServiceEnabled": True, "Port": shared.port, "SharedWithManagerCLI": True})
    with pytest.raises(Unsupported, match=r"names no command: name it, as in \?command=vsp"):
        await open_endpoint(shared.to("TW1-B1"), timeout_s=5)
    assert shared.manager.typed == b""
    port = await open_endpoint(shared.to("TW1-B1", command=COMMAND), timeout_s=5)
    await port.close()


async def test_who_answers_is_looked_at_before_a_secret_is_sent(reached, key):
    for pin in (reached.proof, reached.certificate, None):
        port = await open_endpoint(reached.to("TW1-B1", pin=pin), timeout_s=5)
        await port.close()
    other = asyncssh.generate_private_key("ssh-ed25519").get_fingerprint()
    for pin in (f"{certificate('somebody else').fingerprint}", f"{reached.certificate} {other}", "SHA256:nobody"):
        with pytest.raises(WrongDevice):
            await open_endpoint(reached.to("TW1-B1", pin=pin), timeout_s=5)
    assert reached.manager.service.tokens == {}
    connection = await open_connection(reached.to("TW1-B1"), credential=None, pin=None, timeout_s=5)
    assert connection.identity == reached.proof
    await connection.close()


async def test_a_wrong_password_is_one(reached):
    access = replace(reached.to("TW1-B1"), secret=replace(SECRET, text="another"))
    with pytest.raises(AuthFailed):
        await open_endpoint(access, timeout_s=5)


async def test_one_of_several_systems_is_named(reached):
    with pytest.raises(Unsupported, match=r"it has 2 systems \(TW1-B1, TW1-B2\): name one"):
        await open_endpoint(reached.to(""), timeout_s=5)
    with pytest.raises(Unsupported, match="it has no system nine: there is TW1-B1, TW1-B2"):
        await open_endpoint(reached.to("nine"), timeout_s=5)
    with pytest.raises(Unsupported, match="neither this system nor its manager tells of a serial console"):
        await open_endpoint(reached.to("TW1-B2"), timeout_s=5)


async def test_an_older_service_tells_of_it_at_the_manager(reached):
    resources = reached.manager.service.resources
    del resources[f"{ROOT}/Systems/TW1-B1"]["SerialConsole"]
    manager = resources[f"{ROOT}/Managers/EM"]
    manager["Links"] = {"ManagerForServers": [{"@odata.id": f"{ROOT}/Systems/TW1-B1"}]}
    manager["SerialConsole"] = {"ServiceEnabled": True, "ConnectTypesSupported": ["SSH", "Telnet"]}
    manager["NetworkProtocol"] = {"@odata.id": f"{ROOT}/Managers/EM/NetworkProtocol"}
    protocols = reached.manager.service.add(
        f"{ROOT}/Managers/EM/NetworkProtocol", SSH={"ProtocolEnabled": True, "Port": reached.port}
    )
    with pytest.raises(Unsupported, match=r"name it, as in \?command=vsp"):
        await open_endpoint(reached.to("TW1-B1"), timeout_s=5)
    protocols["IPMI"] = {"ProtocolEnabled": False}
    manager["SerialConsole"]["ConnectTypesSupported"] = ["IPMI"]
    with pytest.raises(Unsupported, match=r"set IPMI\.ProtocolEnabled in its NetworkProtocol"):
        await open_endpoint(reached.to("TW1-B1"), timeout_s=5)
