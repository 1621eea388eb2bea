"""Commands on a device's CLI: one at a time, each in its mode, each with the whole of its answer or an error.

A session is opened when it is first used: login, the device's own prompt learned, the way to the mode in which it is
asked, and the commands that stop paging. Modes are left and entered by the profile's data, only when a command needs
another one, so that a row of steps enters the configuration once. A session that is in doubt (no answer in time, a
cancelled caller, an answer that is not proven) closes its stream, and the next command opens a new one; a refused
command leaves no doubt.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final, TypeVar

from device_profiles.cli import Cli, Mode
from device_profiles.names import printable
from drivers.cli.grammar import Prompt, grammar_of
from drivers.cli.login import enter
from drivers.cli.screen import after_echo
from drivers.cli.talk import Talk
from drivers.credentials import Login
from drivers.errors import AuthFailed, Busy, DeviceError, Garbled, Rejected, Unreachable, Unsupported
from drivers.giving_way import GivingWay
from drivers.session import Reply, StreamFactory

_GOODBYE_S: Final = 1.0
_HIDDEN: Final = "***"
_NEVER_SENT: Final = frozenset("?")
"""On an IOS-like line a question mark asks for help in the middle of the command, even within a text."""

Clock = Callable[[], float]
T = TypeVar("T")


class CliSession:
    """A CLI on a device. Safe to use from several tasks: rows of commands wait for each other.

    ``waited_s`` is all the time that commands of this session took on the device and the way to it, by ``clock``;
    ``host`` is the device's name as its prompt shows it, once a session was opened.
    """

    def __init__(
        self,
        stream_factory: StreamFactory,
        *,
        cli: Cli,
        timeout_s: float,
        login: Login | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        self._open = stream_factory
        self._cli = cli
        self._grammar = grammar_of(cli)
        self._timeout_s = timeout_s
        self._login = login or Login()
        self._clock = clock
        self._lock = asyncio.Lock()
        self._way = GivingWay(self._lock, self._leave)
        self._deadline: asyncio.Timeout | None = None
        self._talk: Talk | None = None
        self._prompt: Prompt | None = None
        self.waited_s = 0.0
        self.opened = 0
        """How many sessions were opened on the device."""

    @property
    def host(self) -> str:
        """The device's name as its prompt shows it."""
        return self._prompt.host.decode("utf-8", "replace") if self._prompt is not None else ""

    async def run(self, command: str, *, mode: str = "", timeout_s: float | None = None) -> Reply:
        """Run one command in ``mode`` (where nothing is said: the mode in which the device is asked).

        Raises :class:`~drivers.errors.Rejected` where the device refuses it, ``Busy`` where it does because somebody
        else configures it, ``Unreachable`` (lost, or no answer within the time), ``Garbled`` (an answer without end or
        that cannot be told from others), ``AuthFailed``, and ``Unsupported`` for a command that is never sent. A
        caller that is cancelled meanwhile leaves a closed stream.
        """
        return (await self.run_all((command,), mode=mode, timeout_s=timeout_s))[0]

    async def run_all(
        self, commands: Sequence[str], *, mode: str = "", timeout_s: float | None = None, renames: str = ""
    ) -> tuple[Reply, ...]:
        """Run a row of commands, each within the time; stops at the first that the device refuses.

        ``renames`` is the name that the device has behind them, where they change it: its prompt changes with it.
        """
        for command in commands:
            self._sendable(command)
        async with self._lock:
            started = self._clock()
            try:
                return await self._row(
                    commands, mode or self._cli.home_mode, timeout_s or self._timeout_s, renames=renames
                )
            except (Rejected, Busy):
                raise
            except BaseException:
                await self._drop()
                raise
            finally:
                self._way.used()
                self.waited_s += self._clock() - started

    async def close(self, *, logout: str = "") -> None:
        """Say goodbye where the profile knows how, and close the stream. Never raises; a later command opens one.

        ``logout`` is said where the profile does not know how.
        """
        await self._way.stop()
        if self._lock.locked():
            await self._drop()
        else:
            await self._log_out(self._cli.logout or logout)

    async def _leave(self) -> None:
        await self._log_out(self._cli.logout)

    async def _log_out(self, said: str) -> None:
        """Log out, and let the stream go."""
        if self._talk is not None and said:
            with contextlib.suppress(DeviceError, TimeoutError):
                async with asyncio.timeout(_GOODBYE_S):
                    await self._talk.send(said)
        await self._drop()

    async def _row(self, commands: Sequence[str], mode: str, limit_s: float, *, renames: str) -> tuple[Reply, ...]:
        if self._talk is not None and self._way.is_over:
            await self._drop()  # somebody took the line over while nothing was asked
        if self._talk is None:
            await self._within(limit_s, "opening a session", self._fresh())
        if self._mode.name != mode:
            await self._within(limit_s, f"going to mode {mode}", self._go(mode))
        with self._renaming(renames):
            return await self._replies(commands, limit_s)

    async def _replies(self, commands: Sequence[str], limit_s: float) -> tuple[Reply, ...]:
        replies = []
        for index, command in enumerate(commands, start=1):
            started = self._clock()
            last = index == len(commands)
            data = await self._within(limit_s, self._shown(command), self._exchange(command, proven=last))
            replies.append(Reply(data, 0, self._clock() - started))
        return tuple(replies)

    @contextlib.contextmanager
    def _renaming(self, name: str) -> Iterator[None]:
        """While a device gets a name, the prompt of any counts; then that of the new one, or of the old if refused."""
        talk, _ = self._line()
        known = talk.host
        if name:
            talk.host = None
        try:
            yield
        except Rejected:
            talk.host = known
            raise
        if name:
            # Some prompts name a user before the device (admin@sw1), and some are cut short.
            shown, host = self._line()[1].host, name.encode()
            talk.host = shown if shown.endswith(b"@" + host) else host

    async def _within(self, limit_s: float, what: str, doing: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(limit_s) as deadline:
                self._deadline = deadline
                if self._talk is not None:
                    self._talk.deadline = deadline
                return await doing
        except TimeoutError:
            raise Unreachable(f"no answer to {what} in {limit_s:g} s") from None

    @property
    def _mode(self) -> Mode:
        return self._line()[1].mode

    def _line(self) -> tuple[Talk, Prompt]:
        if self._talk is None or self._prompt is None:
            raise Unreachable("the session was closed")
        return self._talk, self._prompt

    # Opening.

    async def _fresh(self) -> None:
        login = self._login
        talk = Talk(await self._open(), self._grammar, bytes_per_s=login.bytes_per_s, line=login.line)
        talk.deadline = self._deadline
        self._talk = talk
        self.opened += 1
        try:
            self._prompt = await enter(talk, login)
            talk.host = self._prompt.host
            await self._go(self._cli.home_mode)
            for command in self._cli.open:
                with contextlib.suppress(*((Rejected,) if command.may_fail else ())):
                    await self._exchange(command.send, proven=False)
        except BaseException:
            await self._drop()
            raise
        self._way.watch(talk.stream)

    async def _go(self, name: str) -> None:
        up, down = self._grammar.steps(self._mode.name, name)
        for mode in up:
            await self._exchange(mode.leave, proven=False)
        for mode in down:
            await self._enter(mode)
        if self._mode.name != name:
            raise Rejected(f"the device does not go to mode {name}: it stays in {self._mode.name}")

    async def _enter(self, mode: Mode) -> None:
        if mode.name not in self._grammar.passwords:
            await self._exchange(mode.enter, proven=False)
            return
        talk, _ = self._line()
        await talk.send(mode.enter)
        said = False
        while (prompt := await self._answer_or_password(talk, mode)) is None:
            if said or not self._login.texts:
                raise AuthFailed(f"the device refuses '{mode.enter}': its second password is line 2 of the credential")
            said = True
            await talk.send(self._login.texts[-1])
        self._prompt = prompt
        if prompt.mode.name != mode.name:
            raise AuthFailed(f"the device refuses '{mode.enter}': its second password is line 2 of the credential")

    async def _answer_or_password(self, talk: Talk, mode: Mode) -> Prompt | None:
        """The prompt, or None where the device asks for a password."""
        while True:
            await talk.receive()
            if self._grammar.passwords[mode.name].fullmatch(talk.last_line.rstrip(b" ")):
                return None
            prompt = talk.prompt()
            if prompt is not None:
                return prompt

    # Commands.

    async def _exchange(self, command: str, *, proven: bool) -> bytes:
        """Send one command; its answer without echo and prompt. ``proven``: nothing follows that would prove it."""
        talk, before = self._line()
        await talk.send(command)
        text, prompt = await talk.answer()
        answer = self._without_echo(text, command, before)
        if proven and (answer.strip() or not before.mode.silent):
            whole, prompt = await talk.prove(text)
            if whole is not text:
                answer = self._without_echo(whole, command, before)
        self._prompt = prompt
        refusal = self._grammar.refusal(answer)
        if refusal is not None:
            line = self._hidden(printable(refusal.line.decode("utf-8", "replace"), most=200))
            if refusal.busy:
                raise Busy(f"somebody else configures the device, and is waited for: {line}")
            raise Rejected(f"the device refuses {self._shown(command)}: {line}")
        return answer

    def _without_echo(self, text: bytes, command: str, before: Prompt) -> bytes:
        if not self._cli.echo:
            return text.removeprefix(b"\n")
        answer = after_echo(text, command.encode(), prompt=before.line)
        if answer is None:
            raise Garbled(
                f"the device did not echo {self._shown(command)}: what came may belong to another answer, and nothing "
                "was concluded from it"
            )
        return answer

    def _sendable(self, command: str) -> None:
        if not command.isascii() or not command.isprintable() or not _NEVER_SENT.isdisjoint(command):
            raise Unsupported(f"{self._shown(command)} is never sent to a device: only plain text is")
        if len(command) > self._cli.columns:
            raise Unsupported(f"{self._shown(command)} is longer than the {self._cli.columns} columns of the device")

    def _shown(self, command: str) -> str:
        return f"'{self._hidden(printable(command, most=80))}'"

    def _hidden(self, text: str) -> str:
        for secret in self._login.texts:
            text = text.replace(secret, _HIDDEN)
        return text

    async def _drop(self) -> None:
        talk, self._talk = self._talk, None
        self._prompt = None
        if talk is not None:
            await talk.close()
