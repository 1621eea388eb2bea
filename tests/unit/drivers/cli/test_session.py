"""A CLI session: the whole of the right answer, or an error within the time."""

import asyncio
import dataclasses

import pytest

from drivers.cli import CliSession, login
from drivers.cli.line import TimedLine, VirtualClock
from drivers.credentials import Credential, Login
from drivers.errors import AuthFailed, Busy, Garbled, Rejected, Unreachable, Unsupported
from tests.unit.drivers.cli.line_device import CLI, Device

pytestmark = pytest.mark.unit

RUNNING = "Building configuration...\r\n\r\nhostname sw1\r\n!\r\ninterface Gi1\r\n description a\r\n!\r\nend\r\n\r\n"
SECRET = Credential(name="file:sw", text="pw-1\nen-2")


def session(device, *, timeout_s=2.0, cli=CLI, login=None, devices=None):
    queue = list(devices or [])

    async def factory():
        return queue.pop(0) if queue else device

    return CliSession(factory, cli=cli, timeout_s=timeout_s, login=login or Login(secret=SECRET))


async def test_an_answer_comes_without_echo_and_prompt():
    device = Device(lambda _, command: RUNNING if command == "show run" else "").begin()
    line = session(device)
    reply = await line.run("show run")
    assert reply.text == RUNNING.replace("\r\n", "\n")
    assert line.host == "sw1"
    spoken = [command for command in device.commands if not command.startswith("!")]
    assert spoken[:3] == ["enable", "terminal length 0", "terminal width 511"]
    assert line.waited_s > 0


@pytest.mark.parametrize("chunk", [1, 2, 7, 64])
async def test_the_answer_is_the_same_however_the_bytes_are_cut(chunk):
    device = Device(lambda *_: RUNNING, chunk=chunk).begin("Welcome\r\n")
    assert (await session(device).run("show run")).text == RUNNING.replace("\r\n", "\n")


async def test_a_row_enters_the_configuration_once_and_leaves_it_when_something_is_asked():
    device = Device().begin()
    line = session(device)
    await line.run_all(("interface Gi1", "description a"), mode="config")
    await line.run_all(("interface Gi2", "description b"), mode="config")
    await line.run("show clock")
    spoken = [command for command in device.commands if not command.startswith("!")]
    assert spoken.count("configure terminal") == 1
    assert spoken[-2:] == ["end", "show clock"]


async def test_a_refused_command_names_the_command_and_the_devices_line_and_the_session_goes_on():
    device = Device(lambda _, command: "% Invalid input\r\n" if "bad" in command else "fine\r\n").begin()
    line = session(device)
    with pytest.raises(Rejected, match=r"'bad words'.*% Invalid input"):
        await line.run_all(("bad words", "show clock"))
    assert (await line.run("show clock")).text == "fine\n"
    assert line.opened == 1
    assert "show clock" not in device.commands[: device.commands.index("bad words") + 1]


async def test_somebody_elses_configuration_session_is_waited_for():
    device = Device(lambda *_: "% Configuration mode is locked by process '9' user 'eve'\r\n").begin()
    device.locked = True
    line = session(device)
    with pytest.raises(Busy, match=r"somebody else.*eve"):
        await line.run("interface Gi1", mode="config")
    device.locked = False
    await line.run("interface Gi1", mode="config")
    assert line.opened == 1


async def test_a_secret_is_hidden_in_a_refusal():
    device = Device(lambda *_: "% what is pw-1 here\r\n").begin()
    with pytest.raises(Rejected) as error:
        await session(device).run("username x secret pw-1")
    assert "pw-1" not in str(error.value)


async def test_login_and_enable_use_the_two_lines_of_the_credential():
    device = Device(lambda *_: "ok\r\n")
    device.user, device.password, device.enable = "admin", "pw-1", "en-2"
    line = session(device.begin(), login=Login(user="admin", secret=SECRET, asked=True))
    assert (await line.run("show clock")).text == "ok\n"


@pytest.mark.parametrize("what", ["password", "enable", "user"])
async def test_a_wrong_name_or_password_is_an_authentication_failure_and_is_not_tried_for_ever(what):
    device = Device()
    device.user, device.password, device.enable = "admin", "pw-1", "en-2"
    setattr(device, what, "another")
    line = session(device.begin(), login=Login(user="admin", secret=SECRET, asked=True))
    with pytest.raises(AuthFailed) as error:
        await line.run("show clock")
    assert device.closed
    assert "pw-1" not in str(error.value)
    assert "en-2" not in str(error.value)


