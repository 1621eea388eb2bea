"""The driver: what is asked, and how a step's requests are sent to an array that may have moved on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, cast

import orjson

from device_profiles.profile import Profile
from drivers.contract import Connection
from drivers.errors import Garbled, Rejected, Unsupported
from drivers.rest.failures import Missing
from drivers.rest.messages import Method, path_of
from drivers.rest.session import Session
from drivers.storage.driver import Array
from drivers.storage.seen import Limits, Seen, System
from drivers.vendors.netapp_ontap import reading
from drivers.vendors.netapp_ontap.reading import FC, FIELDS, IGROUPS, ISCSI, LUNS, MAPS, Reading
from drivers.vendors.netapp_ontap.telling import Tongue

_COMMAND: Final = re.compile(r"(POST|PATCH|DELETE) /api/(\S+)(?: (\{.*\}))?")
_NAMED: Final = re.compile(r"\{(lun|igroup):([^}]+)\}")
_MADE: Final = frozenset({LUNS, IGROUPS, MAPS})
_MOST_PAGES: Final = 100
_PAGE: Final = 1000
_MAY_LACK: Final = frozenset({FC, ISCSI})
"""An SVM without a license for it, or a user who may not see it, has no such collection."""


class Ontap(Array):
    """ONTAP over REST (see :class:`drivers.contract.Driver`)."""

    # A logical unit number has twelve bits; FC initiators are named by their WWPN, without a prefix.
    limits = Limits(luns=range(4096), initiators=("",))
    source: ClassVar[str] = "ONTAP REST"

    def __init__(self, connection: Connection, profile: Profile) -> None:
        super().__init__(connection, profile)
        self._session = Session(connection, timeout_s=profile.command_timeout_s, conditional=False)
        self._reading = Reading()

    @property
    def tongue(self) -> Tongue:
        """In the words of its resources."""
        return Tongue(self._reading)

    async def see(self) -> Seen:
        """All collections; the same records give the same reading."""
        return (await self._read()).seen

    async def _read(self) -> Reading:
        records = {kind: await self._collection(kind) for kind in FIELDS}
        if records != self._reading.records:
            self._reading = Reading(records)
        return self._reading

    async def _collection(self, kind: str) -> Sequence[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        path = f"/api/{kind}?fields={FIELDS[kind]}&max_records={_PAGE}"
        for _ in range(_MOST_PAGES):
            try:
                document = await self._session.get(path)
            except (Missing, Rejected):
                if kind in _MAY_LACK:
                    return ()
                raise
            records, path = _page(document, kind)
            found += records
            if not path:
                return found
        raise Garbled(f"{kind} has no end: {len(found)} records were read")

    async def system(self) -> System:
        """What the array is."""
        cluster = await self._session.get("/api/cluster?fields=name,uuid,version")
        try:
            nodes = _page(await self._session.get("/api/cluster/nodes?fields=name,model,serial_number"), "nodes")[0]
        except Rejected:
            nodes = []
        return reading.system(cluster, nodes)

    async def tell(self, commands: Sequence[str], *, doing: str) -> None:
        """One request after the other, each held against a reading made just before: what is done is left out."""
        for command in commands:
            match = _COMMAND.fullmatch(command)
            if match is None:
                raise Unsupported(f"{doing}: '{command[:60]}' is no request that this driver made")
            await self._tell(cast("Method", match[1]), match[2], match[3], doing=doing)

    async def _tell(self, method: Method, path: str, text: str | None, *, doing: str) -> None:
        now = await self._read()
        document = None if text is None else orjson.loads(text)
        resolved = _resolved(path, now)
        if resolved is None:
            if method == "DELETE":
                return  # it is gone
            raise Rejected(f"{doing}: what it is about is not there any more ({path})")
        if not _is_done(method, path, document, now, doing=doing):
            await self._session.send(method, f"/api/{resolved}", document, doing=doing)


def _page(document: Mapping[str, Any], kind: str) -> tuple[list[Mapping[str, Any]], str]:
    """The records of a page, and the path of the next one."""
    records = document.get("records")
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise Garbled(f"{kind}: the answer has no records: nothing was concluded from it")
    following = (document.get("_links") or {}).get("next") or {}
    return records, path_of(str(following["href"])) if following.get("href") else ""


def _resolved(path: str, now: Reading) -> str | None:
    """A path with the UUIDs of what is named in it; None where something is not there."""
    for kind, name in _NAMED.findall(path):
        record = (now.luns if kind == "lun" else now.igroups).get(name)
        if record is None:
            return None
        path = path.replace(f"{{{kind}:{name}}}", str(record["uuid"]))
    return path


def _is_done(method: str, path: str, document: Any, now: Reading, *, doing: str) -> bool:
    """Whether the array shows already what a request is to bring about. Raises ``Rejected`` at what is in its way."""
    names = dict(_NAMED.findall(path))
    if path in _MADE:
        return _is_made(path, document, now, doing=doing)
    if path.startswith(IGROUPS) and "/initiators" in path:
        member = document["name"] if method == "POST" else path.rpartition("/")[2]
        return (member in now.members(names["igroup"])) == (method == "POST")
    if method == "DELETE" and path.startswith(MAPS):
        return now.number(names["lun"], names["igroup"]) is None
    if method == "PATCH":
        return bool(now.luns[names["lun"]]["space"]["size"] == document["space"]["size"])
    return False


def _is_made(path: str, document: Any, now: Reading, *, doing: str) -> bool:
    if path == LUNS:
        return any(record["name"] == document["name"] for record in now.luns.values())
    return document["name"] in now.igroups if path == IGROUPS else _is_mapped(document, now, doing=doing)


def _is_mapped(document: Any, now: Reading, *, doing: str) -> bool:
    name, number, group = document["lun"]["name"], document["logical_unit_number"], document["igroup"]["name"]
    shown = now.shown(group).get(number)
    if shown is not None and now.lun_path(shown) != name:
        raise Rejected(f"{doing}: LUN {number} of {group} shows {shown} by now: it is left alone")
    return shown is not None
