"""SNMP v3 (RFC 3411 to 3418) over UDP, by pysnmp: ``snmpv3://user@host?auth=sha256&priv=aes256&context=...``.

The credential's first line is the passphrase of authentication, its second that of privacy (the same where there is
none); without a credential nothing is proven and nothing hidden. ``auth`` is sha (default), sha224, sha256, sha384,
sha512 or none; ``priv`` is aes (default), aes192, aes256, or none. MD5 and DES are not spoken: both are broken.

The engine id is the device's identity (``80001f88...``). It is asked for before any key is used, and must be the
pinned one; keys are made for that engine only, and whatever comes from another one is refused. An engine that was
restarted counts its boots anew: pysnmp takes up its new time from an authentic report; where it went back, the keys are
made anew for the same engine.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any, Final

from pysnmp.entity import config
from pysnmp.entity.rfc3413 import cmdgen
from pysnmp.hlapi.v3arch.asyncio import Udp6TransportTarget, UdpTransportTarget, UsmUserData
from pysnmp.hlapi.v3arch.asyncio.lcd import CommandGeneratorLcdConfigurator
from pysnmp.proto import errind, rfc1902, rfc1905

from device_profiles.names import printable
from drivers.access import Access
from drivers.contract import ByteStream
from drivers.credentials import Credential
from drivers.errors import AuthFailed, DeviceError, Garbled, SecretRefused, Unreachable, Unsupported, WrongDevice
from drivers.sending import may_send
from drivers.snmp import discovery
from drivers.snmp.managed import Manager
from drivers.snmp.pdu import Binding, Kind, Request, Response
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
    oid,
)
from drivers.transports._datagrams import Manners, Pace, dial, manners_of, only
from drivers.transports._snmp_engines import new_engine

_ENGINE_ID: Final = re.compile(r"[0-9a-f]{10,64}")
_SYS_OBJECT_ID: Final = oid("1.3.6.1.2.1.1.2.0")
_AUTH: Final[Mapping[str, Any]] = {
    "sha": config.USM_AUTH_HMAC96_SHA,
    "sha224": config.USM_AUTH_HMAC128_SHA224,
    "sha256": config.USM_AUTH_HMAC192_SHA256,
    "sha384": config.USM_AUTH_HMAC256_SHA384,
    "sha512": config.USM_AUTH_HMAC384_SHA512,
}
_PRIV: Final[Mapping[str, Any]] = {
    "aes": config.USM_PRIV_CFB128_AES,
    "aes128": config.USM_PRIV_CFB128_AES,
    "aes192": config.USM_PRIV_CFB192_AES,
    "aes256": config.USM_PRIV_CFB256_AES,
}
_SHORTEST_PASSPHRASE: Final = 8
_REFUSALS: Final = (
    errind.UnknownUserName,
    errind.WrongDigest,
    errind.AuthenticationFailure,
    errind.AuthenticationError,
    errind.DecryptionError,
    errind.UnsupportedSecurityLevel,
)
_FROM: Final[tuple[tuple[Any, type[Integer | Octets]], ...]] = (
    # The order matters: pysnmp's types inherit from each other.
    (rfc1902.Counter64, Counter64),
    (rfc1902.Counter32, Counter),
    (rfc1902.TimeTicks, Ticks),
    (rfc1902.Gauge32, Gauge),
    (rfc1902.Unsigned32, Gauge),
    (rfc1902.Integer, Integer),
    (rfc1902.IpAddress, IpAddress),
    (rfc1902.Opaque, Opaque),
    (rfc1902.OctetString, Octets),
)
_TO: Final[Mapping[type, Any]] = {
    Integer: rfc1902.Integer32,
    Counter: rfc1902.Counter32,
    Counter64: rfc1902.Counter64,
    Gauge: rfc1902.Gauge32,
    Ticks: rfc1902.TimeTicks,
    Octets: rfc1902.OctetString,
    Opaque: rfc1902.Opaque,
    IpAddress: rfc1902.IpAddress,
}


class Connection(Manager):
    """A device that speaks SNMPv3 (see :class:`drivers.contract.Connection`, :class:`~drivers.snmp.Managed`)."""

    def __init__(self, access: Access, user: _User, manners: Manners, *, engine_id: bytes) -> None:
        super().__init__()
        self._access = access
        self._user = user
        self._manners = manners
        self._engine_id = engine_id
        self._session: _Session | None = None
        self._turn = asyncio.Lock()
        self._pace = Pace(manners.rate_per_s)
        self.identity = engine_id.hex()
        self.closed = False

    async def stream(self, command: str) -> ByteStream:
        """Refused: SNMP has no command line."""
        del command
        raise Unsupported(f"{self._access} has no command line: SNMP reads and writes variables")

    async def exchange(self, request: Request) -> Response:
        """One request and its response (see :data:`drivers.snmp.pdu.Exchange`)."""
        async with self._turn:
            await self._pace.turn()
            known = self._session is not None
            try:
                return await self._within().ask(request)
            except _Estranged:
                self._end()
            except Unreachable:
                self._end()
                if not known:
                    raise
            # Its boots or its time went back, so that it and pysnmp do not believe each other any more, or it is gone,
            # or another engine by now. Keys are made anew for the same one only.
            await expect(self._access, self._manners, pin=self.identity)
            try:
                return await self._within().ask(request)
            except _Estranged:
                raise Unreachable(f"{self._access}: its engine does not keep time with us") from None

    def _within(self) -> _Session:
        if self.closed:
            raise Unreachable(f"the connection to {self._access} was closed")
        if self._session is None:
            self._session = _Session(self._access, self._user, self._manners, self._engine_id)
        return self._session

    def _end(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    async def close(self) -> None:
        """Close the socket. Never raises."""
        self.closed = True
        self._end()


class _Estranged(Exception):
    """The engine does not accept our idea of it."""


class _User:
    """Who we are to an engine; no repr shows a passphrase."""

    def __init__(self, access: Access, credential: Credential | None) -> None:
        said = only(access, "auth", "priv", "context")
        self.context = said.get("context", "")
        auth, priv = said.get("auth", "sha").lower(), said.get("priv", "aes").lower()
        if credential is None or auth == "none":
            self._keys: dict[str, Any] = {}
        else:
            self._keys = {"authKey": credential.password, "authProtocol": _choice(access, "auth", auth, _AUTH)}
            if priv != "none":
                protocol = _choice(access, "priv", priv, _PRIV)
                self._keys |= {"privKey": credential.enable, "privProtocol": protocol}
            if min(len(credential.password), len(credential.enable)) < _SHORTEST_PASSPHRASE:
                raise SecretRefused(f"{credential.name}: SNMPv3 takes no passphrase of less than 8 characters")
        self._name = access.user

    def of(self, engine_id: bytes) -> Any:
        """pysnmp's user, whose keys are for one engine."""
        return UsmUserData(self._name, securityEngineId=rfc1902.OctetString(engine_id), **self._keys)