async def test_no_password_and_no_user_are_said():
    device = Device()
    device.password = "x"
    with pytest.raises(AuthFailed, match="credentials"):
        await session(device.begin(), login=Login(asked=True)).run("show clock")
    device = Device()
    device.user = "x"
    with pytest.raises(AuthFailed, match="access names none"):
        await session(device.begin(), login=Login(asked=True)).run("show clock")


async def test_a_silent_console_is_woken():
    device = Device(lambda *_: "ok\r\n")
    assert (await session(device, login=Login(asked=True, secret=SECRET)).run("show clock")).text == "ok\n"


@pytest.mark.parametrize("tail", ["w1>", "1>", ">", "> "])
@pytest.mark.parametrize("echo", [True, False])
async def test_a_line_that_is_had_in_the_middle_of_a_prompt_is_no_puzzle(echo, tail):
    device = Device(lambda *_: "ok\r\n", echo=echo)
    device.write(tail)
    cli = dataclasses.replace(CLI, echo=echo, login=dataclasses.replace(CLI.login, enter="\n"))
    line = session(device, login=Login(asked=True, line=True, secret=SECRET), cli=cli)
    assert (await line.run("show clock")).text == "ok\n"
    assert line.host == "sw1"


async def test_the_last_login_is_told_in_pieces_and_is_no_question():
    device = Device(lambda *_: "ok\r\n", chunk=11)
    device.user, device.password = "ana", "pw-1"

    def greeted(password):
        device._waits = None
        device.write("\r\n")
        device.write("Last login: Sat Nov 21\r\n")
        device.show_prompt()

    device._checked = greeted
    who = Login(user="ana", asked=True, secret=SECRET)
    cli = dataclasses.replace(CLI, login=dataclasses.replace(CLI.login, user="(.* )?login:"))
    device.log_in = lambda: (device.write("login:"), setattr(device, "_waits", device._named))
    assert (await session(device.begin(), login=who, cli=cli).run("show clock")).text == "ok\n"


async def test_nothing_is_typed_while_a_login_takes_its_time_to_refuse(monkeypatch):
    """A line that was left at a password: Enter is an empty one, and another one would be the name asked for next."""
    monkeypatch.setattr(login, "_REFUSING_S", 1.0)
    device, early = Device(lambda *_: "ok\r\n"), []

    def refused():
        device._waits = None
        device.user, device.password = "ana", "pw-1"
        device.log_in()

    def left_at_password(line):
        device.write("\r\n")
        device._waits = early.append
        asyncio.get_running_loop().call_later(0.3, refused)

    device._waits = left_at_password
    who = Login(user="ana", asked=True, line=True, secret=SECRET)
    cli = dataclasses.replace(CLI, login=dataclasses.replace(CLI.login, enter="\n"))
    assert (await session(device, login=who, cli=cli).run("show clock")).text == "ok\n"
    assert early == []


async def test_a_console_that_was_left_in_the_configuration_is_led_out_of_it():
    device = Device(lambda *_: "ok\r\n")
    device.mode = "sub"
    line = session(device.begin(), login=Login(asked=True, secret=SECRET))
    assert (await line.run("show clock")).text == "ok\n"
    assert "end" in device.commands


async def test_pages_are_turned_and_the_pager_leaves_no_trace():
    def say(device, _):
        device.more = ["two\r\n --More-- ", "three\r\n"]
        device.more[-1] += f"{device.host}#"
        device.write("one\r\n --More-- ")

    assert (await session(Device(say).begin()).run("show x")).text == "one\ntwo\nthree\n"


async def test_a_pager_that_never_ends_is_an_error():
    def say(device, _):
        device.more = ["x\r\n --More-- "] * 1000
        device.write("x\r\n --More-- ")

    with pytest.raises(Garbled, match="no end"):
        await session(Device(say).begin()).run("show x")


async def test_a_question_is_answered_by_the_profile():
    def say(device, command):
        if command == "write memory":
            device.pause("Overwrite? [confirm]", lambda typed: f"[{typed}OK]\r\nsw1#")
            return None
        return ""

    assert "[OK]" in (await session(Device(say).begin()).run("write memory")).text


@pytest.mark.parametrize("lie", ["sw1#", "sw1#\r\nsw1#", "sw1>", "sw1(config)#"])
async def test_a_prompt_within_an_answer_does_not_end_it(lie):
    """The bytes stop behind the text that looks like a prompt, and the rest comes when we have answered to it."""
    answer = f"first\r\n{lie}"

    def say(device, command):
        if command != "show x":
            return ""
        device.pause(answer, lambda typed: f"more\r\nlast\r\nsw1#{typed}\r\nsw1#")
        return None

    text = (await session(Device(say).begin()).run("show x")).text
    assert text == f"{answer}more\r\nlast\r\n".replace("\r\n", "\n")


