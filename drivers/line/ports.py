"""The serial ports of this machine, by names that people know them by.

An adapter is called by maker, product and serial number, as udev links it in ``/dev/serial/by-id``; the number in
``ttyUSB0`` is another one after the next start. A built-in port counts where its driver found a chip.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from drivers.access import Access

DEVICES: Final = Path("/dev")
SYSTEM: Final = Path("/sys/class/tty")
_ADAPTERS: Final = re.compile(r"tty(USB|ACM)\d+")
_BUILT_IN: Final = re.compile(r"tty(S|AMA|O|THS|mxc)\d+")
_LINK: Final = re.compile(r"(?:usb|pci)-(.+?)(?:-if\d+)?(?:-port\d+)?")
_SAID: Final = ("manufacturer", "product", "serial")


@dataclass(frozen=True, slots=True)
class Port:
    """A port: ``path`` is the name that stays, ``device`` the one of today, ``adapter`` what it is called."""

    path: Path
    device: Path
    adapter: str


def ports(*, devices: Path = DEVICES, system: Path = SYSTEM) -> tuple[Port, ...]:
    """All ports, adapters first. Reads a few small files."""
    links = _links(devices)
    found = []
    for device in sorted(devices.glob("tty*"), key=_order):
        if _ADAPTERS.fullmatch(device.name):
            link = links.get(device.resolve())
            found.append(Port(link or device, device, _called(link) or _told(device.name, system)))
        elif _BUILT_IN.fullmatch(device.name) and _has_chip(device.name, system):
            found.append(Port(device, device, "built-in port"))
    return tuple(found)


def stable(path: Path, *, devices: Path = DEVICES) -> Path:
    """The name of a port that stays when adapters are numbered anew; ``path`` itself where it has none."""
    return _links(devices).get(path.resolve(), path)


def line_name(access: Access) -> str:
    """What a line is known by: the URL without user and options, a local port by the name that stays."""
    if access.scheme == "serial":
        return f"serial:{stable(Path(access.host))}"
    host = f"[{access.host}]" if ":" in access.host else access.host
    return f"{access.scheme}://{host}:{access.port}{access.path and '/'}{access.path}"


def _links(devices: Path) -> dict[Path, Path]:
    return {link.resolve(): link for link in sorted(_folder(devices / "serial/by-id"))}


def _folder(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from folder.iterdir()


def _called(link: Path | None) -> str:
    match = None if link is None else _LINK.fullmatch(link.name)
    return match[1].replace("_", " ") if match is not None else ""


def _told(name: str, system: Path) -> str:
    """What the adapter says of itself, two or three folders above its port."""
    device = (system / name / "device").resolve()
    for folder in (device, *device.parents[:3]):
        words = [_text(folder / word) for word in _SAID]
        if any(words):
            return " ".join(filter(None, words))
    return "adapter"


def _has_chip(name: str, system: Path) -> bool:
    kind = _text(system / name / "type")  # 0 is what the driver of PC ports says where it found none
    return (system / name / "device").exists() and kind not in ("", "0")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _order(device: Path) -> tuple[bool, str, int]:
    digits = re.sub(r"\D", "", device.name)
    return _ADAPTERS.fullmatch(device.name) is None, device.name.rstrip("0123456789"), int(digits or 0)
