"""``.snmprec`` recordings: one variable a line, ``OID|tag|value``, as snmpsim writes and serves them.

The tag is the number of the BER tag (``2`` INTEGER, ``4`` OCTET STRING, ``65`` Counter32 ...); an ``x`` behind it means
that the value is written in hexadecimal. Beside ``name.snmprec`` may lie ``name@10.snmprec``: what the device answers
for its VLAN 10, where it has a bridge for each (see :class:`drivers.snmp.pdu.Request`).

A line that cannot be read is left out and told (:attr:`Tree.problems`); the others stand.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from device_profiles.names import printable
from drivers.errors import Unsupported
from drivers.snmp.pdu import Binding, Kind, Request, Response, Status
from drivers.snmp.values import (
    NULL,
    Counter,
    Counter64,
    Gauge,
    Integer,
    IpAddress,
    Missing,
    ObjectId,
    Octets,
    Oid,
    Opaque,
    Ticks,
    Value,
    dotted,
    oid,
)

SUFFIX: Final = ".snmprec"
LARGEST_FILE_BYTES: Final = 256 << 20
_MOST_VARIABLES: Final = 400
"""In one answer, as an agent whose messages have a size."""
_CONTEXT: Final = re.compile(r"@(?:vlan-)?(\d{1,4})$")
_NUMBERS: Final[dict[str, type[Integer]]] = {"2": Integer, "65": Counter, "66": Gauge, "67": Ticks, "70": Counter64}
_TAGS: Final = {kind: tag for tag, kind in _NUMBERS.items()}


def _octets(text: str, *, is_hex: bool) -> bytes:
    return bytes.fromhex(text) if is_hex else text.encode("latin-1")


def _address(text: str, *, is_hex: bool) -> IpAddress:
    if is_hex:
        return IpAddress(bytes.fromhex(text))
    parts = bytes(int(part) for part in text.split("."))
    if len(parts) != 4:
        raise ValueError("no address")
    return IpAddress(parts)


def _value(tag: str, text: str) -> Value:
    is_hex = tag.endswith("x")
    kind = tag.removesuffix("x")
    if kind in _NUMBERS:
        return _NUMBERS[kind](int(text.strip()) if not is_hex else int.from_bytes(bytes.fromhex(text), "big"))
    if kind == "64":
        return _address(text.strip(), is_hex=is_hex)
    makers: dict[str, Callable[[], Value]] = {
        "4": lambda: Octets(_octets(text, is_hex=is_hex)),
        "5": lambda: NULL,
        "6": lambda: ObjectId(oid(text.strip()) if text.strip(". ") else (0, 0)),
        "68": lambda: Opaque(_octets(text, is_hex=is_hex)),
    }
    return makers[kind]()


@dataclass(slots=True)
class Tree:
    """All variables of an agent, in order."""

    values: dict[Oid, Value]
    problems: tuple[str, ...] = ()
    _names: list[Oid] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._names = sorted(self.values)

    def get(self, name: Oid) -> Value:
        """The value of a variable, or why there is none."""
        found = self.values.get(name)
        if found is not None:
            return found
        place = bisect_right(self._names, name[:-1])
        beside = self._names[place : place + 1]
        return Missing.INSTANCE if beside and beside[0][: len(name) - 1] == name[:-1] else Missing.OBJECT

    def after(self, name: Oid) -> Binding:
        """The first variable behind a name."""
        place = bisect_right(self._names, name)
        if place == len(self._names):
            return name, Missing.END
        found = self._names[place]
        return found, self.values[found]

    def answer(self, request: Request) -> Response:
        """What an agent that holds these variables answers; it lets nothing be written."""
        names = [name for name, _ in request.bindings]
        if request.kind is Kind.GET:
            return Response(Status.OK, 0, [(name, self.get(name)) for name in names])
        if request.kind is Kind.SET:
            return Response(Status.NOT_WRITABLE, 1, list(request.bindings))
        found: list[Binding] = []
        for _ in range(request.repetitions if request.kind is Kind.BULK else 1):
            came = [self.after(name) for name in names]
            found += came
            names = [name for name, _ in came]
            if len(found) > _MOST_VARIABLES or all(value is Missing.END for _, value in came):
                break
        return Response(Status.OK, 0, found)


def parse(lines: Iterable[str], *, origin: str = "") -> Tree:
    """The variables of a recording."""
    values: dict[Oid, Value] = {}
    problems: list[str] = []
    for number, line in enumerate(lines, start=1):
        text = line.rstrip("\r\n")
        if not text or text.startswith("#"):
            continue
        try:
            name, tag, value = text.split("|", 2)
            values[oid(name)] = _value(tag, value)
        except (ValueError, KeyError):
            problems.append(f"{origin or 'the recording'}, line {number}: cannot be read: {printable(text, most=60)}")
    return Tree(values, tuple(problems))


def load(file: Path) -> Tree:
    """The variables in a file. Raises :class:`~drivers.errors.Unsupported` where there is none."""
    if not file.is_file():
        raise Unsupported(f"{file} is no recording that can be replayed here: there is no such file")
    if file.stat().st_size > LARGEST_FILE_BYTES:
        raise Unsupported(f"{file} is too large for a recording")
    with file.open(encoding="latin-1", newline="\n") as lines:
        return parse(lines, origin=file.name)


def find(path: Path) -> Path | None:
    """The recording that a path means: the file, or the one in a folder that is of no VLAN; None where it is none."""
    if path.is_dir():
        files = [file for file in sorted(path.glob(f"*{SUFFIX}")) if not _CONTEXT.search(file.stem)]
        return files[0] if len(files) == 1 else None
    return path if path.suffix == SUFFIX else None


def load_all(path: Path) -> Mapping[int | None, Tree]:
    """A recording and those of its VLANs. Raises :class:`~drivers.errors.Unsupported`."""
    main = find(path)
    if main is None:
        raise Unsupported(f"{path} is no recording of SNMP: it is a file {SUFFIX}, or a folder with one in it")
    return dict(_trees(main))


def _trees(main: Path) -> Iterator[tuple[int | None, Tree]]:
    yield None, load(main)
    for file in sorted(main.parent.glob(f"*{SUFFIX}")):
        context = _CONTEXT.search(file.stem)
        if context is not None and file.stem[: context.start()] == main.stem:
            yield int(context[1]), load(file)


def line(name: Oid, value: Value) -> str:
    """One variable as it is written."""
    if isinstance(value, IpAddress):
        return (
            f"{dotted(name)}|64x|{value.hex()}" if len(value) != 4 else f"{dotted(name)}|64|{'.'.join(map(str, value))}"
        )
    if isinstance(value, Octets):
        tag = "68" if isinstance(value, Opaque) else "4"
        plain = value.isascii() and value.decode("ascii").isprintable() and value == value.strip()
        return f"{dotted(name)}|{tag}|{value.decode('ascii')}" if plain else f"{dotted(name)}|{tag}x|{value.hex()}"
    if isinstance(value, Integer):
        return f"{dotted(name)}|{_TAGS[type(value)]}|{int(value)}"
    return f"{dotted(name)}|6|{dotted(value)}" if isinstance(value, ObjectId) else f"{dotted(name)}|5|"


def write(file: Path, values: Mapping[Oid, Value]) -> None:
    """Write a recording; what is there is replaced. ``Missing`` values are none."""
    held = sorted((name, value) for name, value in values.items() if not isinstance(value, Missing))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{line(name, value)}\n" for name, value in held), encoding="latin-1")
