"""Plans and passes: what would be done, and what was done, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pointsman.show.output import Branch, print_tree
from pointsman.show.text import ago, value_text

Json = Mapping[str, Any]

_SHORTEST: Final = 120
_MARKS: Final = {
    "done": "done",
    "failed": "FAILED",
    "intended": "not known whether it was done",
    "pending": "not done",
    "undone": "undone",
}


def print_plan(node: str, plan: Json) -> None:
    """A plan with its commands, and what stands in its way."""
    print_tree(plan_tree(node, plan))


def plan_tree(node: str, plan: Json) -> Branch:
    """A preview, or the last plan reported, as a tree."""
    steps = plan.get("steps") or ()
    when = f", planned {ago(plan['at'])}" if plan.get("at") else ""
    count = "nothing to change" if not steps else f"{len(steps)} step{'s' if len(steps) > 1 else ''}"
    branch = Branch(f"{node}: {count} (generation {value_text(plan.get('generation'))}{when})")
    add_steps(branch, steps)
    add_waits(branch, plan)
    for sentence in plan.get("notes") or ():
        branch.add(f"note: {sentence}")
    # What waits was said with its steps.
    waits = {wait["reason"] for wait in plan.get("waits") or ()}
    for problem in plan.get("problems") or ():
        if problem["reason"] in waits:
            continue
        branch.add(f"{problem['reason']}: {problem['message']}")
    return branch


def add_steps(branch: Branch, steps: Sequence[Json], *, status: bool = False) -> None:
    """Each step's sentence, its impact where it has one, and its commands below."""
    for step in steps:
        impact = f" [{step['impact']}]" if step["impact"] != "none" else ""
        mark = f" ({_MARKS[step['status']]})" if status and step["status"] != "done" else ""
        twig = branch.add(f"{step['text']}{impact}{mark}")
        for command in step.get("commands") or ():
            twig.add(command)


def add_waits(branch: Branch, plan: Json) -> None:
    """What is waited for, for which steps, and the hash by which it is approved."""
    for wait in plan.get("waits") or ():
        numbers = ", ".join(map(str, wait["steps"]))
        branch.add(f"{wait['reason']} (step{'s' if len(wait['steps']) > 1 else ''} {numbers}): {wait['message']}")
    if plan.get("plan"):
        approved = any(item["plan"] == plan["plan"] for item in plan.get("approved") or ())
        branch.add(f"plan {plan['plan']}{', approved' if approved else ''}")


def print_pass(node: str, record: Json) -> None:
    """One pass: how it ended and what it did."""
    print_tree(pass_tree(node, record))


def pass_tree(title: str, record: Json) -> Branch:
    """A pass as a tree."""
    device_ms = f", {record['device_ms']:.0f} ms of the device" if record.get("device_ms") else ""
    whose = "offline generation" if record.get("offline") else "generation"
    branch = Branch(f"{title}: {record['outcome']} ({whose} {record['generation']}{device_ms})")
    if record.get("message"):
        branch.add(f"{record['reason']}: {record['message']}")
    for item in record.get("drift") or ():
        declared, found = value_text(item["expected"]), value_text(item["found"])
        branch.add(f"drift found: {item['path']}: declared {declared}, found {found}")
    add_steps(branch, record.get("steps") or (), status=True)
    add_waits(branch, record)
    return branch


def sentences(record: Json) -> list[str]:
    """What a pass did, a sentence each."""
    return [step["text"][:_SHORTEST] for step in record.get("steps") or () if step["status"] == "done"]
