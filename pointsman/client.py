"""The API client: what the service offers, as coroutines that answer plain JSON values.

Every failure is a :class:`~pointsman.problems.PointsmanError`: a :class:`~pointsman.problems.ServiceAway` where nobody
answers, a :class:`~pointsman.problems.ServiceRefused` with the problem's slug where the service says no. Texts of the
service are handed on as they are; showing them safely is the work of ``pointsman.show``.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

import httpx
import orjson

from agents.tls import NoAuthorities, context_of
from device_profiles.sse import BadStream
from pointsman.endpoint import Endpoint
from pointsman.problems import PointsmanError, ServiceAway
from pointsman.refusals import away, refusal, refused, value_of
from pointsman.sse import ServerEvent, parse_events

CONNECT_TIMEOUT_S: Final = 5.0
ANSWER_TIMEOUT_S: Final = 30.0
LONGEST_WAIT_S: Final = 60.0
"""The longest that one call may wait in the service; longer waits are several calls."""
PAGE: Final = 500

Json = dict[str, Any]
Query = Mapping[str, str | int | float | list[str] | None]


class Client:
    """A connection to one service. Use as an asynchronous context manager.

    ``transport`` replaces the network, so that a test can put an application in its place.
    """

    def __init__(self, endpoint: Endpoint, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.endpoint = endpoint
        path = endpoint.url.removeprefix("unix:")
        base = "http://pointsman" if path != endpoint.url else endpoint.url
        proxied = _may_be_proxied(base)
        # Authorities take 30 ms to load: only where they may be asked.
        tls = authorities(endpoint) if proxied or httpx.URL(base).scheme != "http" else False
        if path != endpoint.url:
            transport = transport or httpx.AsyncHTTPTransport(uds=path, verify=tls)
        headers = {"Authorization": f"Bearer {endpoint.token}"} if endpoint.token else {}
        timeout = httpx.Timeout(ANSWER_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        self._http = httpx.AsyncClient(
            base_url=base, headers=headers, timeout=timeout, transport=transport, trust_env=proxied, verify=tls
        )

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    # -- declarations ------------------------------------------------------------------------------------------------

    async def apply(
        self, document: bytes, *, dry_run: bool = False, prune: str | None = None, confirm: str | None = None
    ) -> Json:
        """Declare a whole document (YAML or JSON): all or nothing. Answers what changed."""
        query = {"dry_run": "1" if dry_run else None, "prune": prune, "confirm": confirm}
        return await self.call("POST", "/apply", query=query, body=document, timeout_s=2 * LONGEST_WAIT_S)

    async def put(self, kind: str, name: str, spec: Mapping[str, Any]) -> Json:
        """Declare one object; ``kind`` is ``nodes``, ``roles`` or ``locations``."""
        return await self.call("PUT", f"/{kind}/{_safe(name)}", json=spec)

    async def delete(self, kind: str, name: str) -> Json:
        """Forget one object."""
        return await self.call("DELETE", f"/{kind}/{_safe(name)}")

    # -- looking -----------------------------------------------------------------------------------------------------

    async def get(self, kind: str, name: str) -> Json:
        """One object with its status."""
        return await self.call("GET", f"/{kind}/{_safe(name)}")

    async def list(
        self, kind: str, *, labels: list[str] | None = None, conditions: list[str] | None = None, **more: str
    ) -> list[Json]:
        """All objects of a kind, page after page."""
        query: dict[str, Any] = {"label": labels or None, "condition": conditions or None, "limit": PAGE, **more}
        items: list[Json] = []
        while True:
            page = await self.call("GET", f"/{kind}", query=query)
            items += page["items"]
            if not page.get("cursor"):
                return items
            query["cursor"] = page["cursor"]

    async def of_node(self, name: str, part: str, **query: str | int | None) -> Json:
        """A part of a node: desired, observed, operation, facts, plan, drift, passes, links."""
        return await self.call("GET", f"/nodes/{_safe(name)}/{part}", query=query)

    async def transcript(self, node: str, number: str, *, slot: str = "") -> str:
        """What was said on a node's console, or that of a ``slot``, as asciicast v2; ``latest`` is the newest."""
        path = f"/v1/nodes/{_safe(node)}/console/transcripts/{_safe(number)}" + (f"?slot={_safe(slot)}" if slot else "")
        return (await self._send("GET", path, timeout_s=LONGEST_WAIT_S)).text

    async def wait_for(self, kind: str, name: str, *, timeout_s: float, generation: int | None = None) -> Json:
        """One object as it is when it has converged, or when the time is over: look at its status."""
        ends = time.monotonic() + timeout_s
        while True:
            left_s = max(0.0, min(LONGEST_WAIT_S, ends - time.monotonic()))
            query: Query = {"wait": round(left_s, 3), "generation": generation}
            found = await self.call("GET", f"/{kind}/{_safe(name)}", query=query, timeout_s=left_s + ANSWER_TIMEOUT_S)
            if has_converged(found, generation) or time.monotonic() >= ends:
                return found

    # -- acting ------------------------------------------------------------------------------------------------------

    async def preview(self, node: str, *, timeout_s: float = 30.0) -> Json:
        """A fresh plan, made by the agent from a fresh reading; nothing is written to the device."""
        return await self._ask_agent(node, "preview", timeout_s)

    async def approve(self, node: str, plan: str) -> Json:
        """Approve a plan by its hash; it holds for the node's generation, also while its agent is away."""
        return await self.call("POST", f"/nodes/{_safe(node)}/approve", json={"plan": plan})

    async def converge(self, node: str, *, timeout_s: float = 30.0) -> Json:
        """One pass, now. Answers its record."""
        return await self._ask_agent(node, "converge", timeout_s)

    async def roll_back(self, node: str, pass_id: str | None = None, *, timeout_s: float = 30.0) -> Json:
        """Take back the last pass, or all from ``pass_id`` on. Answers the record of the pass that did."""
        body = {"pass": pass_id} if pass_id else {}
        return await self._ask_agent(node, "rollback", timeout_s, body=body)

    async def replace(self, node: str, approve: str | None = None, *, timeout_s: float = 30.0) -> Json:
        """The device that answers in a node's place; with ``approve`` it is taken, and its first pass is answered."""
        body = {"approve": approve} if approve else {}
        return await self._ask_agent(node, "replace", timeout_s, body=body)

    async def overrule(self, nodes: Sequence[str] | None) -> Json:
        """Have agents accept what is declared for these nodes (None: for all that any of them refuses)."""
        return await self.call("POST", "/overrule", json={"nodes": list(nodes)} if nodes else {"all": True})

    async def audit(
        self, *, node: str | None = None, owner: str | None = None, since: str | None = None, limit: int = PAGE
    ) -> Sequence[Json]:
        """The newest writes, page after page, ``limit`` at most. ``since`` is a time."""
        query: dict[str, Any] = {"node": node, "owner": owner, "since": since}
        items: list[Json] = []
        while len(items) < limit:
            page = await self.call("GET", "/audit", query={**query, "limit": min(limit - len(items), PAGE)})
            items += page["items"]
            if not page.get("cursor"):
                break
            query["cursor"] = page["cursor"]
        return items

    async def _ask_agent(self, node: str, what: str, timeout_s: float, *, body: Json | None = None) -> Json:
        path = f"/nodes/{_safe(node)}/{what}"
        query: Query = {"timeout": timeout_s}
        return await self.call("POST", path, query=query, json=body, timeout_s=timeout_s + ANSWER_TIMEOUT_S)

    async def past_events(self, *, since: int | None = None) -> AsyncIterator[Json]:
        """The events that there are now, page after page; from the oldest on where ``since`` is absent."""
        while True:
            page = await self.call("GET", "/events", query={"follow": 0, "since": since})
            for item in page["items"]:
                yield item
            if not page["items"]:
                return
            since = page["last"]

    async def events(self, *, since: int | None = None) -> AsyncIterator[ServerEvent]:
        """Events as they are committed, for ever. Raises ServiceAway when the stream ends."""
        headers = {"Last-Event-ID": str(since)} if since is not None else {}
        timeout = httpx.Timeout(None, connect=CONNECT_TIMEOUT_S)
        try:
            async with self._http.stream("GET", "/v1/events", headers=headers, timeout=timeout) as answer:
                if answer.status_code >= 400:
                    await answer.aread()
                    raise refused(answer)
                async for event in parse_events(answer.aiter_bytes()):
                    if event.name == "problem":
                        raise refusal(event.data, answer)
                    yield event
        except (httpx.TransportError, BadStream) as error:
            raise away(self.endpoint.url, error) from error
        raise ServiceAway(f"the service at {self.endpoint.url} ended the stream of events: it stops, or was restarted")

    @staticmethod
    def path_of(kind: str, name: str) -> str:
        """The path of an object below ``/v1``, whatever is in its name."""
        return f"/{kind}/{_safe(name)}"

    # -- the one call ------------------------------------------------------------------------------------------------

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        json: Any = None,
        body: bytes | None = None,
        timeout_s: float = ANSWER_TIMEOUT_S,
    ) -> Json:
        """One request below ``/v1``; its JSON. Raises ServiceAway or ServiceRefused."""
        answer = await self._send(method, f"/v1{path}", query=query, json=json, body=body, timeout_s=timeout_s)
        found: Json = value_of(answer)
        return found

    async def text(self, path: str) -> str:
        """What stands below ``/v1`` in another form than JSON of ours, as it was sent."""
        return (await self._send("GET", f"/v1{path}", timeout_s=LONGEST_WAIT_S)).text

    async def outside(self, path: str) -> Json:
        """A page that stands outside ``/v1`` (``/readyz``)."""
        found: Json = value_of(await self._send("GET", path))
        return found

    async def _send(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        json: Any = None,
        body: bytes | None = None,
        timeout_s: float = ANSWER_TIMEOUT_S,
    ) -> httpx.Response:
        content = body if json is None else orjson.dumps(json)
        kind = "application/yaml" if json is None else "application/json"
        try:
            answer = await self._http.request(
                method,
                path,
                params={key: value for key, value in (query or {}).items() if value is not None},
                content=content,
                headers={"Content-Type": kind} if content is not None else {},
                timeout=httpx.Timeout(timeout_s, connect=CONNECT_TIMEOUT_S),
            )
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise away(self.endpoint.url, error) from error
        if answer.status_code >= 400:
            raise refused(answer)
        return answer


def authorities(endpoint: Endpoint) -> ssl.SSLContext:
    """Whom to believe of a service that speaks TLS. Raises PointsmanError."""
    try:
        return context_of(endpoint.ca_file)
    except NoAuthorities as error:
        raise PointsmanError(f"{error}: name another with --ca-file") from error


def has_converged(found: Json, generation: int | None = None) -> bool:
    """Whether a node or role, as the service answered it, is on the devices as declared."""
    status = found["status"]
    if "converged" in status:
        return bool(status["converged"])
    wanted = generation if generation is not None else status["generation"]
    return status.get("converged_generation") is not None and status["converged_generation"] >= wanted


def _may_be_proxied(url: str) -> bool:
    """A proxy of the environment is for other machines, not for this one."""
    return httpx.URL(url).host not in {"pointsman", "127.0.0.1", "::1", "localhost"}


def _safe(name: str) -> str:
    return quote(name, safe="")
