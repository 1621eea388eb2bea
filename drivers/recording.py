"""Recordings: what a device answered, in files that anyone can read and attach to a bug report.

A folder holds ``cli.jsonl``: one exchange a line, ``{"send": "show version", "receive": "..."}``, with ``"status"``
where the line has exit statuses. An exchange that sends nothing holds what the line showed before anything was asked:
banner and prompt. ``receive`` is what a terminal would show, without echo and prompt. ``recording.json`` beside it
tells what it was made with; it may be missing.

Recording is done where bytes pass, so that every driver is recorded the same way; secrets are taken out before
anything is kept (:mod:`drivers.scrubbing`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from device_profiles.profile import Profile, Shell
from drivers.around import Around
from drivers.cli.grammar import Grammar, grammar_of
from drivers.cli.screen import after_echo, rendered
from drivers.contract import ByteStream, Connection
from drivers.errors import Unsupported
from drivers.scrubbing import Scrubber

CLI: Final = "cli.jsonl"
ABOUT: Final = "recording.json"
LARGEST_FILE_BYTES: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was sent, and what came back."""

    send: str
    receive: str
    status: int = 0


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording of a command line; ``profile`` is the one that it was made with, where that is known."""

    exchanges: tuple[Exchange, ...]
    profile: str = ""

    @property
    def greeting(self) -> str:
        """What the line showed before anything was asked."""
        return next((each.receive for each in self.exchanges if not each.send.strip()), "")


def load(folder: Path) -> Recording:
    """The recording in a folder (or its ``cli.jsonl``). Raises :class:`~drivers.errors.Unsupported`."""
    file = folder / CLI if folder.is_dir() else folder
    if not file.is_file():
        raise Unsupported(f"{folder} is no recording that can be replayed here: it has no {CLI}")
    if file.stat().st_size > LARGEST_FILE_BYTES:
        raise Unsupported(f"{file} is too large for a recording")
    about = file.with_name(ABOUT)
    return Recording(tuple(_exchanges(file)), str(_about(about).get("profile", "")) if about.is_file() else "")


def _about(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Unsupported(f"{file} is not a JSON object")
    return found


def _exchanges(file: Path) -> Iterator[Exchange]:
    for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            yield _exchange(json.loads(line))
        except (ValueError, TypeError, KeyError):
            raise Unsupported(f'{file}, line {number}: is not like {{"send": "...", "receive": "..."}}') from None


def _exchange(entry: Any) -> Exchange:
    send, receive, status = entry["send"], entry["receive"], entry.get("status", 0)
    if not isinstance(send, str) or not isinstance(receive, str) or not isinstance(status, int):
        raise TypeError
    return Exchange(send, receive, status)


def save(folder: Path, exchanges: Sequence[Exchange], *, profile: str) -> None:
    """Write a recording; the folder is made, and a recording that is there is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [_line(each) for each in exchanges]
    (folder / CLI).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    (folder / ABOUT).write_text(json.dumps({"profile": profile}, indent=2) + "\n", encoding="utf-8")


def _line(each: Exchange) -> str:
    entry: dict[str, Any] = {"send": each.send, "receive": each.receive}
    return json.dumps(entry | ({"status": each.status} if each.status else {}), ensure_ascii=False)


class Recorder:
    """Collects the exchanges of all streams of a connection, scrubbed."""

    def __init__(self, profile: Profile, *, secrets: Sequence[str] = ()) -> None:
        self.profile = profile
        self._scrub = Scrubber(profile.secrets, known=secrets)
        self._exchanges: list[Exchange] = []

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """What was recorded so far."""
        return tuple(self._exchanges)

    def note(self, send: str, receive: str, status: int = 0) -> None:
        """Keep an exchange; a command that is asked again replaces what it answered before."""
        scrubbed = Exchange(self._scrub(send), self._scrub(receive), status)
        for position, each in enumerate(self._exchanges):
            if each.send == scrubbed.send:
                self._exchanges[position] = scrubbed
                return
        self._exchanges.append(scrubbed)


class RecordingConnection(Around):
    """A connection whose streams are recorded (see :class:`drivers.contract.Connection`)."""

    def __init__(self, connection: Connection, recorder: Recorder) -> None:
        super().__init__(connection)
        self._recorder = recorder

    async def stream(self, command: str) -> ByteStream:
        """A stream whose exchanges are noted."""
        profile = self._recorder.profile
        inner = await self._connection.stream(command)
        if profile.shell is not None:
            return RecordingStream(inner, ShellEar(profile.shell, self._recorder.note))
        if profile.cli is not None:
            return RecordingStream(inner, LineEar(grammar_of(profile.cli), self._recorder.note, asked=self.login.asked))
        return inner