def _choice(access: Access, option: str, word: str, known: Mapping[str, Any]) -> Any:
    if word not in known:
        raise Unsupported(f"{access}: {option} is one of {', '.join((*known, 'none'))}")
    return known[word]


class _Session:
    """An engine of our own for one of theirs."""

    def __init__(self, access: Access, user: _User, manners: Manners, engine_id: bytes) -> None:
        self._access = access
        self._user = user
        self._manners = manners
        self._engine_id = engine_id
        self._auth = user.of(engine_id)
        self._engine = new_engine()
        self._configurator = CommandGeneratorLcdConfigurator()
        self._strangers: list[bytes] = []
        self._engine.observer.register_observer(self._seen, "rfc3414.processIncomingMsg")

    def _seen(self, _engine: Any, _point: Any, variables: Mapping[str, Any], _context: Any) -> None:
        found = bytes(variables["securityEngineId"])
        if found and found != self._engine_id:
            self._strangers.append(found)

    async def ask(self, request: Request) -> Response:
        """One request. Raises :class:`~drivers.errors.DeviceError`, or ``_Estranged``."""
        may_send()
        waiting: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        try:
            self._send(request, await self._target(), waiting)
            indication, status, index, found = await waiting
            self._judge(indication)
            return Response(int(status), int(index), [_from(name, value) for name, value in found])
        except (DeviceError, _Estranged, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 -- pysnmp raises of what came whatever it stumbles over
            raise Garbled(f"{self._access}: an answer cannot be read: {type(error).__name__}") from None

    def _send(self, request: Request, target: Any, waiting: asyncio.Future[Any]) -> None:
        context = (self._user.context if request.vlan is None else f"vlan-{request.vlan}").encode()
        name, _ = self._configurator.configure(self._engine, self._auth, target, context)
        bindings = [(rfc1902.ObjectName(each), _to(value)) for each, value in request.bindings]

        def came(*answer: Any) -> None:
            if not waiting.done():
                waiting.set_result(answer[2:6])

        where = (self._engine, name, rfc1902.OctetString(self._engine_id), context)
        match request.kind:
            case Kind.GET:
                cmdgen.GetCommandGenerator().send_varbinds(*where, bindings, came)
            case Kind.SET:
                cmdgen.SetCommandGenerator().send_varbinds(*where, bindings, came)
            case Kind.NEXT | Kind.BULK:
                depth = max(1, request.repetitions)
                cmdgen.BulkCommandGenerator().send_varbinds(*where, 0, depth, bindings, came)

    async def _target(self) -> Any:
        make = Udp6TransportTarget if ":" in self._access.host else UdpTransportTarget
        return await make.create(
            (self._access.host, self._access.port),
            timeout=self._manners.timeout_s,
            retries=self._manners.tries - 1,
        )

    def _judge(self, indication: Any) -> None:
        if self._strangers:
            shown = self._strangers[0].hex()
            self._strangers.clear()
            raise WrongDevice(f"{self._access}: an answer came from the engine {shown}, and was refused")
        if indication is None or not indication:
            return
        if isinstance(indication, errind.NotInTimeWindow | errind.UnknownEngineID):
            raise _Estranged
        if isinstance(indication, _REFUSALS):
            raise AuthFailed(f"{self._access}: the device refuses the user or its passphrases: {indication}")
        if isinstance(indication, errind.RequestTimedOut):
            times = f"{self._manners.tries} requests within {self._manners.timeout_s:g} s each"
            raise Unreachable(f"{self._access} did not answer {times}")
        raise Garbled(f"{self._access}: {printable(str(indication))}")

    def close(self) -> None:
        """Close our engine's socket."""
        self._engine.close_dispatcher()


_MISSING: Final = (
    (rfc1905.NoSuchObject, Missing.OBJECT),
    (rfc1905.NoSuchInstance, Missing.INSTANCE),
    (rfc1905.EndOfMibView, Missing.END),
)


def _to(value: Value) -> Any:
    if isinstance(value, Null | Missing):
        return rfc1902.Null("")
    if isinstance(value, ObjectId):
        return rfc1902.ObjectIdentifier(tuple(value))
    make = _TO[type(value)]
    return make(bytes(value)) if isinstance(value, Octets) else make(int(value))


def _from(name: Any, value: Any) -> Binding:
    return tuple(name), _value(value)


def _value(value: Any) -> Value:
    for kind, missing in _MISSING:
        if isinstance(value, kind):
            return missing
    if hasattr(value, "asTuple"):  # pyasn1's OBJECT IDENTIFIER, of which pysnmp has several kinds
        return ObjectId(value.asTuple())
    for theirs, ours in _FROM:
        if isinstance(value, theirs):
            return ours(bytes(value)) if issubclass(ours, Octets) else ours(int(value))
    if isinstance(value, rfc1902.univ.Null):
        return NULL
    raise Garbled(f"a value has the type {type(value).__name__}, which SNMP has not")


async def expect(access: Access, manners: Manners, *, pin: str | None) -> bytes:
    """The id of the engine that answers. Raises ``WrongDevice`` where another was pinned, ``Unreachable``."""
    datagrams = await dial(access, manners)
    number = datagrams.number()

    def take(data: bytes) -> bytes | None:
        of, found = discovery.answer(data)
        return found if of == number else None

    try:
        engine_id = await datagrams.ask(discovery.question(number), take)
    finally:
        datagrams.close()
    wanted = _plain(pin)
    if _ENGINE_ID.fullmatch(wanted) and wanted != engine_id.hex():
        raise WrongDevice(
            f"{access} shows the engine {engine_id.hex()}, and shall show {wanted}: nothing was sent to it",
            shown=engine_id.hex(),
        )
    return engine_id


def _plain(pin: str | None) -> str:
    """An engine id in whichever spelling; a pin of another kind (an SSH key) is none."""
    return (pin or "").lower().removeprefix("0x").replace(":", "")


async def connect(access: Access, *, credential: Credential | None, pin: str | None, timeout_s: float) -> Connection:
    """Find out which engine answers, and ask it who it is. A pin of another kind (an SSH key) is not of this access.

    Raises what :func:`drivers.transports.open_connection` says.
    """
    if not access.user:
        raise Unsupported(f"{access}: SNMPv3 needs a user, like snmpv3://agent@192.0.2.1")
    user, manners = _User(access, credential), manners_of(access, timeout_s=timeout_s)
    engine_id = await expect(access, manners, pin=pin)
    connection = Connection(access, user, manners, engine_id=engine_id)
    try:
        await connection.get([_SYS_OBJECT_ID])
    except BaseException:
        await connection.close()
        raise
    return connection
