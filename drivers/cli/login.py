"""From a line that somebody else may have left anywhere to a prompt that is proven.

A line may show a banner, ask for a name and a password, stand at a prompt already, or say nothing until a key is
pressed. Whatever it shows last is answered, each thing a bounded number of times.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from device_profiles.names import printable
from device_profiles.profile import Profile
from drivers.cli.grammar import Prompt, grammar_of
from drivers.cli.talk import Talk
from drivers.contract import ByteStream, Connection, login_of
from drivers.credentials import Login
from drivers.errors import AuthFailed, DeviceError, Garbled, Unreachable, Unsupported
from drivers.giving_way import Shared, Wanting, is_over

_MOST_NAMES: Final = 3
_MOST_UNANSWERED: Final = 4
_MOST_WAKES: Final = 6
_QUIET_S: Final = 0.5
_GOODBYE_S: Final = 1.0
_REFUSING_S: Final = 5.0
"""Enter was an empty password where nothing but a new line came: login(1) says so after 3 s, and up to half of that
more (pam_fail_delay(3)). Another Enter then would be the name that is asked for."""
_REFUSED: Final = "the device refuses the login: check the user in access, and credentials"


class _Entrance:
    """What was already said on the way in."""

    def __init__(self, talk: Talk, login: Login) -> None:
        self._talk = talk
        self._login = login
        self._grammar = talk.grammar
        self._names = 0
        self._passwords = 0
        self._wakes = 0
        self._unanswered = 0
        self._tidyings = 0

    async def enter(self) -> Prompt:
        """Answer what the line asks until it shows a prompt that is proven."""
        while True:
            await self._more()
            line = self._talk.last_line.rstrip(b" ")
            self._refused()
            self._passable(line)
            if await self._tidied(line):
                continue
            if self._grammar.user.fullmatch(line):
                await self._say_name()
            elif self._grammar.password.fullmatch(line):
                await self._say_password()
            elif not await self._talk.turn_page(line) and self._grammar.prompt(line) is not None:
                return (await self._talk.prove())[1]

    async def _more(self) -> None:
        if not self._login.asked:
            await self._talk.receive()
            return
        prompts = self._grammar.cli.login
        while True:
            # A line is woken at once when it is quiet; what a device says while it starts is not interrupted.
            quiet_s = min(prompts.wake_s, _QUIET_S) if self._login.line and not self._wakes else prompts.wake_s
            if self._wakes and self._talk.is_at_new_line:
                quiet_s = max(quiet_s, _REFUSING_S)
            try:
                async with asyncio.timeout(quiet_s):
                    await self._talk.receive()
                self._unanswered = 0
                break
            except TimeoutError:
                if self._login.line:
                    self._despair()
                self._wakes += 1
                self._unanswered += 1
                await self._talk.say(prompts.wake)

    def _despair(self) -> None:
        """Raise where a line was woken often enough."""
        if self._unanswered >= _MOST_UNANSWERED:
            raise Unreachable(
                "nothing answers on the line: look at the cable, then at the device's power, then whether the cable "
                "must be a null-modem one"
            )
        if self._wakes >= _MOST_WAKES:
            line = printable(self._talk.last_line.strip().decode("utf-8", "replace"), most=60)
            raise Garbled(f"the line shows '{line}', and no prompt that its profile knows: look at speed and profile")

    def _passable(self, line: bytes) -> None:
        """Raise where a line stands at what is no command line."""
        for met in self._grammar.obstacles if self._login.asked else ():
            if met.pattern.fullmatch(line):
                raise Unreachable(f"the device {met.is_at}; nothing was written to it")

    async def _tidied(self, line: bytes) -> bool:
        """Whether somebody left the line in an answer or half way into a login, and a key was sent to end that."""
        cli = self._grammar.cli
        if not self._login.line or self._tidyings >= _MOST_NAMES:
            return False
        if self._grammar.pager is not None and cli.pager is not None and self._grammar.pager.fullmatch(line):
            key = cli.pager.stop
        elif self._login.user and not self._names and self._grammar.password.fullmatch(line):
            key = "\n"
        else:
            return False
        self._tidyings += 1
        await self._talk.say(key)
        return True

    def _refused(self) -> None:
        if self._passwords and any(
            pattern.match(line) for line in self._talk.text.split(b"\n") for pattern in self._grammar.failed
        ):
            raise AuthFailed(_REFUSED)

    async def _say_name(self) -> None:
        self._names += 1
        if self._passwords or self._names > _MOST_NAMES:
            raise AuthFailed(_REFUSED)
        if not self._login.user:
            raise AuthFailed("the device asks for a user, and its access names none: write it like telnet://admin@host")
        await self._talk.send(self._login.user)

    async def _say_password(self) -> None:
        self._passwords += 1
        if self._passwords > 1:
            raise AuthFailed(_REFUSED)
        if not self._login.texts:
            raise AuthFailed("the device asks for a password, and there is none: name one in credentials")
        await self._talk.send(self._login.texts[0])


async def enter(talk: Talk, login: Login) -> Prompt:
    """The prompt at which a new line stands after the login. Raises :class:`~drivers.errors.AuthFailed` and others."""
    return await _Entrance(talk, login).enter()


async def shell_stream(connection: Connection, profile: Profile) -> ByteStream:
    """A stream for a :class:`drivers.session.ShellSession`, after a login by hand where the connection asks for one.

    The profile's ``cli`` says how the line asks and what the shell's prompt is, ``shell.typed`` what makes the shell
    there speak without terminal, echo and prompt. Raises ``Unsupported`` where the profile lacks them.
    """
    shell, cli, login = profile.shell, profile.cli, login_of(connection)
    if shell is None:
        raise Unsupported(f"the profile {profile.name} has no shell")
    if not login.asked:
        return await connection.stream(shell.start)
    if cli is None or not shell.typed:
        raise Unsupported(f"the profile {profile.name} does not say how to log in on a line: reach the device by SSH")
    # Who has a password for the line leaves nobody logged in there, whether it was asked for this time or not.
    typed = f"{shell.typed}; {cli.logout}" if cli.logout and login.texts else shell.typed
    line = Line(await connection.stream(""), shell.leave)
    try:
        talk = Talk(line, grammar_of(cli), bytes_per_s=login.bytes_per_s, line=login.line)
        await enter(talk, login)
        await talk.send(typed)
    except BaseException:
        await line.close()
        raise
    return line


class Line:
    """A stream to a line that outlives it: who leaves says so, or the next one finds our shell there."""

    def __init__(self, stream: ByteStream, leave: str) -> None:
        self._stream = stream
        self._leave = leave
        self.send = stream.send
        self.receive = stream.receive

    @property
    def closed(self) -> bool:
        """Whether the line was taken from us."""
        return is_over(self._stream)

    def on_wanted(self, call: Callable[[Wanting], None]) -> None:
        """Have ``call`` called when somebody waits for the line."""
        if isinstance(self._stream, Shared):
            self._stream.on_wanted(call)

    async def close(self) -> None:
        """Leave, and close the stream."""
        with contextlib.suppress(DeviceError, TimeoutError):
            async with asyncio.timeout(_GOODBYE_S):
                await self._stream.send(self._leave.encode())
        await self._stream.close()
