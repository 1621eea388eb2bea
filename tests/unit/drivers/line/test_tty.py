"""A serial port of this machine, on a pseudo-terminal: ours alone, at its speed, and gone when it is unplugged."""

import asyncio
import contextlib
import fcntl
import os
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from drivers.errors import LineBusy, Unreachable, Unsupported
from drivers.line.occupants import occupant
from drivers.line.tty import open_tty

pytestmark = pytest.mark.unit


@pytest.fixture
def pty_port():
    """The far end of a cable, and the port at the near one."""
    far, near = os.openpty()
    path = Path(os.ttyname(near))
    os.close(near)
    yield far, path
    with contextlib.suppress(OSError):
        os.close(far)


async def test_bytes_in_both_directions_as_they_are(pty_port):
    far, path = pty_port
    port = await open_tty(path)
    await port.write(b"\x03\r\n\xff\x11")
    assert os.read(far, 100) == b"\x03\r\n\xff\x11"
    os.write(far, b"\r\n\x04\x13\xff")
    assert await port.read() == b"\r\n\x04\x13\xff"
    await port.close()


async def test_what_comes_later_is_waited_for(pty_port):
    far, path = pty_port
    port = await open_tty(path)
    reading = asyncio.ensure_future(port.read())
    await asyncio.sleep(0)
    assert not reading.done()
    os.write(far, b"login: ")
    assert await reading == b"login: "
    await port.close()


async def test_more_than_the_port_takes_at_once_is_sent_whole(pty_port):
    far, path = pty_port
    port = await open_tty(path)
    sending = asyncio.ensure_future(port.write(b"x" * 40_000))
    got = 0
    while got < 40_000:
        # In a thread: what we write further waits for the loop, and the loop must not wait for it.
        got += len(await asyncio.to_thread(os.read, far, 65536))
    await sending
    await port.close()


async def test_the_speed_is_set_and_changed(pty_port):
    far, path = pty_port
    port = await open_tty(path, speed=19200)
    assert termios.tcgetattr(far)[4] == termios.B19200
    await port.set_speed(115200)
    assert (termios.tcgetattr(far)[4], port.speed) == (termios.B115200, 115200)
    with pytest.raises(Unsupported, match="12345 baud is no speed"):
        await port.set_speed(12345)
    await port.close()


@pytest.mark.parametrize("how", [{"framing": "9N1"}, {"framing": "8X1"}, {"flow": "maybe"}, {"speed": 1}])
async def test_what_a_port_cannot_be_is_refused(pty_port, how):
    with pytest.raises(Unsupported):
        await open_tty(pty_port[1], **how)


async def test_a_port_that_is_unplugged_is_gone(pty_port):
    far, path = pty_port
    port = await open_tty(path)
    reading = asyncio.ensure_future(port.read())
    await asyncio.sleep(0)
    os.close(far)
    with pytest.raises(Unreachable, match=r"is gone: plug the adapter in again"):
        await reading
    await port.close()


async def test_a_port_that_is_not_there():
    with pytest.raises(Unreachable, match="there is no port /dev/ttyUSB97"):
        await open_tty(Path("/dev/ttyUSB97"))


async def test_what_is_no_port(tmp_path):
    (tmp_path / "ttyS0").touch()
    with pytest.raises(Unsupported, match="is no serial port"):
        await open_tty(tmp_path / "ttyS0")


async def test_a_port_that_this_user_may_not_open(pty_port, monkeypatch):
    def refuse(path, flags):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(Unsupported, match=r"join the group \w+ \(usermod -aG \w+ USER\)"):
        await open_tty(pty_port[1])


HOLD = "import os, sys; os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY); print('has it', flush=True); sys.stdin.read()"


@pytest.fixture
def other(pty_port):
    """The process of a program that has the port open."""
    with subprocess.Popen(
        [sys.executable, "-S", "-c", HOLD, pty_port[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as program:
        assert program.stdout.readline() == b"has it\n"
        yield program.pid
        program.stdin.close()


async def test_a_port_that_another_process_has_names_it(pty_port, other):
    with pytest.raises(LineBusy, match=rf"{pty_port[1]} is in use by python\S* \(process {other}\)"):
        await open_tty(pty_port[1])


async def test_a_port_is_ours_alone(pty_port):
    _, path = pty_port
    port = await open_tty(path)
    second = os.open(path, os.O_RDWR | os.O_NOCTTY) if os.geteuid() == 0 else None
    if second is not None:  # root gets past the kernel's exclusive mode
        with pytest.raises(BlockingIOError):
            fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(second)
    with pytest.raises(LineBusy):
        await open_tty(path)
    await port.close()
    await (await open_tty(path)).close()


@pytest.fixture
def machine(tmp_path):
    """A /dev, a lock folder, and a /proc with one process."""
    (tmp_path / "proc/77/fd").mkdir(parents=True)
    (tmp_path / "proc/77/comm").write_text("minicom\n")
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/ttyUSB0").touch()
    (tmp_path / "lock").mkdir()

    def who(port="ttyUSB0"):
        return occupant(
            tmp_path / "dev" / port, locks=(tmp_path / "lock",), processes=tmp_path / "proc", own=os.getpid()
        )

    return tmp_path, who


@pytest.mark.parametrize("text", [b"        77\n", b"77", (77).to_bytes(4, "little")])
def test_a_lock_file_names_the_process(machine, text):
    folder, who = machine
    (folder / "lock/LCK..ttyUSB0").write_bytes(text)
    assert who() == "minicom (process 77)"


def test_a_lock_of_a_dead_process_says_nothing(machine):
    folder, who = machine
    (folder / "lock/LCK..ttyUSB0").write_text("78\n")
    assert who() == ""


def test_a_lock_is_found_under_the_name_that_the_adapter_has_now(machine):
    folder, who = machine
    (folder / "dev/by-id").symlink_to("ttyUSB0")
    (folder / "lock/LCK..ttyUSB0").write_text("77\n")
    assert who("by-id") == "minicom (process 77)"


def test_an_open_port_names_the_process(machine):
    folder, who = machine
    (folder / "proc/77/fd/3").symlink_to(folder / "dev/ttyUSB0")
    assert who() == "minicom (process 77)"
