"""Arrays that are only read, by commands of a CLI or by documents: the same answers give the same reading.

What could not be asked is told (:attr:`Listed.unread`): older releases and restricted users lack a command here and
there. Nothing is planned for such an array; what is declared for it is ``Unsupported``.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Final

from device_profiles.profile import Profile
from drivers.cli import asking
from drivers.cli.login import shell_stream
from drivers.cli.session import CliSession
from drivers.contract import Connection
from drivers.errors import Garbled, Rejected, Unsupported
from drivers.session import ShellSession
from drivers.storage.changes import ExportChange, VolumeChange
from drivers.storage.driver import Array
from drivers.storage.seen import Seen, System
from drivers.storage.steps import Commands

Answers = Mapping[str, str]


class _Mute:
    """Says nothing, since nothing is planned."""

    def volume(self, change: VolumeChange) -> Commands:
        raise Unsupported(f"{change.text}: this array is only read")

    def export(self, change: ExportChange) -> Commands:
        raise Unsupported(f"{change.text}: this array is only read")


_MUTE: Final = _Mute()


class ReadOnly(Array):
    """An array that is only read."""

    capabilities: ClassVar[frozenset[str]] = frozenset({"operation", "facts", "neighbours"})

    def __init__(self, connection: Connection, profile: Profile) -> None:
        super().__init__(connection, profile)
        self._unread: dict[str, None] = {}

    @property
    def tongue(self) -> _Mute:
        """Nothing is told."""
        return _MUTE

    @property
    def unread(self) -> tuple[str, ...]:
        """What could not be read so far, a sentence each."""
        return tuple(self._unread)

    def lacking(self, what: str) -> None:
        """Remember that something could not be read."""
        self._unread[what] = None

    async def tell(self, commands: Sequence[str], *, doing: str) -> None:
        """Nothing is ever told."""
        raise Unsupported(f"{doing}: this array is only read: {', '.join(commands)[:80]}")


class Listed(ReadOnly):
    """An array with a CLI whose commands list what there is."""

    def __init__(self, connection: Connection, profile: Profile) -> None:
        super().__init__(connection, profile)
        self._session: CliSession | ShellSession = self._opened(connection, profile)
        self._answers: Answers | None = None
        self._read = Seen()

    @property
    def waited_s(self) -> float:
        """All the time that commands took on the array and the way to it."""
        return self._session.waited_s

    @abstractmethod
    async def answers(self) -> Answers:
        """All that a reading is made of, by what was asked."""

    @abstractmethod
    def parse(self, answers: Answers) -> Seen:
        """What the answers mean. Raises :class:`~drivers.errors.Garbled`."""

    @abstractmethod
    def about(self, answers: Answers) -> System:
        """What the answers say of the array itself."""

    async def see(self) -> Seen:
        """Ask, and read what is new."""
        answers = await self.answers()
        if not any(answers.values()):
            raise Garbled(f"nothing of what makes a {self.profile.title} was answered")
        if answers != self._answers:
            self._read, self._answers = self.parse(answers), answers
        return self._read

    async def system(self) -> System:
        """What the array is."""
        return self.about(await self.answers())

    async def ask(self, commands: Iterable[str]) -> dict[str, str]:
        """The answers to commands; one that is refused is told, and is not among them."""
        found: dict[str, str] = {}
        for command in dict.fromkeys(commands):
            try:
                reply = await self._session.run(command)
            except Rejected as error:
                self.lacking(f"'{command}' is refused: {error}")
                continue
            if reply.status:
                self.lacking(f"'{command}' fails: {reply.line}")
            else:
                found[command] = reply.text
        return found

    def _opened(self, connection: Connection, profile: Profile) -> CliSession | ShellSession:
        """The array's own command line, or the shell of a machine on which its client is, as the profile has it."""
        if profile.shell is None:
            return asking.session(connection, profile)
        return ShellSession(
            lambda: shell_stream(connection, profile), shell=profile.shell, timeout_s=profile.command_timeout_s
        )

    async def close(self) -> None:
        """Close the session; the connection stays."""
        await self._session.close()
