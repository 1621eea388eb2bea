"""VLANs as objects of a switch: what a configuration defines, and the steps that make, name and remove one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from device_profiles.documents import Allow
from device_profiles.names import printable
from device_profiles.paths import Path
from device_profiles.profile import Profile
from device_profiles.state import Vlan
from drivers.contract import Step
from drivers.errors import Unsupported
from drivers.planning import Edit, Phase
from drivers.switching.blocks import Block
from drivers.switching.reading import LONGEST_TEXT, garbled
from drivers.switching.rows import Rows


def refuse_reserved(edit: Edit, profile: Profile) -> None:
    """Raise :class:`~drivers.errors.Unsupported` for a VLAN of the switch itself; VLAN 1 may have another name."""
    number = int(edit.key)
    if number in profile.reserved_vlans or (number == 1 and edit.phase is Phase.REMOVE_VLANS):
        raise Unsupported(f"vlans.{number} is reserved by the switch: take it out of the role")


def step(edit: Edit, rows: Rows, *, name: str, needs: tuple[Allow, ...] = ()) -> Step:
    """The step of one edit of a VLAN; ``name`` is shown to people, and may be empty."""
    path: Path = ("vlans", edit.key)
    made, removed = edit.before is None, edit.phase is Phase.REMOVE_VLANS
    verb = "remove" if removed else "make" if made else "name"
    return Step(
        capability="vlans" if made or removed else "vlans.name",
        text=f"VLAN {edit.key}: {verb} {name}".rstrip(),
        commands=tuple(rows.commands),
        undo=tuple(rows.undo),
        impact="none",
        touches=(path,) if removed else edit.paths,
        creates=(path,) if made else (),
        removes=(path,) if removed else (),
        needs=needs,
    )


def declared_name(edit: Edit) -> str:
    """The name that an edit gives a VLAN; an empty text where it gives none, or removes it."""
    return "" if edit.phase is Phase.REMOVE_VLANS else edit.after.name or ""


def rows(edit: Edit, made: Callable[[int, Vlan], Iterable[str]], gone: Callable[[int], Iterable[str]]) -> Rows:
    """What an edit tells where a VLAN is ``made`` and named by the same lines; ``gone`` removes it."""
    number = int(edit.key)
    if edit.phase is Phase.REMOVE_VLANS:
        return Rows(gone(number), made(number, edit.before))
    return Rows(made(number, edit.after), gone(number) if edit.before is None else made(number, edit.before))


def defined(
    blocks: Iterable[Block],
    head: re.Pattern[str],
    *,
    numbers: Callable[[str], frozenset[int]],
    unnamed: Callable[[int], str],
) -> dict[int, Vlan]:
    """The VLANs of a configuration whose blocks begin like ``head``, a list of ``numbers`` in its group.

    One without a name has that of ``unnamed``, unless another block names it. VLAN 1 is there in any case. Raises
    :class:`~drivers.errors.Garbled` for a list that cannot be read.
    """
    found = {1: Vlan(name=unnamed(1))}
    named: dict[int, Vlan] = {}
    for match, lines in _heads(blocks, head):
        try:
            listed = numbers(match[1])
        except ValueError:
            raise garbled("the list of VLANs", match[0]) from None
        names = [line.removeprefix("name ") for line in lines if line.startswith("name ")]
        for number in listed:
            if names:
                named[number] = Vlan(name=printable(names[-1], most=LONGEST_TEXT))
            else:
                found[number] = Vlan(name=unnamed(number))
    return dict(sorted({**found, **named}.items()))


def _heads(blocks: Iterable[Block], head: re.Pattern[str]) -> Iterator[tuple[re.Match[str], Sequence[str]]]:
    for block in blocks:
        match = head.match(block.head)
        if match is not None:
            yield match, block.lines
