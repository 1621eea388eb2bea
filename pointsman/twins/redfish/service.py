"""What every Redfish service has: resources with ETags, collections, sessions, actions, and tasks for what takes long.

Time in a twin is readings: what an action began is done after the resource was read ``late`` times. A task is over
when it was looked at as often; with ``stuck`` none ever is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from drivers.rest.messages import Request, Response, asking
from pointsman.twins.within import Within

Resource = dict[str, Any]

ROOT: Final = "/redfish/v1"
SESSIONS: Final = f"{ROOT}/SessionService/Sessions"
_MONITORS: Final = f"{ROOT}/TaskService/TaskMonitors"
_OPEN: Final = frozenset({"", ROOT, SESSIONS})
PASSWORD: Final = "twin-bmc-password"  # noqa: S105 -- a twin's
USER: Final = "admin"


class Refused(Exception):
    """A request that the service does not do; ``message_id`` is of the DMTF's base registry."""

    def __init__(self, message_id: str, *args: str, status: int = 400) -> None:
        super().__init__(message_id)
        self.message_id = message_id
        self.args_told = args
        self.status = status


@dataclass(slots=True)
class Pending:
    """Something that was begun: ``left`` readings until it is done."""

    left: int
    done: Callable[[], None]


@dataclass(eq=False)
class Service:
    """Resources by their path. ``asked`` counts requests, ``writes`` those that change something.

    ``late``: readings until an action is done; ``lazy`` are resources of which an action is accepted and never done;
    ``tasks``: actions are answered with a task; ``stuck``: which never ends; ``needs_login``: as on a real one.
    """

    resources: dict[str, Resource] = field(default_factory=dict)
    late: int = 0
    lazy: set[str] = field(default_factory=set)
    tasks: bool = False
    stuck: bool = False
    needs_login: bool = False
    expands: bool = True
    writes: int = 0
    asked: int = 0
    pending: dict[str, Pending] = field(default_factory=dict)
    monitors: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    actions: dict[str, Callable[[Mapping[str, Any]], None]] = field(default_factory=dict)
    deaf: set[str] = field(default_factory=set)
    """Machines whose operating system does not shut down when it is asked."""
    boots: dict[str, list[str]] = field(default_factory=dict)
    """What each machine booted from, once for each boot, by its path."""
    patches: Callable[[str, Mapping[str, Any]], None] | None = None

    def path_of(self, key: str) -> str:
        """Where the machine in a slot is, or an outlet."""
        raise KeyError(key)

    def boots_of(self, key: str) -> list[str]:
        """What the machine in a slot, or behind an outlet, booted from."""
        return self.boots.get(self.path_of(key), [])

    def add(self, path: str, **properties: Any) -> Resource:
        """Add a resource."""
        name = path.rpartition("/")[2]
        self.resources[path] = {"@odata.id": path, "Id": name, "Name": name, **properties}
        return self.resources[path]

    def add_collection(self, path: str, names: list[str]) -> None:
        """Add a collection of resources that are below it."""
        members = [{"@odata.id": f"{path}/{name}"} for name in names]
        self.resources[path] = {"@odata.id": path, "Members": members, "Members@odata.count": len(members)}

    def __call__(self, request: Request) -> Response:
        """Answer a request: what a web server or a test calls."""
        self.asked += 1
        try:
            return self._answer(request)
        except Refused as error:
            return _refusal(error)

    def _answer(self, request: Request) -> Response:
        parts = urlsplit(request.path)
        path = parts.path.rstrip("/")
        if self.needs_login and path not in _OPEN and not self._knows(request.headers):
            raise Refused("NoValidSession", status=401)
        match request.method:
            case "GET" | "HEAD":
                return self._get(path, parts.query, request.headers)
            case "POST":
                return self._post(path, request)
            case "PATCH":
                return self._patch(path, request)
            case "DELETE" if path.rpartition("/")[2] in self.tokens:
                del self.tokens[path.rpartition("/")[2]]
                return Response(status=204)
        raise Refused("OperationNotAllowed", status=405)

    def _knows(self, headers: Mapping[str, str]) -> bool:
        return headers.get("x-auth-token", "-") in self.tokens.values()

    def _get(self, path: str, query: str, headers: Mapping[str, str]) -> Response:
        if path in self.monitors:
            return self._monitor(path)
        if path not in self.resources:
            raise Refused("ResourceMissingAtURI", path, status=404)
        self._pass(path)
        found = self.resources[path]
        if query and self.expands and "Members" in found:
            found = {**found, "Members": [self._member(each["@odata.id"]) for each in found["Members"]]}
        body = orjson.dumps(found)
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if headers.get("if-none-match") == etag:
            return Response(status=304, headers={"etag": etag})
        return Response(status=200, headers={"etag": etag, "content-type": "application/json"}, body=body)

    def _member(self, path: str) -> Resource:
        self._pass(path)
        return self.resources[path]

    def _pass(self, path: str) -> None:
        """Time passes for a resource that is read."""
        pending = self.pending.get(path)
        if pending is None:
            return
        pending.left -= 1
        if pending.left <= 0:
            del self.pending[path]
            pending.done()

    def _monitor(self, path: str) -> Response:
        if not self.stuck:
            self.monitors[path] -= 1
        if self.monitors[path] > 0 or self.stuck:
            task = {"@odata.id": path, "TaskState": "Running"}
            return Response(status=202, headers={"location": path}, body=orjson.dumps(task))
        del self.monitors[path]
        return Response(status=204)

    def _post(self, path: str, request: Request) -> Response:
        body = _body(request)
        if path == SESSIONS:
            return self._log_in(body)
        action = self.actions.get(path)
        if action is None:
            raise Refused("ResourceMissingAtURI", path, status=404)
        action(body)
        self.writes += 1
        if not self.tasks:
            return Response(status=204)
        place = f"{_MONITORS}/{self.writes}"
        self.monitors[place] = 1
        return Response(status=202, headers={"location": place})

    def _log_in(self, body: Mapping[str, Any]) -> Response:
        if (body.get("UserName"), body.get("Password")) != (USER, PASSWORD):
            raise Refused("NoValidSession", status=401)
        number = str(len(self.tokens) + 1)
        self.tokens[number] = f"twin-token-{number}-{self.asked}"
        headers = {"x-auth-token": self.tokens[number], "location": f"{SESSIONS}/{number}"}
        return Response(status=201, headers=headers, body=b"{}")

    def _patch(self, path: str, request: Request) -> Response:
        resource = self.resources.get(path)
        if resource is None or self.patches is None:
            raise Refused("ResourceMissingAtURI", path, status=404)
        wanted = request.headers.get("if-match", "")
        if wanted and wanted != self._get(path, "", {}).headers["etag"]:
            raise Refused("PreconditionFailed", status=412)
        self.patches(path, _body(request))
        self.writes += 1
        return Response(status=200, body=orjson.dumps(resource))

    def later(self, path: str, done: Callable[[], None]) -> None:
        """Do something when a resource was read often enough; never for a lazy one."""
        if path in self.lazy:
            return
        if self.late:
            self.pending[path] = Pending(self.late, done)
        else:
            done()


