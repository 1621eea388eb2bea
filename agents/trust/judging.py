"""Whether what the service offers for a node is newer than what was accepted of it before: pure rules.

Within an epoch of the service numbers grow. Of another epoch only content counts: a database that was put back says
little that is true of the devices, and what it says by chance is no reason to touch one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from agents.assignments import Accepted


@dataclass(frozen=True, slots=True)
class Verdict:
    """Accept it; or go on with what there is, and say ``why`` (empty: there is nothing to say)."""

    accept: bool
    why: str = ""


ACCEPT: Final = Verdict(accept=True)
KEEP: Final = Verdict(accept=False)
_WAY_OUT: Final = "declare anew what is missing, or have it accepted with `pointsman overrule {node}`"


def judge(held: Accepted | None, offered: Accepted, *, behind: str) -> Verdict:
    """``behind``: why the service as a whole is older than this agent; empty where it is not."""
    if held is None:
        return _refused(offered, behind, kept="the node is not taken on") if behind else ACCEPT
    if not held.epoch or offered.overrules == held.holds:
        return ACCEPT
    same = held.content == offered.content
    if behind:
        return KEEP if same else _refused(held, behind)
    if held.epoch != offered.epoch:
        return ACCEPT if same else _refused(held, _other_epoch(held, offered))
    return _within_epoch(held, offered, same=same)


def judge_gone(held: Accepted, *, epoch: str, overrules: str, behind: str) -> Verdict:
    """Whether a node may be let go that the service does not assign any more."""
    if not held.epoch or overrules == held.holds:
        return ACCEPT
    if behind:
        return _refused(held, behind)
    if held.epoch != epoch:
        return _refused(held, "the service was put back to a state that does not know this node with this agent")
    return ACCEPT


def _within_epoch(held: Accepted, offered: Accepted, *, same: bool) -> Verdict:
    before, now = held.assignment, offered.assignment
    if now.born > before.born:
        return ACCEPT
    old, new = before.desired.generation, now.desired.generation
    if new < old:
        return _refused(held, f"the service offers generation {new}, and generation {old} was accepted before")
    if new == old and not same:
        return _refused(held, f"the service offers generation {new} with other content than was accepted before")
    if (before.lease is None) == (now.lease is None) and now.fence < before.fence:
        return _refused(held, f"the service hands the node out by fence {now.fence}, and {before.fence} was held")
    return ACCEPT


def _other_epoch(held: Accepted, offered: Accepted) -> str:
    old, new = held.assignment.desired.generation, offered.assignment.desired.generation
    return (
        f"the service was put back to an older state: it offers generation {new}, "
        f"and generation {old} with other content was accepted before"
    )


def _refused(held: Accepted, why: str, *, kept: str = "") -> Verdict:
    kept = kept or f"the device is kept at generation {held.assignment.desired.generation}"
    return Verdict(accept=False, why=f"{why}; {kept}: {_WAY_OUT.format(node=held.assignment.node)}")
