"""What callers of the service ask of a node, answered by the node's own worker between its passes.

``preview`` and ``dry_run`` read the device and plan, and write nothing; ``converge`` runs a pass; ``rollback`` takes
passes back (the last, or all from the ``pass`` of its body on). The body of a dry run holds the ``desired`` state to
plan for. Whatever goes wrong is an answer with a reason, so that nobody waits in vain.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import orjson
from pydantic import TypeAdapter, ValidationError

from agents.choice import Choice, choose
from agents.connections import Device
from agents.desk import Desk
from agents.findings import Finding
from agents.journal import record_of
from agents.nodes import Node
from agents.passes import Pass
from agents.reports import digest_of, dump, state_json
from agents.rollback import backwards
from agents.store import rows
from device_profiles.desired import Desired
from device_profiles.problems import problems_of
from device_profiles.wire import AgentRequest, Answer
from drivers.errors import DeviceError

_DESIRED: Final = TypeAdapter(Desired)


async def answer_request(request: AgentRequest, node: Node, device: Device, *, desk: Desk) -> Answer:
    """Do what is asked of a node. Device errors are answers."""
    try:
        if request.kind == "converge":
            return await _run(Pass(node, device, desk=desk, cause="request"))
        if request.kind == "rollback":
            return await _roll_back(request, node, device, desk)
        desired = _DESIRED.validate_python(request.body["desired"]) if request.kind == "dry_run" else None
        return await _preview(node, device, desk, desired=desired)
    except DeviceError as error:
        return Answer(ok=False, reason=error.reason, message=str(error))
    except KeyError:
        return Answer(ok=False, reason="BadRequest", message="a dry run needs the desired state in its body")
    except ValidationError as error:
        first = problems_of(error)[0]
        return Answer(ok=False, reason="BadRequest", message=f"desired.{first.path}: {first.message}")


async def _run(work: Pass) -> Answer:
    result = await work.run()
    body = orjson.loads(dump(result.record))
    if result.error is None:
        return Answer(ok=True, body=body)
    return Answer(ok=False, body=body, reason=result.error.reason, message=str(result.error))


async def _roll_back(request: AgentRequest, node: Node, device: Device, desk: Desk) -> Answer:
    wanted = request.body.get("pass")
    kept = await desk.store.write(lambda db: rows.passes_of(db, node.name))
    back = backwards(kept, str(wanted) if wanted else None)
    return await _run(Pass(node, device, desk=desk, cause="request", back=back))


async def _preview(node: Node, device: Device, desk: Desk, *, desired: Desired | None) -> Answer:
    driver = await device.ready(node.accepted.assignment)
    want = node.want(driver.capabilities)
    observed = await device.call(lambda: driver.read(want))
    choice = choose(node, observed, driver=driver, protect=desk.settings.protect, now=desk.clock.now(), desired=desired)
    generation = (desired or node.desired).generation
    return Answer(ok=True, body=_plan(choice, generation=generation, observed_hash=digest_of(state_json(observed))))


def _plan(choice: Choice, *, generation: int, observed_hash: str) -> dict[str, Any]:
    steps = [orjson.loads(dump(record_of(step, "pending"))) for step in choice.steps]
    notes = [str(note) for note in choice.notes]
    if choice.paused:
        notes.append("the node is paused: nothing is written until it is resumed")
    return {
        "generation": generation,
        "observed_hash": observed_hash,
        "steps": steps,
        "notes": notes,
        "problems": _problems(choice.problems),
    }


def _problems(found: Sequence[Finding]) -> list[dict[str, str]]:
    return [{"reason": item.reason, "message": str(item)} for item in found]
