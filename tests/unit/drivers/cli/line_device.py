"""A device at the far end of a byte stream, in memory: it echoes lines, has modes, and says what a test told it."""

import asyncio
from collections.abc import Callable

from device_profiles.cli import Cli, LoginPrompts, Mode, OpenCommand, Pager, Question

CLI = Cli(
    modes=(
        Mode(name="user", prompt=r"{host}>"),
        Mode(name="exec", prompt=r"{host}#", parent="user", enter="enable", leave="disable", password="[Pp]assword: ?"),
        Mode(
            name="config",
            prompt=r"{host}\(config[^)]*\)#",
            parent="exec",
            enter="configure terminal",
            leave="end",
            silent=True,
        ),
    ),
    home="exec",
    host=r"[\w.-]+",
    host_cut=10,
    login=LoginPrompts(user="Username: ?", password="Password: ?", failed=(r"% Login invalid",), wake_s=0.05),
    open=(OpenCommand(send="terminal length 0"), OpenCommand(send="terminal width 511", may_fail=True)),
    pager=Pager(prompt=" ?--More-- ?", most_pages=20),
    failures=("% .*",),
    busy=("% Configuration mode is locked",),
    questions=(Question(asks=r".*\[confirm\]", answer="\n"),),
    noise=(r"\*?[A-Z][a-z]{2} +\d+ [\d:.]+: %[A-Z0-9_]+-\d-[A-Z0-9_]+:",),
    comment="!{nonce}",
    columns=200,
    save=("write memory",),
)

Say = Callable[["Device", str], str | None]


class Device:
    """A ByteStream. ``say`` answers a command in the privileged and configuration modes; None: nothing is answered."""

    def __init__(self, say: Say | None = None, *, host: str = "sw1", echo: bool = True, chunk: int = 0) -> None:
        self.host = host
        self.echo = echo
        self.chunk = chunk
        self.say = say or (lambda device, command: "")
        self.mode = "user"
        self.user = self.password = self.enable = ""
        self.commands: list[str] = []
        self.closed = False
        self.more: list[str] = []
        self.cut = 99
        self.locked = False
        self.behind_prompt = ""
        self._out: asyncio.Queue[bytes] = asyncio.Queue()
        self._typed = ""
        self._waits: Callable[[str], None] | None = None

    def begin(self, banner: str = "") -> "Device":
        self.write(banner)
        self.log_in()
        return self

    def write(self, text: str | bytes) -> None:
        data = text if isinstance(text, bytes) else text.encode()
        size = self.chunk or len(data) or 1
        for start in range(0, len(data), size):
            self._out.put_nowait(data[start : start + size])

    @property
    def prompt(self) -> str:
        return {"user": ">", "exec": "#", "config": "(config)#", "sub": "(config-if)#"}[self.mode]

    def show_prompt(self) -> None:
        cut = self.cut if self.mode in ("config", "sub") else len(self.host)
        self.write(f"{self.host[:cut]}{self.prompt}{self.behind_prompt}")

    def pause(self, text: str, rest: Callable[[str], str]) -> None:
        """Print ``text``, and what ``rest`` makes of the next line only when that was typed."""

        def go_on(line: str) -> None:
            self._waits = None
            self.write(rest(line))

        self.write(text)
        self._waits = go_on

    def log_in(self) -> None:
        if self.user:
            self.write("\r\nUsername: ")
            self._waits = self._named
        elif self.password:
            self.write("\r\nPassword: ")
            self._waits = self._checked
        else:
            self.write("\r\n")
            self.show_prompt()

    def _named(self, name: str) -> None:
        if not name:
            self.log_in()
            return
        good = name == self.user
        self.write(f"{name}\r\nPassword: ")
        self._waits = self._checked if good else (lambda _: self._denied())

    def _checked(self, password: str) -> None:
        if password != self.password:
            self._denied()
            return
        self._waits = None
        self.write("\r\n")
        self.show_prompt()

    def _denied(self) -> None:
        self.write("\r\n% Login invalid\r\n")
        self.log_in()

    def _enabled(self, password: str) -> None:
        self._waits = None
        if password == self.enable:
            self.mode = "exec"
            self.write("\r\n")
        else:
            self.write("\r\n% Access denied\r\n")
        self.show_prompt()

    async def send(self, data: bytes) -> None:
        text = data.decode()
        if self.more and text == " ":
            self.write("\b" * 9 + " " * 8 + "\b" * 9 + self.more.pop(0))
            return
        self._typed += text
        while "\n" in self._typed:
            line, _, self._typed = self._typed.partition("\n")
            self._line(line)

    def _line(self, line: str) -> None:
        if self._waits is not None:
            self._waits(line)
            return
        if self.echo:
            self.write(f"{line}\r\n")
        else:
            self.write("\r\n")
        self.commands.append(line)
        self._command(line)

    def _command(self, line: str) -> None:
        if line.startswith("!") or not line:
            return self.show_prompt()
        if self.mode == "user" and line == "enable":
            if self.enable:
                self.write("Password: ")
                self._waits = self._enabled
                return None
            self.mode = "exec"
        elif line == "disable":
            self.mode = "user"
        elif self.mode == "exec" and line == "configure terminal" and not self.locked:
            self.mode = "config"
        elif self.mode in ("config", "sub") and line == "end":
            self.mode = "exec"
        elif self.mode in ("config", "sub") and line.startswith("interface "):
            self.mode = "sub"
        elif not line.startswith("terminal "):
            answer = self.say(self, line)
            if answer is None:
                return None
            self.write(answer)
        self.show_prompt()
        return None

    async def receive(self) -> bytes:
        return await self._out.get()

    async def close(self) -> None:
        self.closed = True

    def hang_up(self) -> None:
        self._out.put_nowait(b"")
