"""A device served by SNMPv3, by pysnmp's own engine: SHA and AES, with boots that count and an engine that restarts."""

from __future__ import annotations

import os
import socket
import tempfile
from dataclasses import dataclass, field
from typing import Any, Final, Self

from pysnmp.carrier.asyncio.dgram import udp
from pysnmp.entity import config
from pysnmp.entity.rfc3413 import cmdrsp, context
from pysnmp.proto import rfc1902, rfc1905
from pysnmp.smi import error, instrum

from drivers.snmp.pdu import Kind, Request, Status
from drivers.snmp.values import (
    NULL,
    Counter,
    Counter64,
    Gauge,
    Integer,
    IpAddress,
    Missing,
    Null,
    ObjectId,
    Octets,
    Opaque,
    Ticks,
    Value,
)
from drivers.transports._snmp_engines import new_engine
from pointsman.twins.snmp.cells import Device

ENGINE_ID: Final = "80001f88040102030405"
_EVERYTHING: Final = (1,)
_TO: Final[dict[type, Any]] = {
    Integer: rfc1902.Integer32,
    Counter: rfc1902.Counter32,
    Counter64: rfc1902.Counter64,
    Gauge: rfc1902.Gauge32,
    Ticks: rfc1902.TimeTicks,
    Octets: rfc1902.OctetString,
    Opaque: rfc1902.Opaque,
    IpAddress: rfc1902.IpAddress,
}
_MISSING: Final = {
    Missing.OBJECT: rfc1905.noSuchObject,
    Missing.INSTANCE: rfc1905.noSuchInstance,
    Missing.END: rfc1905.endOfMibView,
}
_ERRORS: Final[dict[int, Any]] = {
    Status.NO_CREATION: error.NoCreationError,
    Status.NOT_WRITABLE: error.NotWritableError,
    Status.WRONG_TYPE: error.WrongTypeError,
    Status.WRONG_LENGTH: error.WrongLengthError,
    Status.WRONG_VALUE: error.WrongValueError,
    Status.INCONSISTENT_VALUE: error.InconsistentValueError,
    Status.INCONSISTENT_NAME: error.InconsistentNameError,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Who may ask; with ``priv`` only in secret."""

    name: str
    auth: str = field(repr=False)
    priv: str = field(repr=False)


class Engine:
    """A device on UDP, as an asynchronous context manager. Needs a running loop."""

    def __init__(self, device: Device, user: User, *, engine_id: str = ENGINE_ID) -> None:
        self.device = device
        self.engine_id = engine_id
        self.boots = 3
        self._user = user
        self._port = _free_port()
        self._engine: Any = None

    @property
    def address(self) -> str:
        """``127.0.0.1:port``."""
        return f"127.0.0.1:{self._port}"

    @property
    def identity(self) -> str:
        """What it proves to who connects."""
        return self.engine_id

    async def __aenter__(self) -> Self:
        self._start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._engine.close_dispatcher()

    def restart(self, *, engine_id: str | None = None, boots: int | None = None) -> None:
        """Start anew at the same address: one boot more, or as many as are said; or as another engine."""
        self._engine.close_dispatcher()
        self.boots = self.boots + 1 if boots is None else boots
        self.engine_id = engine_id or self.engine_id
        self._start()

    def _start(self) -> None:
        made = _engine(self.engine_id, self.boots)
        transport = udp.UdpTransport().open_server_mode(("127.0.0.1", self._port))
        config.add_transport(made, udp.DOMAIN_NAME, transport)
        user = self._user
        config.add_v3_user(
            made, user.name, config.USM_AUTH_HMAC96_SHA, user.auth, config.USM_PRIV_CFB128_AES, user.priv
        )
        config.add_vacm_user(made, 3, user.name, "authPriv", _EVERYTHING, _EVERYTHING)
        answering = context.SnmpContext(made)
        answering.unregister_context_name(b"")
        answering.register_context_name(b"", _Instrument(self.device))
        for responder in (cmdrsp.GetCommandResponder, cmdrsp.BulkCommandResponder, cmdrsp.SetCommandResponder):
            responder(made, answering)
        self._engine = made


def _engine(engine_id: str, boots: int) -> Any:
    """pysnmp's engine under an id. It keeps its boots in the temporary directory, unless there is none."""
    known, tempfile.tempdir = tempfile.tempdir, os.devnull
    try:
        made = new_engine(engine_id)
    finally:
        tempfile.tempdir = known
    (count,) = made.get_mib_builder().import_symbols("__SNMP-FRAMEWORK-MIB", "snmpEngineBoots")
    count.syntax = count.syntax.clone(boots)
    return made


def _free_port() -> int:
    """A port that nobody has now; pysnmp does not tell which one it was given."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


class _Instrument(instrum.AbstractMibInstrumController):  # type: ignore[misc]
    """The device, as pysnmp asks for it."""

    def __init__(self, device: Device) -> None:
        self._device = device

    def read_variables(self, *varBinds: Any, **_: Any) -> list[Any]:  # noqa: N803 -- pysnmp's name
        """Answer a GET."""
        return self._read(Kind.GET, varBinds)

    def read_next_variables(self, *varBinds: Any, **_: Any) -> list[Any]:  # noqa: N803 -- pysnmp's name
        """Answer a GETNEXT, or one row of a GETBULK."""
        return self._read(Kind.NEXT, varBinds)

    def _read(self, kind: Kind, asked: Any) -> list[Any]:
        request = Request(kind=kind, bindings=[(tuple(name), NULL) for name, _ in asked])
        found = self._device.answer(request)
        return [(rfc1902.ObjectName(name), _to(value)) for name, value in found.bindings]

    def write_variables(self, *varBinds: Any, **_: Any) -> list[Any]:  # noqa: N803 -- pysnmp's name
        """Carry out a SET."""
        bindings = [(tuple(name), _from(value)) for name, value in varBinds]
        found = self._device.answer(Request(kind=Kind.SET, bindings=bindings))
        if found.status:
            place = max(0, found.index - 1)
            raise _ERRORS.get(found.status, error.GenError)(name=varBinds[place][0], idx=place)
        return list(varBinds)


def _to(value: Value) -> Any:
    if isinstance(value, Missing):
        return _MISSING[value]
    if isinstance(value, Null):
        return rfc1902.Null("")
    if isinstance(value, ObjectId):
        return rfc1902.ObjectIdentifier(tuple(value))
    return _TO[type(value)](bytes(value) if isinstance(value, Octets) else int(value))


def _from(value: Any) -> Value:
    for ours, theirs in ((Counter64, rfc1902.Counter64), (Ticks, rfc1902.TimeTicks), (Counter, rfc1902.Counter32)):
        if isinstance(value, theirs):
            return ours(int(value))
    if isinstance(value, rfc1902.Gauge32):
        return Gauge(int(value))
    if isinstance(value, rfc1902.univ.Integer):
        return Integer(int(value))
    return Octets(bytes(value))
