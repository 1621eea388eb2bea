"""A plan as people see it: made from a fresh reading, with everything that a pass would find in its way."""

from __future__ import annotations

from typing import Any

import orjson

from agents.considering import Considered, Considering
from agents.holding import waits
from agents.journal import record_of
from agents.reports import digest_of, dump, state_json
from device_profiles.state import State
from drivers.contract import Driver


async def preview(considering: Considering, driver: Driver) -> dict[str, Any]:
    """Read the open device and plan; nothing is written. Raises :class:`~drivers.errors.DeviceError`."""
    node, device = considering.node, considering.device
    want = node.want(driver.capabilities)
    observed = await device.call(lambda: driver.read(want))
    considered = await considering.consider(driver, observed)
    if considered.way_back is not None:
        await considered.way_back.close()
    generation = (considering.desired or node.desired).generation
    return plan_of(considered, observed, generation=generation)


def plan_of(considered: Considered, observed: State, *, generation: int) -> dict[str, Any]:
    """The body of a preview."""
    choice = considered.choice
    notes = [str(note) for note in choice.notes]
    if choice.paused:
        notes.append("the node is paused: nothing is written until it is resumed")
    if considered.way_back is not None:
        notes += [f"this touches {way}: it is tried, and undone over {considered.way_back.url}" for way in choice.cuts]
    steps = (*choice.steps, *(item.step for item in choice.holding.held))
    return {
        "generation": generation,
        "observed_hash": digest_of(state_json(observed)),
        "steps": [orjson.loads(dump(record_of(step, "pending"))) for step in steps],
        "plan": choice.holding.plan.hash if choice.holding.plan is not None else "",
        "waits": orjson.loads(dump(waits(choice.holding.held, after=len(choice.steps)))),
        "notes": notes,
        "problems": [{"reason": item.reason, "message": str(item)} for item in choice.problems],
    }
