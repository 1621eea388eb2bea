"""A recording in the place of a device (``replay:PATH``): its answers come from a file, byte for byte as on a line.

The stream plays the command line of the profile that the access names (option ``profile``), or of the one that the
recording was made with: prompt, echo, modes, and the profile's own refusal for what was not recorded. So every driver
reads a recording as it reads a device. Nothing is sent anywhere.

A command may be spelled as on the device: in other capitals, with more blanks, or shortened; one that fits a single
recorded command is that one. What was asked and not recorded is remembered (:attr:`Replay.missing`).

A recording of SNMP (a ``.snmprec``, or a folder with one in it) plays variables instead (:mod:`drivers.snmp.playing`),
and a tree of ``redfish/v1/index.json`` plays resources (:mod:`drivers.rest.playing`).
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from device_profiles.catalogue import known_profiles
from device_profiles.profile import Profile
from drivers.access import Access
from drivers.cli.grammar import grammar_of
from drivers.contract import ByteStream
from drivers.credentials import Credential, Login
from drivers.errors import Unreachable, Unsupported
from drivers.playing import Answers, LinePlayer, ShellPlayer
from drivers.recording import Recording, load
from drivers.rest import playing as resources
from drivers.snmp.playing import Played, play
from drivers.snmp.records import find

PROFILE: Final = "profile"
"""The option of the access that says whose command line is played."""


class Replay:
    """A recording as a connection (see :class:`drivers.contract.Connection`)."""

    identity = ""

    def __init__(self, recording: Recording, profile: Profile) -> None:
        self._recording = recording
        self._profile = profile
        self.plays = profile
        self._answers = Answers(recording.exchanges)
        self.login = Login()
        self.closed = False

    @property
    def missing(self) -> tuple[str, ...]:
        """Commands that were asked and not recorded."""
        return tuple(self._answers.missing)

    async def stream(self, command: str) -> ByteStream:
        """A stream that plays the profile's shell, or its command line."""
        if self.closed:
            raise Unreachable("the recording was closed")
        if self._profile.shell is not None:
            return Stream(ShellPlayer(self._profile, self._answers))
        if self._profile.cli is None:
            raise Unsupported(f"the profile {self._profile.name} has no command line that a recording could play")
        del command
        return Stream(LinePlayer(grammar_of(self._profile.cli), self._answers, greeting=self._recording.greeting))

    async def close(self) -> None:
        """Close it. Never raises."""
        self.closed = True


async def connect(
    access: Access, *, credential: Credential | None, pin: str | None, timeout_s: float
) -> Replay | Played | resources.Played:
    """The recording at ``access.host``, a path. Raises :class:`~drivers.errors.Unsupported`."""
    del credential, pin, timeout_s
    if await asyncio.to_thread(find, Path(access.host)) is not None:
        return await asyncio.to_thread(play, Path(access.host))
    if await asyncio.to_thread(resources.find, Path(access.host)) is not None:
        return await asyncio.to_thread(resources.play, Path(access.host))
    recording = await asyncio.to_thread(load, Path(access.host))
    name = dict(access.options).get(PROFILE) or recording.profile
    profile = known_profiles().get(name)
    if profile is None:
        raise Unsupported(f"whose command line {access.host} is a recording of is not known: name a profile")
    return Replay(recording, profile)


class Stream:
    """A :class:`drivers.contract.ByteStream` whose far end is a player."""

    def __init__(self, player: LinePlayer | ShellPlayer) -> None:
        self._player = player
        self._queue: asyncio.Queue[bytes] = asyncio.Queue()
        self._closed = False
        self._put(player.opening())

    def _put(self, text: str) -> None:
        if text:
            self._queue.put_nowait(text.encode())

    async def send(self, data: bytes) -> None:
        """Send to the player."""
        if self._closed:
            raise Unreachable("the recording was closed")
        for text in self._player.sent(data.decode("utf-8", "replace")):
            self._put(text)

    async def receive(self) -> bytes:
        """The next bytes."""
        return b"" if self._closed else await self._queue.get()

    async def close(self) -> None:
        """Close the stream. Never raises."""
        self._closed = True
        self._queue.put_nowait(b"")
