"""What the end of a pass means for a node's conditions, and whether it is news that a generation was reached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from agents.approval import plan_of
from agents.choice import Choice
from agents.conditions import Conditions
from agents.contest import ended, put_back
from agents.findings import Finding
from agents.nodes import Node
from device_profiles.conditions import ConditionType
from device_profiles.wire import DriftItem
from drivers.errors import DeviceError, WrongDevice

_NO_CONTACT: Final = frozenset(
    {"Unreachable", "Crowded", "LineBusy", "AuthFailed", "SecretRefused", "WrongDevice", "Garbled", "Transient"}
)
_MOST_SHOWN: Final = 3
_WORTH_SAYING: Final = frozenset({"NoSuchPort", "Orphaned"})
"""Notes that a node that converged is told with."""


def answers(conditions: Conditions, detour: str, *, now: datetime) -> None:
    """The device answers; ``detour`` says so where it does over another access than the first."""
    reason, message = ("OtherAccess", detour) if detour else ("Answered", "the device answers")
    conditions.put("Reachable", True, reason, message=message, now=now)


def is_told(conditions: Conditions, detour: str) -> bool:
    """Whether the way by which the device answers is what was told last."""
    known = conditions.get("Reachable")
    return (known is not None and known.reason == "OtherAccess") == bool(detour)


def judge_success(node: Node, choice: Choice, *, identity: Mapping[str, str], now: datetime, detour: str = "") -> bool:
    """Set the conditions of a node that shows what this pass could reach; True where a generation is newly reached."""
    conditions, generation = node.conditions, node.desired.generation
    answers(conditions, detour, now=now)
    if identity:
        said = ", ".join(f"{kind} {value}" for kind, value in sorted(identity.items()))
        conditions.put("Identified", True, "Pinned", message=f"the device shows {said}", now=now)
    _held(node, now)
    _put_if_known(conditions, "Paused", choice.paused, ("Paused", "Resumed"), now=now)
    before = (node.settled, node.converged_generation)
    if not choice.owing:
        node.settled = node.accepted.mark
        if not choice.problems:
            node.converged_generation = generation
    reason, message = _why_not(choice)
    missing = "; ".join(str(note) for note in choice.notes if note.reason in _WORTH_SAYING)
    if reason:
        conditions.put("Converged", False, reason, message=message, now=now)
    elif node.others_unsaved:
        message = f"the device shows generation {generation}; it is not saved, since others had left changes unsaved "
        message += "there: save them on the device, or say save: always on the node"
        conditions.put("Converged", True, "ForeignUnsaved", message=message, now=now)
    else:
        message = f"the device shows generation {generation}" + (f"; {missing}" if missing else "")
        conditions.put("Converged", True, "Verified", message=message, now=now)
    return before != (node.settled, node.converged_generation)


def remember(node: Node, choice: Choice, *, drift: Iterable[DriftItem], proved: bool, now: datetime) -> bool:
    """Keep in mind what was put back (``drift`` that does not stand) and what waits; True where that waits anew."""
    standing = {item.path for item in choice.standing}
    node.contests = put_back(node.contests, [item.path for item in drift if item.path not in standing], now)
    if not proved:
        return False
    node.contests = ended(node.contests, now)
    node.wake_at = min(
        filter(None, (choice.holding.opens_at, choice.off.look_at, *(contest.until for contest in node.contests))),
        default=None,
    )
    if choice.back is None:
        node.exact = (node.exact | choice.holding.exact) & set(node.desired.exclusive)
    if choice.holding.plan is not None or not choice.holding.held:
        node.asked = choice.holding.plan
    before = node.waiting
    node.waiting = plan_of([item.step for item in choice.holding.held]).hash if choice.holding.held else ""
    return bool(node.waiting) and node.waiting != before


def _why_not(choice: Choice) -> tuple[str, str]:
    """Reason and sentence for a node that is not converged; empty where it is."""
    if choice.problems:
        return choice.problems[0].reason, _sentences(choice.problems)
    if choice.owing:
        return "Paused", "a new declaration waits: resume the node, or let the pause end"
    if choice.standing:
        paths = ", ".join(item.path for item in choice.standing[:_MOST_SHOWN])
        mode = "the node is paused" if choice.paused else "drift is only reported here"
        return "Drifted", f"{paths}: not as declared, and left so, since {mode}"
    return "", ""


def _sentences(problems: Sequence[Finding]) -> str:
    more = len(problems) - _MOST_SHOWN
    shown = "; ".join(str(item) for item in problems[:_MOST_SHOWN])
    return f"{shown}; and {more} more" if more > 0 else shown


def _held(node: Node, now: datetime) -> None:
    held = node.desired.held
    if held:
        shown = "; ".join(f"{item.path}: {item.message}" for item in held[:_MOST_SHOWN])
        node.conditions.put("Conflicted", True, "RolesDisagree", message=shown, now=now)
    else:
        _put_if_known(node.conditions, "Conflicted", False, ("", "RolesAgree"), now=now)


def _put_if_known(
    conditions: Conditions, kind: ConditionType, status: bool, reasons: tuple[str, str], *, now: datetime
) -> None:
    """Set a condition that is worth a word only when it is, or once was, so."""
    if status or conditions.get(kind) is not None:
        conditions.put(kind, status, reasons[0 if status else 1], message="", now=now)


def judge_failure(node: Node, error: DeviceError | None, *, read: bool, now: datetime) -> bool:
    """Set the conditions after an error; True where the error is news."""
    if error is None:
        return False
    conditions = node.conditions
    known = conditions.get("Converged"), conditions.get("Reachable")
    if isinstance(error, WrongDevice):
        conditions.put("Identified", False, error.reason, message=str(error), now=now)
    if read:
        conditions.put("Reachable", True, "Answered", message="the device answers", now=now)
    elif error.reason in _NO_CONTACT:
        conditions.put("Reachable", False, error.reason, message=str(error), now=now)
    # A generation that was proved stays proved while the device is away; one that was not cannot be called reached.
    if read or error.reason not in _NO_CONTACT or not node.was_settled:
        conditions.put("Converged", False, error.reason, message=str(error), now=now)
    return any(
        old is None or new is None or old.reason != new.reason
        for old, new in zip(known, (conditions.get("Converged"), conditions.get("Reachable")), strict=True)
    )
