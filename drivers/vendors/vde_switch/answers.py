"""What an answer of the console is: its data, and whether the command was done."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from device_profiles.names import printable
from drivers.errors import Garbled, Rejected

_ANSWER: Final = re.compile(
    r"\n*(?:0000 DATA END WITH '\.'\n(?P<data>.*?)^\.\n)?1(?P<errno>\d{3}) (?P<why>[^\n]*)\n*\Z",
    re.DOTALL | re.MULTILINE,
)
_DONE: Final = "000"
_ALREADY: Final = {"vlan/create": "017", "port/create": "017", "vlan/remove": "006", "vlan/delport": "006"}
"""Commands that say by this errno (EEXIST, ENXIO) that what they shall do is so."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The lines of an answer, its errno in three digits, and the device's word for it."""

    lines: tuple[str, ...]
    errno: str
    why: str


def parse(command: str, text: str) -> Answer:
    """The answer to ``command``. Raises :class:`~drivers.errors.Garbled` for one that is not whole."""
    match = _ANSWER.match(text)
    if match is None:
        raise Garbled(f"the answer to '{command}' does not end as the switch ends one: nothing was concluded from it")
    return Answer(tuple((match["data"] or "").splitlines()), match["errno"], match["why"])


def lines(command: str, text: str) -> tuple[str, ...]:
    """The data of an answer. Raises ``Garbled``, or ``Rejected`` where the switch refuses."""
    answer = parse(command, text)
    if answer.errno not in (_DONE, _ALREADY.get(command.partition(" ")[0])):
        raise Rejected(f"the switch refuses '{printable(command, most=60)}': 1{answer.errno} {printable(answer.why)}")
    return answer.lines
