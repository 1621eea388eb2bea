"""Console servers, as data: from a TCP connection to one of their ports, and what their own keys there are.

A console server stands between us and a device's line. It may ask who is there, have a menu or a command line, say that
the port is somebody else's, and take some keys for itself. All that is one strictly loaded file per family in
``console_servers``, here and in the folders of plug-ins (:data:`device_profiles.catalogue.VARIABLE`); an access URL
names it (``telnet://cs1:23/7?server=lantronix_slc``).
"""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as File
from typing import Annotated, ClassVar, Final, Literal

from annotated_types import Gt
from pydantic import ConfigDict, TypeAdapter

from device_profiles.catalogue import VARIABLE
from device_profiles.names import ObjectName
from device_profiles.patterns import Pattern
from device_profiles.profile import ProfileError, load_strictly
from device_profiles.state import STRICT

FOLDER: Final = File(__file__).parent / "console_servers"
USER, PASSWORD, PORT = "{user}", "{password}", "{port}"
SSH: Final = "line+ssh"
"""The scheme of a line behind SSH."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a console server shows, as a whole line, and what is said then.

    ``{user}``, ``{password}`` and ``{port}`` are filled in. Steps come in order; one that is ``optional`` may be left
    out by the server. A step that says a user or a password is a part of its login.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    shows: Pattern
    say: str
    optional: bool = False

    @property
    def is_login(self) -> bool:
        """Whether it is only there where the server asks who is there."""
        return USER in self.say or PASSWORD in self.say


@dataclass(frozen=True, slots=True, kw_only=True)
class Escape:
    """Keys of a port's session that the server takes for itself, so that they must not reach it by chance.

    Where ``keys`` are about to be sent, ``instead`` is sent in the place of the last of them: what has the device get
    them all the same, or nothing where the server has no way for that. ``after_enter``: they count only at the
    beginning of what is a line to the server.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    keys: str
    instead: str = ""
    after_enter: bool = False

    def __post_init__(self) -> None:
        if not self.keys:
            raise ValueError("keys: there must be one at least")


@dataclass(frozen=True, slots=True, kw_only=True)
class OverSsh:
    """How a port is reached by SSH, where the login is SSH's own.

    Either a TCP port of the server's leads there, or the path of the URL names the port as ``port`` has it, and then
    ``user`` is who logs in.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    port: Pattern = ""
    user: str = USER


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleServer:
    """A family of console servers. All patterns stand for a whole line; ``sources`` say where the facts are from.

    ``over`` is empty where it is reached by SSH alone; all of its steps are behind that login then. ``port`` is what
    its ports are called in the path of a URL, where the TCP port does not say it. ``login``: whether the server asks
    who is there ``always``, where it was ``set`` to, or ``never``. ``reached`` is what it shows when
    the port is ours; where it shows nothing, the port is ours when the steps are done and nothing of ``refused``
    (the login), ``busy`` (whose it is says its group ``who``), ``missing`` or ``down`` follows within ``settle_s``.
    ``moved`` is what sends us to another TCP port, its group ``port``. ``hangs_up``: it refuses the TCP connection
    while the port is somebody's. ``leave`` is sent when the line is closed; ``break_by`` are its keys for a break, or
    ``telnet`` for telnet's own, or empty where it has none.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    name: ObjectName
    title: str
    sources: tuple[str, ...]
    over: tuple[Literal["telnet", "tcp"], ...]
    ssh: OverSsh | None = None
    port: Pattern = ""
    login: Literal["always", "set", "never"] = "never"
    steps: tuple[Step, ...] = ()
    reached: Pattern = ""
    refused: tuple[Pattern, ...] = ()
    busy: tuple[Pattern, ...] = ()
    missing: tuple[Pattern, ...] = ()
    down: tuple[Pattern, ...] = ()
    moved: Pattern = ""
    hangs_up: bool = False
    settle_s: Annotated[float, Gt(0)] = 0.5
    leave: str = ""
    break_by: str = ""
    escapes: tuple[Escape, ...] = ()

    @property
    def schemes(self) -> tuple[str, ...]:
        """By which access URLs it is reached."""
        return self.over if self.ssh is None else (*self.over, SSH)

    @property
    def needs_user(self) -> bool:
        """Whether its login has a user in any case."""
        return any(USER in step.say and not step.optional for step in self.steps)

    def __post_init__(self) -> None:
        if self.steps and self.steps[-1].optional and not self.reached:
            raise ValueError("steps: the last one must be there, or reached must say when they are done")
        if not self.schemes:
            raise ValueError("over: say how it is reached")
        if not self.sources:
            raise ValueError("sources: say where the facts are from")
        if any(PORT in step.say for step in self.steps) and not self.port:
            raise ValueError("port: a step says {port}, and nothing says what that may be")
        if self.login != "never" and not any(PASSWORD in step.say for step in self.steps):
            raise ValueError("login: no step says {password}")


_ADAPTER: Final = TypeAdapter(ConsoleServer)


def console_servers() -> Mapping[str, ConsoleServer]:
    """Every family by name, those of plug-ins too. Raises :class:`~device_profiles.profile.ProfileError`."""
    plugged = (File(text) / FOLDER.name for text in os.environ.get(VARIABLE, "").split(os.pathsep) if text)
    return load_console_servers(FOLDER, *plugged)


@functools.cache
def load_console_servers(*folders: File) -> Mapping[str, ConsoleServer]:
    """All families of folders by name; one name twice is an error, too.

    Raises :class:`~device_profiles.profile.ProfileError`.
    """
    found: dict[str, ConsoleServer] = {}
    for file in (file for folder in folders for file in sorted(folder.glob("*.toml"))):
        if file.stem in found:
            raise ProfileError(f"{file.name}: there is another console server of this name")
        found[file.stem] = load_strictly(file, _ADAPTER)
    return dict(sorted(found.items()))
