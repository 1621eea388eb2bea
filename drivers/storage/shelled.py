"""Arrays that are machines with a shell: one session, commands that must succeed, and readings that are remembered."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final, Generic, Protocol, TypeVar

from device_profiles.profile import Profile
from drivers.cli.login import shell_stream
from drivers.contract import Connection
from drivers.errors import Rejected, Unreachable, Unsupported
from drivers.session import Reply, ShellSession
from drivers.storage.driver import Array
from drivers.storage.seen import Seen

_NOT_FOUND: Final = 127


class Reading(Protocol):
    """What an array's answer says, as its vendor has it."""

    @property
    def seen(self) -> Seen:
        """The same, as any array's."""


ReadingT = TypeVar("ReadingT", bound=Reading)


class Shelled(Array, Generic[ReadingT]):
    """An array that is told by commands of a shell, and shows all of itself to one ``command``.

    ``unread`` is its reading before the first.
    """

    gone: ClassVar[tuple[str, str]] = ("", "")
    """What is printed where the daemon behind the commands does not answer, and a sentence for people."""

    def __init__(
        self,
        connection: Connection,
        profile: Profile,
        *,
        command: str,
        parse: Callable[[bytes], ReadingT],
        unread: ReadingT,
    ) -> None:
        super().__init__(connection, profile)
        if profile.shell is None:
            raise Unsupported(f"the profile {profile.name} says nothing about the shell, which this driver speaks")
        self._session = ShellSession(
            lambda: shell_stream(connection, profile), shell=profile.shell, timeout_s=profile.command_timeout_s
        )
        self.command = command
        self.parse = parse
        self.reading = unread
        """The last one."""
        self._answer = b""

    @property
    def waited_s(self) -> float:
        """All the time that commands took on the array and the way to it."""
        return self._session.waited_s

    async def close(self) -> None:
        """Close the session; the connection stays."""
        await self._session.close()

    async def see(self) -> Seen:
        """All of it in one exchange."""
        return (await self.look()).seen

    async def look(self) -> ReadingT:
        """Its reading; the same answer is the same object."""
        answer = (await self.run(self.command)).data
        if answer != self._answer:
            self.reading = self.parse(answer)
            self._answer = answer
        return self.reading

    async def run(self, command: str, *, doing: str = "reading") -> Reply:
        """Run a command that must succeed; what the array says otherwise becomes an error."""
        reply = await self._session.run(command)
        if reply.status == 0:
            return reply
        shown, sentence = self.gone
        if shown and shown in reply.text:
            raise Unreachable(f"{doing}: {sentence}")
        if reply.status == _NOT_FOUND:
            raise Unsupported(f"{doing}: the array lacks a command: {reply.line}")
        raise Rejected(f"{doing}: the array says: {reply.line or f'exit status {reply.status}'}")
