"""What a device does later: 202, and a task that is looked at until it has ended (DSP0266, section 12.2).

``Location`` names a task monitor, which answers 202 while the task runs and then what the request would have been
answered with; some devices name the task itself, whose ``TaskState`` tells. A task that does not end within its time is
an error that names it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from device_profiles.names import printable
from drivers.errors import Garbled, Rejected
from drivers.rest.failures import Missing, words
from drivers.rest.messages import Response, asking, parsed, path_of
from drivers.rest.session import Session

_ACCEPTED: Final = 202
_FIRST_PAUSE_S: Final = 0.02
_LONGEST_PAUSE_S: Final = 5.0
_GOOD: Final = frozenset({"Completed"})
_BAD: Final = frozenset({"Exception", "Killed", "Cancelled"})


async def finished(session: Session, response: Response, *, within_s: float, doing: str) -> Response:
    """``response``, or what came of the task that it began. Raises ``Rejected``, naming the task, where it fails or
    has not ended after ``within_s``.
    """
    if response.status != _ACCEPTED:
        return response
    place = _place(response)
    if not place:
        return response
    state, pause_s = "accepted", _FIRST_PAUSE_S
    try:
        async with asyncio.timeout(within_s):
            while True:
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
                try:
                    response = await session.ask(asking("GET", place), doing=doing)
                except Missing:
                    # Both are kept for a while only. What came of it is seen when the device is read.
                    return response
                state = _state(response) or state
                if response.status != _ACCEPTED and _ended(state, response, place, doing):
                    return response
    except TimeoutError:
        raise Rejected(
            f"{doing}: the task {printable(place, most=80)} has not ended after {within_s:g} s: it is {state}"
        ) from None


def _place(response: Response) -> str:
    location = response.headers.get("location", "")
    task = _document(response)
    places = (location, task.get("TaskMonitor"), task.get("@odata.id"))
    return next((path_of(text) for text in places if isinstance(text, str) and text), "")


def _state(response: Response) -> str:
    state = _document(response).get("TaskState")
    return printable(state, most=40) if isinstance(state, str) else ""


def _ended(state: str, response: Response, place: str, doing: str) -> bool:
    task = _document(response)
    if "TaskState" not in task:
        return True
    if state in _BAD or (state in _GOOD and task.get("TaskStatus") == "Critical"):
        why = words(response) or _messages(task)
        raise Rejected(
            f"{doing}: the task {printable(place, most=80)} ended as {state}" + (f": {printable(why)}" if why else "")
        )
    return state in _GOOD


def _messages(task: Mapping[str, Any]) -> str:
    told = task.get("Messages")
    found = [item.get("Message") or item.get("MessageId") for item in _objects(told)]
    return "; ".join(text for text in found if isinstance(text, str))


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _document(response: Response) -> Mapping[str, Any]:
    if not response.body:
        return {}
    try:
        found = parsed(response.body, about="the task")
    except Garbled:
        return {}
    return found if isinstance(found, Mapping) else {}
