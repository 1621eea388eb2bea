"""ONTAP with one SVM: records in collections, made, changed and deleted as its REST reference says.

As there: what is made twice is refused (409), a LUN that is mapped and an igroup that has maps are not deleted, a map
names its LUN and its igroup, fields come only where they are asked for, and a FlexVol that is full takes no LUN.
"""

from __future__ import annotations

import uuid
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

import orjson

from drivers.rest.messages import Request, Response
from pointsman.twins.within import Within

USER: Final = "vsadmin"
PASSWORD: Final = "twin-svm-password"  # noqa: S105 -- a twin's
SVM: Final = "svm1"
GIB: Final = 1 << 30
_IGROUPS: Final = "/api/protocols/san/igroups"
_MAPS: Final = "/api/protocols/san/lun-maps"
_LUNS: Final = "/api/storage/luns"

Record = dict[str, Any]


class Refused(Exception):
    """A request that is refused: the status, and ONTAP's code and sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass(eq=False)
class Ontap:
    """The array. ``flexvols`` are pools with their size in bytes."""

    flexvols: dict[str, int] = field(default_factory=lambda: {"tank": 8 * GIB, "pond": GIB})
    luns: dict[str, Record] = field(default_factory=dict)
    igroups: dict[str, Record] = field(default_factory=dict)
    maps: dict[tuple[str, str], int] = field(default_factory=dict)
    sessions: list[tuple[str, str]] = field(default_factory=list)
    """Igroup (by name) and initiator."""
    data: dict[str, bytes] = field(default_factory=dict)
    needs_login: bool = False
    writes: int = 0
    asked: int = 0

    def __call__(self, request: Request) -> Response:
        """The answer to a request."""
        self.asked += 1
        told = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.needs_login and request.headers.get("authorization") != f"Basic {told}":
            return _answer(401, {"error": {"code": "6691623", "message": "User is not authorized."}})
        parts = urlsplit(request.path)
        try:
            if request.method in ("GET", "HEAD"):
                return _answer(200, self._shown(parts.path, parse_qs(parts.query)))
            self.writes += 1
            document = orjson.loads(request.body) if request.body else {}
            return _answer(*self.change(request.method, unquote(parts.path), document))
        except Refused as refused:
            return _answer(refused.status, {"error": {"code": refused.code, "message": str(refused)}})

    def log_in(self, export: str, initiator: str) -> bool:
        """An initiator logs in; whether it is shown anything."""
        if initiator not in self._members(export):
            return False
        self.sessions.append((export, initiator))
        return True

    def log_out(self, export: str, initiator: str) -> None:
        """An initiator leaves."""
        self.sessions = [session for session in self.sessions if session != (export, initiator)]

    def _members(self, export: str) -> list[str]:
        return [
            each["name"] for group in self.igroups.values() if group["name"] == export for each in group["initiators"]
        ]

    def _shown(self, path: str, query: Mapping[str, list[str]]) -> Record:
        if path == "/api/cluster":
            return {"name": "cluster1", "uuid": "1cd8a442-86d1-11e0-ae1c-123478563412", "version": _VERSION}
        listings: dict[str, Callable[[], Iterator[Record]]] = {
            "/api/cluster/nodes": lambda: iter(
                ({"name": "node1", "model": "SIMBOX", "serial_number": "4048820-60-9"},)
            ),
            "/api/storage/volumes": self._flexvols,
            _LUNS: lambda: iter(self.luns.values()),
            _IGROUPS: lambda: iter(self.igroups.values()),
            _MAPS: self._maps,
            "/api/protocols/san/iscsi/sessions": self._sessions,
            "/api/network/fc/logins": lambda: iter(()),
        }
        if path not in listings:
            raise Refused(404, "3", f"API not found: {path}")
        fields = query.get("fields", [""])[0].split(",")
        records = [_only(record, fields) for record in listings[path]()]
        return {"records": records, "num_records": len(records)}

    def _flexvols(self) -> Iterator[Record]:
        for name, size in self.flexvols.items():
            free = self._free(name)
            space = {"size": size, "available": free}
            yield {"name": name, "svm": {"name": SVM}, "state": "online", "type": "rw", "space": space}

    def _free(self, flexvol: str) -> int:
        used = [lun["space"]["size"] for lun in self.luns.values() if lun["name"].startswith(f"/vol/{flexvol}/")]
        return self.flexvols[flexvol] - int(sum(used))

    def _maps(self) -> Iterator[Record]:
        for (lun, group), number in self.maps.items():
            yield {
                "svm": {"name": SVM},
                "lun": {"name": self.luns[lun]["name"], "uuid": lun},
                "igroup": {"name": self.igroups[group]["name"], "uuid": group},
                "logical_unit_number": number,
            }

    def _sessions(self) -> Iterator[Record]:
        for group, initiator in self.sessions:
            yield {"svm": {"name": SVM}, "initiator": {"name": initiator}, "igroups": [{"name": group}]}

    def change(self, method: str, path: str, document: Record) -> tuple[int, Record]:
        """Do what a request asks; its status and answer. Raises :class:`Refused`."""
        if method == "POST":
            return self._made(path, document)
        below = path.removeprefix(f"{_LUNS}/")
        if below != path and method == "PATCH":
            return self._resized(below, document)
        if method != "DELETE":
            raise Refused(405, "4", "method not allowed")
        return self._deleted(path)

    def _made(self, path: str, document: Record) -> tuple[int, Record]:
        if path == _LUNS:
            return self._made_lun(document)
        if path == _IGROUPS:
            if any(group["name"] == document["name"] for group in self.igroups.values()):
                raise Refused(409, "5374023", "Another initiator group with the same name exists.")
            key = _uuid(document["name"])
            self.igroups[key] = {**document, "uuid": key, "initiators": []}
            return 201, {}
        if path == _MAPS:
            return self._mapped(document)
        group = self.igroups.get(path.removeprefix(f"{_IGROUPS}/").removesuffix("/initiators"))
        if group is None or not path.endswith("/initiators"):
            raise Refused(404, "4", "entry doesn't exist")
        if document["name"] in [each["name"] for each in group["initiators"]]:
            raise Refused(409, "5373978", "The initiator already exists in the initiator group.")
        group["initiators"].append({"name": document["name"]})
        return 201, {}

    def _made_lun(self, document: Record) -> tuple[int, Record]:
        name, size = document["name"], document["space"]["size"]
        flexvol = name.split("/")[2]
        if any(lun["name"] == name for lun in self.luns.values()):
            raise Refused(409, "5374860", "The LUN already exists.")
        if flexvol not in self.flexvols:
            raise Refused(404, "918236", "The specified volume was not found.")
        if size > self._free(flexvol):
            raise Refused(507, "5374858", "The volume has insufficient space.")
        key = _uuid(name)
        serial = f"wp{len(name):02d}{key[:8]}"
        self.luns[key] = {**document, "uuid": key, "serial_number": serial, "status": {"state": "online"}}
        return 201, {}

    def _resized(self, key: str, document: Record) -> tuple[int, Record]:
        lun = self.luns.get(key)
        if lun is None:
            raise Refused(404, "4", "entry doesn't exist")
        size = document["space"]["size"]
        if size - lun["space"]["size"] > self._free(lun["name"].split("/")[2]):
            raise Refused(507, "5374858", "The volume has insufficient space.")
        lun["space"] = {"size": size}
        self.data[lun["name"]] = self.data.get(lun["name"], b"")[:size]
        return 200, {}

    def _mapped(self, document: Record) -> tuple[int, Record]:
        lun = next((key for key, each in self.luns.items() if each["name"] == document["lun"]["name"]), None)
        group = next((key for key, each in self.igroups.items() if each["name"] == document["igroup"]["name"]), None)
        if lun is None or group is None:
            raise Refused(404, "5374875", "The specified LUN or initiator group was not found.")
        number = document["logical_unit_number"]
        if (lun, group) in self.maps or number in [n for (_, other), n in self.maps.items() if other == group]:
            raise Refused(409, "5374922", "LUN already mapped to this group, or the number is in use.")
        self.maps[lun, group] = number
        return 201, {}

    def _deleted(self, path: str) -> tuple[int, Record]:
        parts = path.removeprefix("/api/").split("/")
        match parts:
            case ["storage", "luns", key] if key in self.luns:
                if any(lun == key for lun, _ in self.maps):
                    raise Refused(409, "5374925", "The LUN is mapped.")
                self.data.pop(self.luns.pop(key)["name"], None)
            case ["protocols", "san", "igroups", key] if key in self.igroups:
                if any(group == key for _, group in self.maps):
                    raise Refused(409, "5374875", "The initiator group has LUNs mapped to it.")
                del self.igroups[key]
            case ["protocols", "san", "igroups", key, "initiators", name] if key in self.igroups:
                group = self.igroups[key]
                group["initiators"] = [each for each in group["initiators"] if each["name"] != name]
            case ["protocols", "san", "lun-maps", lun, group] if (lun, group) in self.maps:
                del self.maps[lun, group]
            case _:
                raise Refused(404, "4", "entry doesn't exist")
        return 200, {}


_VERSION: Final = {"full": "NetApp Release 9.13.1", "generation": 9, "major": 13, "minor": 1}


def _uuid(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def _only(record: Record, fields: list[str]) -> Record:
    """A record with the fields that are asked for, and what is always in it."""
    wanted = {name.partition(".")[0] for name in fields} | {"name", "uuid", "svm", "lun", "igroup"}
    return {name: value for name, value in record.items() if name in wanted}


def _answer(status: int, document: Record) -> Response:
    return Response(status=status, headers={"content-type": "application/hal+json"}, body=orjson.dumps(document))


class Direct(Within[Ontap]):
    """The array in the same process, as a connection that is logged in."""

    def headers(self) -> dict[str, str]:
        """User and password, each time."""
        return {"authorization": f"Basic {b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"}
