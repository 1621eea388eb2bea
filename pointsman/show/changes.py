"""What `apply` changed or would change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pointsman.show.output import Branch, print_tree, say
from pointsman.show.plans import add_steps
from pointsman.show.text import value_text

Json = Mapping[str, Any]


def print_applied(answer: Json) -> None:
    """What was stored, and which generation each node has now."""
    for line in applied_lines(answer):
        say(line)


def applied_lines(answer: Json) -> Iterator[str]:
    """One line for each kind that changed, and one for the nodes."""
    changed = [(kind, names) for kind, names in answer["changed"].items() if names]
    for kind, names in changed:
        yield f"changed {kind}: {', '.join(names)}"
    for kind, names in (answer.get("deleted") or {}).items():
        if names:
            yield f"deleted {kind}: {', '.join(names)}"
    if not changed:
        yield f"nothing changed: all {answer['unchanged']} objects are declared so already"
    elif answer.get("unchanged"):
        yield f"unchanged: {answer['unchanged']}"
    if answer["nodes"]:
        yield "nodes: " + ", ".join(f"{node} at generation {number}" for node, number in answer["nodes"].items())
    if answer.get("unbound"):
        yield f"unbound: {', '.join(value_text(item) for item in answer['unbound'])}"


def print_dry_run(answer: Json) -> None:
    """What would be stored, what that would change of each node's desired state, and its plan."""
    say("dry run: nothing was stored")
    for line in applied_lines(answer):
        if not line.startswith("nodes: "):
            say("would be " + line if line.startswith(("changed", "deleted")) else line)
    for node, plan in (answer.get("plans") or {}).items():
        print_tree(dry_run_tree(node, plan))


def dry_run_tree(node: str, plan: Json) -> Branch:
    """One node: its desired state before and after, and the steps or why there are none."""
    branch = Branch(node)
    diff = plan.get("compiled_diff") or ()
    declared = branch.add(f"declared: {len(diff)} leaves change" if diff else "declared: no change")
    for item in diff:
        roles = f" ({', '.join(item['roles'])})" if item.get("roles") else ""
        declared.add(f"{item['path']}: {value_text(item['before'])} -> {value_text(item['after'])}{roles}")
    if plan.get("unavailable"):
        branch.add(f"no plan: {plan['unavailable']['reason']}: {plan['unavailable']['message']}")
    else:
        steps = plan.get("plan") or ()
        add_steps(branch.add(f"plan: {len(steps)} steps" if steps else "plan: nothing to change"), steps)
    return branch
