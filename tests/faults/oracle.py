"""What must hold after every schedule, whatever happened in it. Each sentence that is returned is a violation."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agents.elements import elements
from agents.reports import dump
from device_profiles.leaves import FIELDS, objects
from device_profiles.state import State
from tests.faults.switch import elements_of, is_cut
from tests.faults.world import CANARY, World, marks

_SETTLED = ("CutOff", "ChangedMeanwhile", "Interrupted")
"""How a pass ends that waited to be confirmed."""
_BY_OTHERS = {"drift", "theirs", "restart"}
"""What changes the device, and is not ours."""
_HARMLESS = {"cut", "cut_silently", "drift", "theirs", "declare"}
"""What leaves the agent, its store and the second way as they are."""


def converged(world: World) -> tuple[bool | None, str]:
    """What was last told of the node: status and reason of ``Converged``."""
    return world.service.condition("sw1", "Converged") or (None, "nothing")


def lacking(wanted: State, shown: State) -> Iterator[str]:
    """What is declared and not shown: fields as declared, sets at least with their elements."""
    for section, key, item in objects(wanted):
        found = getattr(shown, section).get(int(key) if section == "vlans" else key)
        if found is None:
            yield f"{section}.{key}"
            continue
        for field in FIELDS[section]:
            want, have = field.get(item), field.get(found)
            if isinstance(want, tuple):
                if elements(want).keys() - elements(have).keys():
                    yield f"{section}.{key}.{'.'.join(field.names)}: {have}"
            elif want is not None and want != have:
                yield f"{section}.{key}.{'.'.join(field.names)}: {have}"


def rests(world: World, reason: str) -> bool:
    """Whether the node may rightly stay unconverged for this reason."""
    ends = world.declared.ends
    if reason == "ChangedMeanwhile" and "CutOff" in ends:
        # Nothing but an outage of the first way does not keep the agent from undoing, and from proving that.
        return reason in ends or bool(world.seen - _HARMLESS)
    return reason in ends or (reason == "RolledBack" and "rollback" in world.seen)


def after_faults(world: World) -> Iterator[str]:
    """When all faults are over and the agent had its time: as declared, or rightly taken back, and never half."""
    status, reason = converged(world)
    declared, shown = world.declared, world.switch.state
    if status is True:
        for path in lacking(declared.state, shown):
            yield f"told converged, but not so: {path}"
        if not world.service.converged("sw1", world.generation):
            yield "the generation was not told as converged"
    elif not rests(world, reason):
        yield f"never converged: {reason}"
    mended = reason == "ChangedMeanwhile"
    if mended and not _BY_OTHERS & world.seen:
        yield "told that others changed it meanwhile, and nobody did"
    if is_cut(shown) and not mended:
        yield "locked out: the first access is cut"
    by_hand = {"drift", "theirs"} & world.seen
    if reason == "CutOff" and not by_hand:
        # What others changed in between is not undone: then a part may rightly stay (decision 0008).
        left = marks(shown) - world.old.get(world.generation, marks(shown))
        if left:
            yield f"neither the old nor the new state: {sorted(left)} is left of a change that was taken back"


def obeyed(world: World) -> Iterator[str]:
    """Before anybody overrules: nobody did what a service said that had forgotten what came after."""
    for generation, since in world.lost if "clock" not in world.seen else ():
        for report in world.service.of("sw1"):
            if report.at > since and report.converged_generation == generation:
                yield f"generation {generation} of a service that was put back was obeyed"


def ownership(world: World, ledger: dict[str, str]) -> Iterator[str]:
    """The ledger names what we made and nothing else."""
    switch = world.switch
    made, entered = switch.ours - switch.disputed, {path for path in ledger if path.count(".") != 2} - switch.disputed
    for path in sorted(made - entered):
        yield f"made by us, and not in the ledger: {path}"
    for path in sorted(entered - made):
        yield f"in the ledger, and not made by us: {path}"
    for path, state in ledger.items():
        if state != "confirmed":
            yield f"{path} is still {state}"


def others(world: World, before: frozenset[str], theirs: Any) -> Iterator[str]:
    """What others made is there."""
    shown, switch = world.switch.state, world.switch
    for path in sorted(before - elements_of(shown) - switch.disputed):
        yield f"made by others, and gone: {path}"
    if (shown.ports["p5"], shown.vlans.get(70), shown.vlans.get(71)) != theirs:
        yield "what others set was changed"


def reports(world: World, folder: Path) -> Iterator[str]:
    """Every pass told once, the last word true, and nothing left in the queue."""
    service = world.service
    records = [report.record for report in service.of("sw1") if report.record]
    told = {record.id: record for record in records}
    for pass_id, count in Counter(record.id for record in records).items():
        # One that could not be ended is told of, and again when it was.
        if count > 1 + (told[pass_id].reason in _SETTLED):
            yield f"pass {pass_id} told {count} times"
    for pass_id in sorted(world.begun.keys() - told.keys()):
        yield f"pass {pass_id} was begun and never told"
    seqs = sorted(service.reports)
    quiet = not service.went_away and not {"lose_answer", "full"} & world.seen
    if quiet and seqs != list(range(1, len(seqs) + 1)):
        yield f"seqs have gaps: {seqs}"
    with_state = [report.observed for report in service.of("sw1") if report.observed is not None]
    if with_state and with_state[-1] != world.switch.state:
        yield "the state that was last told is not that of the device"
    told_ledger = [report.ledger for report in service.of("sw1") if report.ledger is not None]
    last = {entry.path: entry.state for entry in told_ledger[-1]} if told_ledger else {}
    if last != ledger_of(folder):
        yield f"the ledger that was last told is another: {last}"
    waiting, open_passes = _rows(folder)
    if waiting:
        yield f"{waiting} reports wait for ever"
    if open_passes:
        yield f"passes without an end: {open_passes}"


def secrets(world: World, logged: list[Any], folder: Path) -> Iterator[str]:
    """The secret is in nothing that leaves the agent or lies on its disk."""
    if any(CANARY in repr(entry) for entry in logged):
        yield "the secret is in the log"
    if any(CANARY.encode() in dump(report) for report in world.service.reports.values()):
        yield "the secret is in a report"
    if any(CANARY in repr(answer) for answer in world.service.answers.values()):
        yield "the secret is in an answer"
    if any(CANARY.encode() in file.read_bytes() for file in folder.glob("agent.db*")):
        yield "the secret is on the agent's disk"


def ledger_of(folder: Path) -> dict[str, str]:
    """The ledger as it is on the agent's disk."""
    return dict(_ask(folder, "SELECT path, state FROM ledger"))


def _rows(folder: Path) -> tuple[int, list[str]]:
    ((waiting,),) = _ask(folder, "SELECT count(*) FROM outbox")
    found = _ask(folder, "SELECT id FROM passes WHERE phase != 'reported' OR way != ''")
    return waiting, [pass_id for (pass_id,) in found]


def _ask(folder: Path, query: str) -> list[Any]:
    db = sqlite3.connect(folder / "agent.db")
    try:
        return db.execute(query).fetchall()
    finally:
        db.close()