def value_of(body: Mapping[str, Any], name: str, allowed: list[str]) -> str:
    """A parameter that is one of some values. Raises :class:`Refused`, as the base registry says it."""
    value = body.get(name)
    if value is None:
        raise Refused("ActionParameterMissing", name)
    if value not in allowed:
        raise Refused("ActionParameterValueNotInList", str(value), name)
    return str(value)


def _body(request: Request) -> Mapping[str, Any]:
    try:
        found = orjson.loads(request.body)
    except ValueError:
        raise Refused("MalformedJSON") from None
    if not isinstance(found, dict):
        raise Refused("MalformedJSON")
    return found


def _refusal(error: Refused) -> Response:
    info = {
        "MessageId": f"Base.1.8.{error.message_id}",
        "Message": " ".join((error.message_id, *error.args_told)),
        "MessageArgs": list(error.args_told),
    }
    told = {"code": f"Base.1.8.{error.message_id}", "message": error.message_id, "@Message.ExtendedInfo": [info]}
    return Response(status=error.status, body=orjson.dumps({"error": told}))


class Direct(Within[Service]):
    """A service in the same process as a connection that is logged in."""

    def __init__(self, service: Service, *, identity: str = "") -> None:
        super().__init__(service, identity=identity)
        self._token: dict[str, str] = {}

    def headers(self) -> dict[str, str]:
        """The token of a session, which is made where the service wants one."""
        if self.twin.needs_login and not self._token:
            made = self.twin(asking("POST", SESSIONS, {"UserName": USER, "Password": PASSWORD}))
            self._token = {"x-auth-token": made.headers["x-auth-token"]}
        return self._token
