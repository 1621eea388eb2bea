"""IPMI over LAN: logins to controllers in another process, and a child process that may die, hang, or be stopped."""

import asyncio
import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
import uuid
from contextlib import asynccontextmanager

import pytest

from drivers.access import parse_access
from drivers.credentials import Credential
from drivers.errors import AuthFailed, DeviceError, SecretRefused, Unreachable, Unsupported, WrongDevice
from drivers.ipmi.children import children
from drivers.ipmi.messages import Answer, NetFn, Request
from drivers.sending import only_while
from drivers.transports import open_connection
from pointsman.twins.ipmi.controller import Controller
from pointsman.twins.ipmi.serving import serving
from pointsman.twins.ipmi.users import PASSWORD, USER
from tests.plugins import leaks

pytestmark = pytest.mark.system

STATUS = Request(NetFn.CHASSIS, 0x01, doing="reading power")
UUID = Controller(number=1).uuid


@asynccontextmanager
async def login(url, *, secret=f"{USER}:{PASSWORD}", pin=None, timeout_s=5.0):
    credential = Credential(name="file:bmc", text=secret) if secret is not None else None
    connection = await open_connection(parse_access(url), credential=credential, pin=pin, timeout_s=timeout_s)
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def url():
    """One controller for all: starting its process takes longer than most tests."""
    argv = [sys.executable, "-m", "pointsman.twins.ipmi"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        with leaks.owning(lambda: [process.pid]):
            yield json.loads(process.stdout.readline())["urls"][0]
        process.stdin.close()


async def refusal(url, **more):
    """The error of a login; nothing is left running."""
    with pytest.raises(DeviceError) as raised:
        async with login(url, **more):
            pass
    assert children().pids == ()
    return raised.value


async def test_one_logs_in_and_asks_and_leaves(url):
    async with login(url) as connection:
        assert connection.identity == UUID
        assert (await connection.exchange(STATUS)).code == 0
        assert len(children().pids) == 1
    assert children().pids == ()
    assert connection.closed


async def test_the_user_may_stand_in_the_access(url):
    async with login(url.replace("//", f"//{USER}@"), secret=PASSWORD) as connection:
        assert (await connection.exchange(STATUS)).code == 0


@pytest.mark.parametrize("option", ["cipher=3", "guid=smbios", "timeout=5"])
async def test_the_access_may_say_how(url, option):
    async with login(f"{url}?{option}", pin=UUID) as connection:
        assert connection.identity == UUID


async def test_a_pin_in_another_order_of_bytes_is_the_same_controller(url):
    backwards = str(uuid.UUID(bytes=uuid.UUID(UUID).bytes_le))
    async with login(url, pin=backwards.upper()) as connection:
        assert connection.identity == backwards.upper()
    assert isinstance(await refusal(f"{url}?guid=smbios", pin=backwards), WrongDevice)
    assert isinstance(await refusal(url, pin="no uuid at all"), WrongDevice)


async def test_one_that_takes_sha256_and_speaks_sha1_is_asked_for_sha1():
    async with serving(1, "--suite", "any") as controllers, login(controllers.twins[0].access) as connection:
        assert (await connection.exchange(STATUS)).code == 0


async def test_one_that_has_suite_17_is_spoken_to_by_it():
    async with serving(1, "--suite", "17") as controllers:
        url = controllers.twins[0].access
        for option in ("", "?cipher=17", "?cipher=3"):
            async with login(url + option, pin=UUID) as connection:
                assert (await connection.exchange(Request(NetFn.APP, 0x01))).code == 0
        assert isinstance(await refusal(url, secret=f"{USER}:not-this-one"), AuthFailed)


async def test_bad_logins_are_told_apart(url):
    wrong = await refusal(url, secret=f"{USER}:not-this-one")
    assert isinstance(wrong, AuthFailed)
    assert "not-this-one" not in str(wrong)
    other = await refusal(url, pin="00000000-0000-4000-8000-00000000abcd")
    assert isinstance(other, WrongDevice)
    assert other.shown == UUID
    assert isinstance(await refusal(url, secret=None), SecretRefused)
    assert isinstance(await refusal(url, secret=f"{USER}:{'x' * 21}"), SecretRefused)
    assert isinstance(await refusal(f"{url}?cipher=0"), Unsupported)
    assert not isinstance(await refusal(f"{url}?cipher=17"), Unreachable)


async def test_nobody_there_is_told_in_time(url):
    begun = time.monotonic()
    nobody = f"ipmi://127.0.0.1:{int(url.rpartition(':')[2]) ^ 1}"
    assert isinstance(await refusal(nobody, timeout_s=0.2), Unreachable)
    assert time.monotonic() - begun < 2.5


async def test_who_may_not_send_does_not(url):
    def never():
        raise Unsupported("the lease is over")

    async with login(url) as connection:
        with only_while(never), pytest.raises(Unsupported):
            await connection.exchange(STATUS)
        assert (await connection.exchange(STATUS)).code == 0


async def test_a_child_that_dies_takes_its_sessions_with_it_and_another_one_is_started(url):
    async with login(url) as connection:
        (pid,) = children().pids
        asking = asyncio.gather(*(connection.exchange(STATUS) for _ in range(3)), return_exceptions=True)
        os.kill(pid, signal.SIGKILL)
        assert {type(each) for each in await asking} <= {Unreachable, Answer}
        with pytest.raises(Unreachable):
            await connection.exchange(STATUS)
        assert connection.closed
        async with login(url) as again:
            assert (await again.exchange(STATUS)).code == 0


async def test_a_child_that_hangs_is_killed_and_another_one_is_started(url, monkeypatch):
    monkeypatch.setattr("drivers.ipmi.children.PING_S", 0.1)
    async with login(f"{url}?timeout=0.2") as connection:
        (pid,) = children().pids
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(Unreachable, match=r"no answer within 0\.2 s"):
            await connection.exchange(STATUS)
        assert connection.closed
        await until_none_runs()
        async with login(url) as again:
            assert (await again.exchange(STATUS)).code == 0


async def until_none_runs():
    async with asyncio.timeout(5):
        while children().pids:  # noqa: ASYNC110 -- what ends is a process
            await asyncio.sleep(0.01)


async def test_many_controllers_share_a_child_and_one_that_is_silent_delays_no_other():
    async with serving(12) as controllers, asyncio.timeout(20):
        entered = [login(twin.access) for twin in controllers.twins]
        connections = [await each.__aenter__() for each in entered]
        assert len(children().pids) == 1
        nobody = asyncio.create_task(refused("ipmi://127.0.0.1:9"))
        begun = time.monotonic()
        for _ in range(10):
            await asyncio.gather(*(each.exchange(STATUS) for each in connections))
        assert time.monotonic() - begun < 1.0
        assert {each.identity for each in connections} == {Controller(number=n).uuid for n in range(1, 13)}
        await nobody
        for each in entered:
            await each.__aexit__(None, None, None)


async def refused(url):
    with pytest.raises(Unreachable):
        async with login(url, timeout_s=1.0):
            pass


class Rubbish(asyncio.DatagramProtocol):
    """Somebody who answers with what is no packet, or the beginning of one."""

    answers = (
        b"\x06\x00\xff\x07",
        b"\x06\x00\xff\x07\x06",
        b"\x06\x00\xff\x07\x06\x10" + bytes(3),
        b"\x06\x00\xff\x07\x00" + bytes(9) + b"\xff" * 30,
        b"\x06\x00\xff\x07\x06\x11" + b"\xff" * 40,
        b"no packet at all",
    )

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        for answer in self.answers:
            self.transport.sendto(answer, addr)


async def test_rubbish_from_one_controller_ends_no_session_of_another(url):
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Rubbish, local_addr=("127.0.0.1", 0))
    with contextlib.closing(transport):
        port = transport.get_extra_info("sockname")[1]
        async with login(url) as connection:
            pids = children().pids
            with pytest.raises(DeviceError):
                async with login(f"ipmi://127.0.0.1:{port}", timeout_s=0.5):
                    pass
            assert (await connection.exchange(STATUS)).code == 0
            assert children().pids == pids


@pytest.mark.skipif(resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 1300, reason="files: fewer may be open here")
async def test_a_process_with_more_files_than_select_takes_logs_in_all_the_same(url):
    with contextlib.ExitStack() as stack:
        for _ in range(1100):
            stack.callback(os.close, os.dup(sys.stderr.fileno()))
        async with login(url) as connection:
            assert (await connection.exchange(STATUS)).code == 0


async def test_the_same_controller_twice_is_two_sessions(url):
    async with login(url) as one, login(url) as other:
        assert len(children().pids) == 2
        await one.close()
        assert (await other.exchange(STATUS)).code == 0


async def test_a_question_that_nobody_waits_for_any_more_harms_no_later_one(url):
    async with login(url) as connection:
        asking = asyncio.create_task(connection.exchange(STATUS))
        await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait({asking})
        device = await connection.exchange(Request(NetFn.APP, 0x01))
        assert len(device.data) == 15