Note = Callable[[str, str, int], None]


class LineEar:
    """Makes exchanges of the bytes on a command line.

    What was sent last is a command once a prompt came behind its echo. A page that is turned, an answer to a question
    and a secret are part of the exchange that they stand in, and are not kept; nor are lines that change nothing.
    """

    def __init__(self, grammar: Grammar, note: Note, *, asked: bool) -> None:
        self._grammar = grammar
        self._note = note
        self._comment = grammar.cli.comment.partition("{nonce}")[0]
        self._sent: str | None = None if asked else ""
        self._came = bytearray()
        self._greeted = False

    def sent(self, data: bytes) -> None:
        """Bytes on the way to the device."""
        text = data.decode("utf-8", "replace")
        line = text.rstrip("\r\n")
        if text == line or self._is_within():
            del self._came[self._came.rfind(b"\n") + 1 :]
            return
        self.end()
        self._sent = line
        self._came.clear()

    def _is_within(self) -> bool:
        """Whether what is sent answers something within an exchange: a pager, a question, a password, a name."""
        last = rendered(bytes(self._came)).rpartition(b"\n")[2].rstrip(b" ")
        grammar = self._grammar
        asks = [question.pattern for question in grammar.questions]
        asks += [grammar.user, grammar.password, *grammar.passwords.values()]
        asks += [grammar.pager] if grammar.pager is not None else []
        return bool(last) and grammar.prompt(last) is None and any(pattern.fullmatch(last) for pattern in asks)

    def received(self, data: bytes) -> None:
        """Bytes from the device."""
        self._came += data

    def end(self) -> None:
        """The exchange that is under way is over."""
        text = self._grammar.quiet(rendered(bytes(self._came)))
        body, _, last = text.rstrip(b" \n").rpartition(b"\n")
        prompt = self._grammar.prompt(last)
        if prompt is None:
            return
        if not self._greeted:
            self._greeted = True
            self._note("", text.decode("utf-8", "replace"), 0)
        if self._sent and not (self._comment and self._sent.startswith(self._comment)):
            answer = after_echo(body + b"\n", self._sent.encode()) if self._grammar.cli.echo else body + b"\n"
            self._note(self._sent, (answer or b"").decode("utf-8", "replace"), 0)
        self._sent = None


class ShellEar:
    """Makes exchanges of framed commands (:class:`drivers.session.ShellSession`)."""

    def __init__(self, shell: Shell, note: Note) -> None:
        before, after = shell.frame.format(command="\0", nonce="\1").split("\0")
        frame = re.escape(before) + r"(?P<command>.*)" + re.escape(after).replace("\1", r"(?P<nonce>\w+)")
        self._frame = re.compile(frame, re.DOTALL)
        self._done = shell.done
        self._note = note
        self._command = ""
        self._mark: re.Pattern[bytes] | None = None
        self._came = bytearray()

    def sent(self, data: bytes) -> None:
        """Bytes on the way to the device."""
        match = self._frame.fullmatch(data.decode("utf-8", "replace"))
        self._came.clear()
        self._mark = None
        if match is not None:
            self._command = match["command"]
            self._mark = re.compile(self._done.replace("{nonce}", match["nonce"]).encode())

    def received(self, data: bytes) -> None:
        """Bytes from the device."""
        self._came += data
        mark = self._mark.search(self._came) if self._mark is not None else None
        if mark is not None:
            self._mark = None
            status = int(mark.groupdict().get("status") or 0)
            self._note(self._command, self._came[: mark.start()].decode("utf-8", "replace"), status)

    def end(self) -> None:
        """Nothing is kept of an exchange without its end."""


class RecordingStream:
    """A :class:`drivers.contract.ByteStream` with an ear on it."""

    def __init__(self, stream: ByteStream, ear: LineEar | ShellEar) -> None:
        self._stream = stream
        self._ear = ear

    async def send(self, data: bytes) -> None:
        """Send, and listen."""
        self._ear.sent(data)
        await self._stream.send(data)

    async def receive(self) -> bytes:
        """The next bytes, heard."""
        data = await self._stream.receive()
        self._ear.received(data)
        return data

    async def close(self) -> None:
        """Close the stream. Never raises."""
        self._ear.end()
        await self._stream.close()
