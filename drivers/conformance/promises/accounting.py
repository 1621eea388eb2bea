"""What a step says of itself: the ledger remembers what it ``creates``, and the guard asks what it ``touches``.

A path that a step claims to have made, and that was there before, would be removed one day although it was found; one
that it makes without a word stays for ever. So each step is held against a reading before it and one after it.
"""

from __future__ import annotations

from collections.abc import Iterator

from device_profiles.leaves import RULES, is_element, leaves
from device_profiles.paths import Path, render_path, shape_of
from device_profiles.state import State
from drivers.conformance.promise import promise, writable
from drivers.conformance.trial import Broken, Trial
from drivers.contract import Step

_OF_A_BUNDLE = frozenset({"enabled", "mtu"})
"""What a bundle and its members have in common: it shows at one where it was told to the other."""


@promise("says truly what a step makes, takes away and touches", excuse=writable)
async def accounts_for_its_steps(trial: Trial) -> None:
    for case in trial.goals.cases:
        opened = await trial.settle(trial.goals.bystander(), case.before)
        before = await trial.read(opened)
        for step in await trial.plan(opened, case.after):
            await trial.apply(opened, step)
            after = await trial.read(opened)
            for lie in _lies(step, before, after):
                raise Broken(f"{case.name}: '{step.text}' {lie}")
            before = after


def _lies(step: Step, before: State, after: State) -> Iterator[str]:
    was, shown = set(leaves(before)), set(leaves(after))
    yield from (f"says that it creates {render_path(path)}, which was there" for path in step.creates if path in was)
    yield from (f"says that it creates {render_path(path)}, and it is not there" for path in set(step.creates) - shown)
    yield from (f"says that it removes {render_path(path)}, and it is there" for path in step.removes if path in shown)
    yield from (f"makes {render_path(path)}, and does not say so" for path in _silent(shown - was, step.creates, step))
    yield from (f"removes {render_path(path)}, and is silent" for path in _silent(was - shown, step.removes, step))
    yield from _untold(step, before, after)


def _silent(paths: set[Path], said: tuple[Path, ...], step: Step) -> Iterator[Path]:
    """Objects and elements that came or went without a word, and not with an object that was named as a whole."""
    whole = {path for path in (*step.touches, *step.removes) if len(path) == 2}
    for path in sorted(paths - set(said)):
        if is_element(path) and path[:2] not in whole - {path}:
            yield path


def _untold(step: Step, before: State, after: State) -> Iterator[str]:
    was, shown = leaves(before), leaves(after)
    bundles = (("ports", path[1]) for path in step.creates if path[0] == "lags")  # a new LAG comes with its port
    told = (*step.touches, *step.creates, *step.removes, *bundles)
    together = {(*path[:2], _group(path)) for path in told}
    for path in sorted({*was, *shown}):
        if was.get(path) == shown.get(path) or any(path[: len(one)] == one for one in told):
            continue
        if (*path[:2], _group(path)) in together or _shared(path, told, (before, after)):
            continue
        yield f"changes {render_path(path)}, and does not say that it touches it"


def _group(path: Path) -> str:
    """What changes together with a leaf: its group, its set, or itself."""
    rule = RULES.get(shape_of(path))
    if rule is not None and rule.observed_only:
        return "switching"
    return (rule.group if rule is not None else None) or ".".join(path[2:3])


def _shared(path: Path, told: tuple[Path, ...], states: tuple[State, State]) -> bool:
    """Whether a port shows what was told to its bundle, or to a member of it."""
    if path[0] != "ports" or path[2:] not in {(field,) for field in _OF_A_BUNDLE}:
        return False
    bundles = [{name, *(lag.members or ())} for state in states for name, lag in state.lags.items()]
    named = {one[1] for one in told}
    return any(path[1] in bundle and not bundle.isdisjoint(named) for bundle in bundles)
