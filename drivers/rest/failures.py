"""What a status means that is not the one wished for, and what the device says about it.

Redfish answers ``{"error": {"code", "message", "@Message.ExtendedInfo": [{"MessageId", "Message", "Resolution"}]}}``
(DSP0266, section 8.6); others have an ``error`` with a ``message``, or a text. The device's own words are kept, on one
line, without the secrets that we know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from device_profiles.names import printable
from drivers.errors import AuthFailed, Busy, DeviceError, Garbled, Rejected, Unsupported
from drivers.rest.messages import READS, Request, Response
from drivers.scrubbing import Scrubber

INFO: Final = "@Message.ExtendedInfo"
_MOST: Final = 300
_GENERAL: Final = ("GeneralError", "ExtendedInfo", "ExtendedError")
"""Messages that say no more than that there are others."""


class Missing(Rejected):
    """There is no such resource (404, 410)."""


class Changed(Busy):
    """The resource is not what it was when it was read (412): somebody else changed it."""


class Failing(Garbled):
    """The device says that it failed by itself (5xx): it may do better next time, or never."""


_REDIRECTS, _REFUSALS, _SERVER = 300, 400, 500
_KINDS: Final[dict[int, type[DeviceError]]] = {
    401: AuthFailed,
    **dict.fromkeys((404, 410), Missing),
    **dict.fromkeys((405, 501), Unsupported),
    412: Changed,
    **dict.fromkeys((423, 429, 503), Busy),
    507: Rejected,  # insufficient storage: a pool that is full
}


def refusal(request: Request, response: Response, *, doing: str = "", secrets: Sequence[str] = ()) -> DeviceError:
    """The error that a response is: to be raised."""
    told = words(response)
    why = Scrubber(known=secrets)(told) if told else ""
    at = f"{doing}: {request}" if doing else str(request)
    sentence = f"{at}: the device says {response.status}" + (f": {printable(why, most=_MOST)}" if why else "")
    return _kind(request, response)(sentence)


def _kind(request: Request, response: Response) -> type[DeviceError]:
    status = response.status
    if status >= _SERVER and status not in _KINDS:
        return Failing
    if _REDIRECTS <= status < _REFUSALS and request.method in READS:
        return Garbled
    return _KINDS.get(status, Rejected)


def words(response: Response) -> str:
    """What the device says in a response, most particular first; an empty text where that is nothing."""
    try:
        document = orjson.loads(response.body)
    except ValueError:
        return ""
    found = dict.fromkeys(text for text in _messages(document) if text)
    return "; ".join(found)


def _messages(document: Any) -> Iterator[str]:
    if not isinstance(document, Mapping):
        return
    error = document.get("error")
    holder = error if isinstance(error, Mapping) else document
    infos = holder.get(INFO) or document.get(INFO)
    told = [info for info in _list(infos) if isinstance(info, Mapping)]
    said = [text for info in told if not _is_general(info) for text in _sentence(info)]
    yield from said
    if not said and isinstance(error, Mapping):
        yield _text(error.get("message"))
    elif isinstance(error, str):
        yield error


def _sentence(info: Mapping[str, Any]) -> Iterator[str]:
    message = _text(info.get("Message")) or _text(info.get("MessageId"))
    args = info.get("MessageArgs")
    for number, arg in enumerate(args if isinstance(args, list) else (), 1):
        message = message.replace(f"%{number}", str(arg))
    yield message


def _is_general(info: Mapping[str, Any]) -> bool:
    return _text(info.get("MessageId")).rpartition(".")[2] in _GENERAL


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if isinstance(value, Mapping) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
