"""How a device's command line speaks, as data: prompts, modes, login, paging, refusals.

One session layer (``drivers.cli``) reads this for every vendor. All patterns are regular expressions over one line as a
terminal would show it. A prompt is the *whole* last line, and it is learned: once the device's name is known, only
prompts with that name count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

from annotated_types import Ge, Gt, Le
from pydantic import ConfigDict

from device_profiles.names import ObjectName
from device_profiles.patterns import LinePattern, Pattern, PromptPattern, at_line_start

_STRICT: Final = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """A state of the command line that shows in its prompt.

    ``enter`` leads here from ``parent``, ``leave`` leads back there. ``password`` is what asks for a secret on the way
    in (enable). ``silent``: a command that is accepted says nothing here, so an empty answer needs no confirmation.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    name: ObjectName
    prompt: PromptPattern
    parent: str = ""
    enter: str = ""
    leave: str = ""
    password: Pattern = ""
    silent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginPrompts:
    """What a line asks of who connects (telnet, a console), and what it says to the wrong one.

    ``wake`` is sent where such a line says nothing for ``wake_s``: a console waits for somebody to press a key. It
    begins with Ctrl-U, which erases what somebody else typed and did not send. ``enter`` is what the Enter key sends on
    a serial line; there every line ends with it.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    user: LinePattern = r"(?i)(.* )?(user ?name|login) ?: ?"
    password: Pattern = r"(?i)(.* )?password ?: ?"  # noqa: S105 -- a prompt, no password
    failed: tuple[Pattern, ...] = (
        r"(?i).*(login incorrect|(authentication|login) (failed|invalid)|access denied|bad (passwords|secrets))",
    )
    wake: str = "\x15\n"
    enter: str = "\r"
    wake_s: Annotated[float, Gt(0)] = 2.0

    @property
    def asks_user(self) -> str:
        """The pattern of a line that asks for a user.

        That is ``user``, but never what login(1) tells whom it lets in: ``Last login: Sat Nov 21`` may come in pieces.
        """
        return f"(?!(?i:last login)){at_line_start(self.user)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCommand:
    """A command that makes a fresh session fit for us. Where it ``may_fail``, the device may not know it."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    send: str
    may_fail: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    """What stops a long answer, the key that goes on, and after how many pages an answer has no end.

    ``stop`` is the key that ends an answer of somebody else, who left a line in the middle of it.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    prompt: Pattern
    key: str = " "
    stop: str = "q"
    most_pages: Annotated[int, Ge(1), Le(100_000)] = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question that the device asks before it does what it was told, and what is answered."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    asks: Pattern
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """A last line that tells that no command line is there: nothing is typed then. ``is_at`` is said to people."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    shows: Pattern
    is_at: str


STARTING: Final = "is starting: wait until it is up"
BOOT_LOADER: Final = "stands at its boot loader: boot it"
DIALOG: Final = "stands at its set-up dialog: answer or leave it by hand"
OBSTACLES: Final = (
    # U-Boot, Cisco's and HPE's boot ROMs say this while they count down; any key would stop the start.
    Obstacle(
        shows=r"(?i).*(stop autoboot|any key to (stop|abort|interrupt)|to enter .*boot ?(menu|rom)).*", is_at=STARTING
    ),
    Obstacle(
        # Cisco (switch:, rommon, loader), U-Boot, Arista, Junos and FreeBSD, Marvell, ONIE, Brocade.
        shows=r"(?i)(switch: ?|rommon( ?\d+)? ?>|loader ?>|=>|(u-?boot|marvell|aboot|boot|grub|cfe|bootrom)( ?[>#])+"
        r"|onie:.*[#$]|ok ?>|\[ vxworks boot\]:|boot monitor>)",
        is_at=BOOT_LOADER,
    ),
    Obstacle(shows=r"(?i)enter your choice ?\(.*\): ?", is_at=BOOT_LOADER),
    Obstacle(
        shows=r"(?i).*(configuration dialog|terminate autoinstall|power[- ]on auto provisioning|set-?up wizard"
        r"|basic management setup).*[?:] ?(\[?\(?y(es)?/no?\)?\]?)?[^\n]{0,12}[:?]? ?",
        is_at=DIALOG,
    ),
)
"""Where a device of any vendor may stand instead of at its command line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """The commands of a CLI with a candidate configuration. ``{minutes}`` is filled into ``commit_confirmed``."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    commit: str
    discard: str
    commit_confirmed: str = ""
    confirm: str = ""
    compare: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cli:
    """A command line.

    ``home`` is the mode in which a device is asked (the first one where nothing is said). ``host`` is what a device's
    name looks like in a prompt; a prompt may show only its first ``host_cut`` characters. ``comment`` is a line that
    changes nothing and may carry a ``{nonce}``: its echo proves that the prompt before it was the device's own and not
    a text in its answer (an empty line where the CLI has no comments). ``failures`` are lines by which it refuses;
    ``busy`` those by which it says that somebody else configures it now. ``noise`` are lines that it prints whenever
    it likes (log messages on a console); they are taken out of answers. ``columns`` is the longest command that it
    takes whole. ``save`` makes the configuration survive a restart. ``obstacles`` are last lines that show that the
    device has no command line just now.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    modes: tuple[Mode, ...]
    home: str = ""
    newline: str = "\n"
    host: Pattern = r"[\w.:/@~-]+"
    host_cut: Annotated[int, Ge(0)] = 0
    echo: bool = True
    login: LoginPrompts = LoginPrompts()
    open: tuple[OpenCommand, ...] = ()
    pager: Pager | None = None
    failures: tuple[LinePattern, ...] = ()
    busy: tuple[LinePattern, ...] = ()
    questions: tuple[Question, ...] = ()
    noise: tuple[LinePattern, ...] = ()
    comment: str = ""
    columns: Annotated[int, Ge(40)] = 250
    save: tuple[str, ...] = ()
    candidate: Candidate | None = None
    logout: str = ""
    obstacles: tuple[Obstacle, ...] = OBSTACLES

    def __post_init__(self) -> None:
        names = [mode.name for mode in self.modes]
        if not names or len(set(names)) != len(names):
            raise ValueError("modes: there must be one at least, and each has its own name")
        for mode in self.modes:
            if mode.parent and (mode.parent not in names[: names.index(mode.name)] or not mode.leave):
                raise ValueError(f"modes: {mode.name}: its parent stands before it, and leave leads back there")
        if self.home and self.home not in names:
            raise ValueError(f"home: there is no mode {self.home}")

    @property
    def home_mode(self) -> str:
        """The mode in which a device is asked."""
        return self.home or self.modes[0].name

    def way_up(self, name: str) -> Iterator[Mode]:
        """The modes from ``name`` to the outermost."""
        by_name = {mode.name: mode for mode in self.modes}
        while name:
            yield by_name[name]
            name = by_name[name].parent