async def test_an_answer_that_belongs_to_an_earlier_command_is_not_taken_for_this_one():
    def say(device, command):
        if command == "one":
            device.pause("sw1#", lambda typed: f"late answer\r\nsw1#{typed}\r\nsw1#")
            return None
        return "two\r\n"

    device = Device(say).begin()
    with pytest.raises(Garbled, match="echo"):
        await session(device).run_all(("one", "two"))
    assert device.closed


async def test_a_banner_of_100_kb_and_bytes_that_are_no_text_are_borne():
    device = Device(lambda *_: "caf\xff\r\n")
    device.write(b"\xff\xfe banner sw9# \r\n" * 6000)
    device.begin()
    assert (await session(device).run("show x")).data == "caf\xff\n".encode()


async def test_a_banner_that_looks_like_a_prompt_is_not_taken_for_the_devices_own():
    device = Device(lambda *_: "ok\r\n")
    device.pause("welcome\r\nevil#", lambda typed: f"\r\nsw1#{typed}\r\nsw1#")
    device.mode = "exec"
    line = session(device)
    assert (await line.run("show x")).text == "ok\n"
    assert line.host == "sw1"


async def test_log_messages_between_prompt_and_answer_are_taken_out():
    device = Device(lambda *_: "one\r\n*Mar  1 00:00:09.1: %LINK-3-UPDOWN: Interface Gi1, down\r\ntwo\r\n")
    device.behind_prompt = "\r\n*Mar  1 00:00:09.1: %SYS-5-CONFIG_I: Configured\r\n"
    assert (await session(device.begin()).run("show x")).text == "one\ntwo\n"


async def test_a_device_that_does_not_answer_is_an_error_within_the_time_and_the_next_command_opens_anew():
    silent = Device(lambda *_: None).begin()
    talking = Device(lambda *_: "ok\r\n").begin()
    line = session(None, timeout_s=0.2, devices=[silent, talking])
    with pytest.raises(Unreachable, match=r"'show x' in 0\.2 s"):
        await line.run("show x")
    assert silent.closed
    assert (await line.run("show x")).text == "ok\n"
    assert line.opened == 2


async def test_a_device_that_prints_garbage_for_ever_is_an_error():
    class Endless(Device):
        async def receive(self):
            await asyncio.sleep(0)
            return b"\x80\x00garbage" * 100

    with pytest.raises((Garbled, Unreachable)):
        await session(Endless(), timeout_s=0.3).run("show x")


async def test_a_lost_line_is_unreachable():
    device = Device(lambda device, _: device.hang_up()).begin()
    with pytest.raises(Unreachable, match="ended the session"):
        await session(device).run("show x")


async def test_a_cancelled_caller_leaves_a_closed_stream():
    device = Device(lambda *_: None).begin()
    line = session(device)
    task = asyncio.create_task(line.run("show x"))
    while "show x" not in device.commands:  # noqa: ASYNC110 -- the device is in memory
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert device.closed


@pytest.mark.parametrize("command", ["show\nreload", "show ?", "x" * 201, "caf\u00e9", "\x1b[A", "a\tb"])
async def test_what_could_be_read_as_something_else_is_never_sent(command):
    device = Device().begin()
    with pytest.raises(Unsupported):
        await session(device).run_all(("show clock", command))
    assert device.commands == []


async def test_two_rows_at_once_wait_for_each_other():
    device = Device(lambda _, command: f"{command}!\r\n").begin()
    line = session(device)
    replies = await asyncio.gather(*(line.run(f"show {n}") for n in range(5)))
    assert [reply.text for reply in replies] == [f"show {n}!\n" for n in range(5)]


async def test_a_prompt_that_shows_only_the_beginning_of_a_long_name_is_the_devices():
    device = Device(lambda *_: "", host="a-very-long-name-of-a-switch")
    device.cut = 20
    await session(device.begin()).run_all(("interface Gi1", "description a"), mode="config")
    assert "description a" in device.commands


async def test_line_time_is_counted_on_a_clock_of_its_own():
    clock = VirtualClock()
    device = Device(lambda *_: "x" * 958 + "\r\n").begin()

    async def factory():
        return TimedLine(device, clock, baud=9600, open_s=2.0, per_line_s=0.3)

    line = CliSession(factory, cli=CLI, timeout_s=2.0, login=Login(secret=SECRET), clock=clock)
    await line.run("show clock")
    opened_s = line.waited_s
    assert opened_s > 2.0 + 5 * 0.3
    reply = await line.run("show x")
    assert reply.elapsed_s == pytest.approx(2 * 0.3 + 1.0, abs=0.1)
    assert line.waited_s == pytest.approx(opened_s + reply.elapsed_s)
