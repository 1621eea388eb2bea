"""What callers of the service ask of a node, answered by the node's own worker between its passes.

``preview`` and ``dry_run`` read the device and plan, and write nothing (the body of a dry run holds the ``desired``
state to plan for); ``converge`` runs a pass; ``rollback`` takes passes back (the last, or all from the ``pass`` of its
body on); ``replace`` shows the device that answers now, and takes it with its approval. Whatever goes wrong is an
answer with a reason, so that nobody waits in vain.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import orjson
from pydantic import TypeAdapter, ValidationError

from agents.connections import Device
from agents.considering import Considering
from agents.desk import Desk
from agents.nodes import Node
from agents.passes import Pass
from agents.previews import preview
from agents.replacing import replace_device
from agents.reports import dump
from agents.rollback import backwards
from agents.store import rows
from device_profiles.desired import Desired
from device_profiles.problems import problems_of
from device_profiles.wire import AgentRequest, Answer, RequestKind
from drivers.errors import DeviceError

_DESIRED: Final = TypeAdapter(Desired)


async def answer_request(request: AgentRequest, node: Node, device: Device, *, desk: Desk) -> Answer:
    """Do what is asked of a node. Device errors are answers."""
    try:
        return await _HANDLERS[request.kind](request, node, device, desk)
    except DeviceError as error:
        return Answer(ok=False, reason=error.reason, message=str(error))
    except KeyError:
        return Answer(ok=False, reason="BadRequest", message="a dry run needs the desired state in its body")
    except ValidationError as error:
        first = problems_of(error)[0]
        return Answer(ok=False, reason="BadRequest", message=f"desired.{first.path}: {first.message}")


async def _converge(request: AgentRequest, node: Node, device: Device, desk: Desk) -> Answer:
    del request
    return await _run(Pass(node, device, desk=desk, cause="request"))


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


async def _replace(request: AgentRequest, node: Node, device: Device, desk: Desk) -> Answer:
    approve = request.body.get("approve")
    return await replace_device(node, device, desk=desk, approve=str(approve) if approve else None)


async def _preview(request: AgentRequest, node: Node, device: Device, desk: Desk) -> Answer:
    desired = _DESIRED.validate_python(request.body["desired"]) if request.kind == "dry_run" else None
    driver = await device.ready(node.accepted.assignment)
    considering = Considering(node=node, device=device, desk=desk, now=desk.clock.now(), desired=desired)
    return Answer(ok=True, body=await preview(considering, driver))


_HANDLERS: Final[Mapping[RequestKind, Callable[[AgentRequest, Node, Device, Desk], Awaitable[Answer]]]] = {
    "preview": _preview,
    "dry_run": _preview,
    "converge": _converge,
    "rollback": _roll_back,
    "replace": _replace,
}
