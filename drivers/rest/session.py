"""Reading and writing the resources of one device.

A reading that says the same as the last one is the *same object*, so that nobody works on it again: a device that gives
a strong ETag is asked whether there is anything new (``If-None-Match``), and answers 304 with nothing in it; where it
gives none, the bytes are compared. A weak ETag only says that little has changed (RFC 9110, section 8.8.3), so the
resource is read all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, Final

from drivers.contract import Connection, login_of
from drivers.errors import Garbled, Unreachable
from drivers.rest.failures import Changed, Missing, refusal
from drivers.rest.messages import Headers, Method, Request, Response, asking, parsed
from drivers.rest.served import served_of

Document = Mapping[str, Any]

AT_ONCE: Final = 4
"""Requests under way at a time: many BMCs have one small processor, and answer more of them later or not at all."""
_LARGE_BYTES: Final = 1 << 18
_UNCHANGED: Final = 304
_PRECONDITION_FAILED: Final = 412


@dataclass(frozen=True, slots=True)
class _Kept:
    """A resource as it was last read."""

    etag: str
    digest: bytes
    document: Document


class Session:
    """Requests to one device, a few at a time, each within ``timeout_s``. Raises only ``DeviceError``.

    ``asked`` counts requests, ``parsed`` documents that were worked on. With ``conditional`` off, nothing is asked by
    ETag: for devices whose ETags stay the same whatever happens.
    """

    def __init__(
        self, connection: Connection, *, timeout_s: float, at_once: int = AT_ONCE, conditional: bool = True
    ) -> None:
        self._served = served_of(connection)
        self._secrets = login_of(connection).texts
        self._timeout_s = timeout_s
        self._places = asyncio.Semaphore(at_once)
        self._conditional = conditional
        self._kept: dict[str, _Kept] = {}
        self.asked = 0
        self.parsed = 0

    async def exchange(self, request: Request) -> Response:
        """One request and its response, whatever its status, within the time."""
        async with self._places:
            self.asked += 1
            try:
                async with asyncio.timeout(self._timeout_s):
                    return await self._served.exchange(request)
            except TimeoutError:
                raise Unreachable(f"{request}: no answer within {self._timeout_s:g} s") from None

    async def ask(self, request: Request, *, doing: str = "") -> Response:
        """A response that is good. Raises what any other means (:mod:`drivers.rest.failures`)."""
        response = await self.exchange(request)
        if not response.is_good:
            raise refusal(request, response, doing=doing, secrets=self._secrets)
        return response

    async def get(self, path: str, *, keep: bool = True) -> Document:
        """The document at ``path``; the same object as the last time where it says the same and was kept.

        Raises :class:`~drivers.rest.failures.Missing` where there is none, ``Garbled`` where it is no JSON object.
        """
        last = self._kept.get(path)
        request = asking("GET", path, headers=self._since(last))
        response = await self.exchange(request)
        if response.status == _UNCHANGED and last is not None:
            return last.document
        if not response.is_good:
            self._kept.pop(path, None)
            raise refusal(request, response, secrets=self._secrets)
        return await self._take(path, response, last, keep=keep or last is not None)

    async def find(self, path: str) -> Document | None:
        """The document at ``path``; None where there is none."""
        try:
            return await self.get(path)
        except Missing:
            return None

    def etag(self, path: str) -> str:
        """The ETag of what was last read at ``path``; an empty text where it had none."""
        kept = self._kept.get(path)
        return kept.etag if kept is not None else ""

    def forget(self, path: str = "") -> None:
        """Read anew what is at ``path`` (or everything): something was written that may have changed it."""
        if path:
            self._kept.pop(path, None)
        else:
            self._kept.clear()

    def _since(self, last: _Kept | None) -> Headers:
        if last is None or not self._conditional or not last.etag or last.etag.startswith("W/"):
            return {}
        return {"if-none-match": last.etag}

    async def _take(self, path: str, response: Response, last: _Kept | None, *, keep: bool) -> Document:
        digest = blake2b(response.body, digest_size=16).digest()
        etag = response.headers.get("etag", "")
        if last is not None and last.digest == digest:
            document = last.document
        else:
            document = await self._parsed(path, response.body)
        if keep:
            self._kept[path] = _Kept(etag or _inner_etag(document), digest, document)
        return document

    async def _parsed(self, path: str, body: bytes) -> Document:
        self.parsed += 1
        about = f"GET {path}"
        if len(body) < _LARGE_BYTES:
            document = parsed(body, about=about)
        else:
            document = await asyncio.to_thread(parsed, body, about=about)
        if not isinstance(document, dict):
            raise Garbled(f"{about}: the answer is no object")
        return document

    async def send(self, method: Method, path: str, document: object = None, *, doing: str, etag: str = "") -> Response:
        """Write. With ``etag`` only where the resource is still what it was (``If-Match``); else raises ``Changed``.

        A 202 is an answer as well: the rest of it is :func:`drivers.rest.tasks.finished`'s.
        """
        self.forget(path)
        request = asking(method, path, document, headers={"if-match": etag} if etag else None)
        response = await self.exchange(request)
        if response.status == _PRECONDITION_FAILED and etag.startswith("W/"):
            # Some services give the weak form of a tag and compare the strong one.
            request = replace(request, headers={**request.headers, "if-match": etag.removeprefix("W/")})
            response = await self.exchange(request)
        if response.status == _PRECONDITION_FAILED:
            raise Changed(f"{doing}: {request}: somebody else changed it in the meantime: it is read again")
        if not response.is_good:
            raise refusal(request, response, doing=doing, secrets=self._secrets)
        return response


def _inner_etag(document: Document) -> str:
    etag = document.get("@odata.etag")
    return etag if isinstance(etag, str) else ""
