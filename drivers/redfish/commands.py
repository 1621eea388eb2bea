"""The commands of a step. Each may be repeated; a list of them is run in order.

=====================================  ===============================================================================
``switch PATH TARGET NAME=VALUE on``   unless ``PowerState`` at PATH is on: the action at TARGET with that parameter,
                                       its task awaited, and then PATH read until it is on
``ask PATH TARGET NAME=VALUE off``     the same, and nobody waits: an operating system does it when it likes
``patch PATH {...}``                   properties are written, where the resource is still what it was (``If-Match``)
=====================================  ===============================================================================

That a service answers well says that it has understood. Relays and machines take their time, and some never do it.
"""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import orjson

from device_profiles.names import printable
from drivers.errors import Rejected
from drivers.redfish.actions import Action
from drivers.redfish.documents import text
from drivers.redfish.service import Service
from drivers.rest.failures import Changed
from drivers.rest.session import Document
from drivers.rest.tasks import finished

PowerWord = Literal["on", "off"]

_POWER: Final[Mapping[str, PowerWord]] = {
    "On": "on",
    "Off": "off",
    # On their way: not yet what they become.
    "PoweringOn": "off",
    "PoweringOff": "on",
    "Paused": "on",
}
_TOWARDS: Final = {"PoweringOn": "on", "PoweringOff": "off"}
_VALUE: Final = re.compile(r"(\w+)=([\w.-]+)")
_FIRST_PAUSE_S: Final = 0.02
_LONGEST_PAUSE_S: Final = 2.0


def power_of(document: Document | None) -> PowerWord | None:
    """Whether a machine or an outlet is on; None where it does not tell."""
    return _POWER.get(text(document, "PowerState"))


def switch(path: str, action: Action, value: str, power: PowerWord) -> str:
    """Switch, and wait until it is so."""
    return shlex.join(("switch", path, action.target, f"{action.parameter}={value}", power))


def ask(path: str, action: Action, value: str, power: PowerWord) -> str:
    """Ask for it, and do not wait."""
    return shlex.join(("ask", path, action.target, f"{action.parameter}={value}", power))


def patch(path: str, document: Mapping[str, Any]) -> str:
    """Write properties."""
    return shlex.join(("patch", path, orjson.dumps(document).decode()))


class Writer:
    """Runs commands; ``within_s`` is how long one may take to be done."""

    def __init__(self, service: Service, *, within_s: float) -> None:
        self._service = service
        self._session = service.session
        self._within_s = within_s

    async def run(self, commands: Sequence[str], *, doing: str) -> None:
        """Run commands. Raises ``Rejected`` at what is refused, or accepted and not done in time."""
        for line in commands:
            match shlex.split(line):
                case ["switch" | "ask" as word, path, target, value, ("on" | "off") as power] if _are_paths(
                    path, target
                ):
                    await self._switch(path, target, value, power, waits=word == "switch", doing=doing)
                case ["patch", path, document] if _are_paths(path):
                    await self._patch(path, orjson.loads(document), doing=doing)
                case _:
                    raise Rejected(f"{doing}: '{printable(line, most=60)}' is no command that this driver made")

    async def _switch(self, path: str, target: str, value: str, power: PowerWord, *, waits: bool, doing: str) -> None:
        parameter = _VALUE.fullmatch(value)
        if parameter is None:
            raise Rejected(f"{doing}: '{printable(value, most=60)}' is no parameter that this driver made")
        shown = text(await self._fresh(path), "PowerState")
        if _POWER.get(shown) == power:
            return
        if _TOWARDS.get(shown) != power:
            body = {parameter[1]: parameter[2]}
            response = await self._session.send("POST", target, body, doing=doing)
            await finished(self._session, response, within_s=self._within_s, doing=doing)
        if waits:
            await self._until(path, power, doing)
        self._session.forget()

    async def _until(self, path: str, power: PowerWord, doing: str) -> None:
        pause_s, shown = _FIRST_PAUSE_S, ""
        try:
            async with asyncio.timeout(self._within_s):
                while _POWER.get(shown := text(await self._fresh(path), "PowerState")) != power:
                    await asyncio.sleep(pause_s)
                    pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
        except TimeoutError:
            raise Rejected(
                f"{doing}: was accepted, and is not done after {self._within_s:g} s: {printable(path, most=80)} shows "
                f"{shown or 'no PowerState'}"
            ) from None

    async def _patch(self, path: str, document: Any, *, doing: str) -> None:
        await self._fresh(path)
        etag = self._session.etag(path)
        try:
            response = await self._session.send("PATCH", path, document, doing=doing, etag=etag)
        except Changed:
            await self._fresh(path)
            if not etag or self._session.etag(path) != etag:
                raise
            # Nobody changed it: the service refuses its own tag, as some do that count what they measure in it.
            response = await self._session.send("PATCH", path, document, doing=doing)
        await finished(self._session, response, within_s=self._within_s, doing=doing)
        self._session.forget()

    async def _fresh(self, path: str) -> Document:
        """A resource as it is now: what was read before a command is not asked about."""
        self._session.forget(path)
        document = await self._service.get(path)
        if document is None:
            raise Rejected(f"{printable(path, most=80)} is not there any more: the device is to be read again")
        return document


def _are_paths(*paths: str) -> bool:
    return all(path.startswith("/") for path in paths)
