"""From a line that somebody else may have left anywhere to a prompt that is proven.

A line may show a banner, ask for a name and a password, stand at a prompt already, or say nothing until a key is
pressed. Whatever it shows last is answered, each thing a bounded number of times.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from device_profiles.profile import Profile
from drivers.cli.grammar import Prompt, grammar_of
from drivers.cli.talk import Talk
from drivers.contract import ByteStream, Connection, login_of
from drivers.credentials import Login
from drivers.errors import AuthFailed, DeviceError, Unsupported

_MOST_NAMES: Final = 3
_GOODBYE_S: Final = 1.0
_REFUSED: Final = "the device refuses the login: check the user in access, and credentials"


class _Entrance:
    """What was already said on the way in."""

    def __init__(self, talk: Talk, login: Login) -> None:
        self._talk = talk
        self._login = login
        self._grammar = talk.grammar
        self._names = 0
        self._passwords = 0

    async def enter(self) -> Prompt:
        """Answer what the line asks until it shows a prompt that is proven."""
        while True:
            await self._more()
            line = self._talk.last_line.rstrip(b" ")
            self._refused()
            if self._grammar.user.fullmatch(line):
                await self._say_name()
            elif self._grammar.password.fullmatch(line):
                await self._say_password()
            elif not await self._talk.turn_page(line) and self._grammar.prompt(line) is not None:
                return (await self._talk.prove())[1]

    async def _more(self) -> None:
        if not self._login.asked:
            return await self._talk.receive()
        prompts = self._grammar.cli.login
        while True:
            try:
                async with asyncio.timeout(prompts.wake_s):
                    return await self._talk.receive()
            except TimeoutError:
                await self._talk.say(prompts.wake)

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
    line = Line(await connection.stream(""), shell.leave)
    try:
        talk = Talk(line, grammar_of(cli))
        await enter(talk, login)
        await talk.send(shell.typed)
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

    async def close(self) -> None:
        """Leave, and close the stream."""
        with contextlib.suppress(DeviceError, TimeoutError):
            async with asyncio.timeout(_GOODBYE_S):
                await self._stream.send(self._leave.encode())
        await self._stream.close()
