"""HTTP and HTTPS: one client per device, and nothing of it that could be led elsewhere.

Who a device is, is the fingerprint of the certificate that it shows; BMCs and arrays sign theirs themselves. It is
looked at as soon as the handshake is over, each time, before a request (and with it a secret) is sent. Redirects are
followed within the device only, and only for what reads. An answer has an end: larger ones are not taken.

Every exception of httpx ends here, as one of :mod:`drivers.errors`.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urljoin

import httpx

from device_profiles.names import printable
from drivers.access import Access
from drivers.contract import ByteStream
from drivers.credentials import Credential, Login
from drivers.errors import Garbled, SecretRefused, Unreachable, Unsupported, WrongDevice
from drivers.rest.certificates import fingerprint
from drivers.rest.logins import Basic, LogIn, Nobody
from drivers.rest.messages import READS, Request, Response, path_of
from drivers.sending import may_send

_LARGEST_BYTES: Final = 16 << 20
_MOST_REDIRECTS: Final = 3
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_UNAUTHORIZED: Final = 401
# A handshake takes a BMC up to a second: connections are kept from one poll to the next, where it does so as well.
_CONNECTIONS: Final = httpx.Limits(max_connections=4, max_keepalive_connections=4, keepalive_expiry=120.0)
_LEAVING_S: Final = 1.5
_HANDSHAKE: Final = "start_tls.complete"
_OPTIONS: Final = frozenset({"auth", "tls"})
_VERSIONS: Final = {"1.0": ssl.TLSVersion.TLSv1, "1.1": ssl.TLSVersion.TLSv1_1, "1.2": ssl.TLSVersion.TLSv1_2}

# httpcore logs the headers of requests and answers, and login tokens are among them.
for _name in ("httpcore", "httpx"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class Connection:
    """A device that serves resources (:class:`drivers.contract.Connection`, :class:`drivers.rest.served.Served`)."""

    def __init__(self, access: Access, *, log_in: LogIn, login: Login, pin: str | None, timeout_s: float) -> None:
        self._access = access
        self._log_in = log_in
        self._pin = pin
        self._timeout_s = timeout_s
        self._secure = access.scheme.endswith("https")
        host = f"[{access.host}]" if ":" in access.host else access.host
        self._origin = f"{'https' if self._secure else 'http'}://{host}:{access.port}"
        self._carrier = httpx.AsyncHTTPTransport(
            verify=tls(dict(access.options).get("tls", "1.2")) if self._secure else False,
            limits=_CONNECTIONS,
            trust_env=False,
        )
        self.login = login
        self.identity = ""
        self.closed = False

    async def stream(self, command: str) -> ByteStream:
        """Refused: there is no command line."""
        del command
        raise Unsupported(f"{self._access} has no command line: it is asked over HTTP")

    def log_in_by(self, log_in: LogIn) -> None:
        """How to log in from here on."""
        self._log_in = log_in

    async def log_in(self) -> None:
        """Log in now. Raises ``AuthFailed``."""
        await self._log_in.headers(self.send)

    async def exchange(self, request: Request) -> Response:
        """One request and its response, logged in (see :class:`drivers.rest.served.Served`)."""
        headers = await self._log_in.headers(self.send)
        response = await self._followed(request, headers)
        if response.status == _UNAUTHORIZED and self._log_in.refused(headers):
            response = await self._followed(request, await self._log_in.headers(self.send))
        return response

    async def _followed(self, request: Request, headers: Mapping[str, str]) -> Response:
        """Follow redirects within the device; of what writes, none."""
        asked = replace(request, headers={**request.headers, **headers})
        for _ in range(_MOST_REDIRECTS + 1):
            response = await self.send(asked)
            place = response.headers.get("location", "")
            if response.status not in _REDIRECTS or request.method not in READS or not place:
                return response
            asked = replace(asked, path=self._within(urljoin(asked.path, place)))
        raise Garbled(f"{request}: the device redirects without end")

    def _within(self, place: str) -> str:
        if place.startswith("http:") and self._secure:
            raise Garbled(f"{self._access} redirects to a connection that is not encrypted: it is not followed")
        if place.startswith("https:") and not self._secure:
            raise Unsupported(f"{self._access} wants an encrypted connection: write https in the access")
        return path_of(place, host=self._access.host)

    async def send(self, request: Request) -> Response:
        """One request and its response, as it is. One that reads is sent again where a connection that was kept open
        turned out to be closed.
        """
        with self._mapped(request):
            try:
                return await self._once(request)
            except httpx.RemoteProtocolError as error:
                if request.method not in READS or "disconnected" not in str(error):
                    raise
            return await self._once(request)

    async def _once(self, request: Request) -> Response:
        if self.closed:
            raise Unreachable(f"the connection to {self._access} was closed")
        may_send()
        sent = httpx.Request(
            request.method,
            self._origin + request.path,
            headers={"accept-encoding": "identity", "user-agent": "pointsman", **request.headers},
            content=request.body,
            extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), self._timeout_s)}
            | ({"trace": self._trace} if self._secure else {}),
        )
        answer = await self._carrier.handle_async_request(sent)
        try:
            body = bytearray()
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > _LARGEST_BYTES:
                    raise Garbled(f"{request}: the answer is larger than {_LARGEST_BYTES >> 20} MiB: it is not taken")
        finally:
            await answer.aclose()
        return Response(status=answer.status_code, headers=_headers(answer), body=bytes(body))

    async def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Called by httpcore at each of its steps; the one after the handshake is where it is seen who answers."""
        if not event.endswith(_HANDSHAKE):
            return
        stream = info["return_value"]
        certificate = stream.get_extra_info("ssl_object").getpeercert(binary_form=True)
        shown = fingerprint(certificate or b"")
        expected = self._pin or self.identity
        if expected and shown != expected:
            await stream.aclose()
            raise WrongDevice(
                f"{self._access} shows the certificate {shown}, and {expected} is expected: if it was renewed or the "
                "device was replaced, see pointsman replace; nothing was sent",
                shown=shown,
            )
        self.identity = shown

    @contextlib.contextmanager
    def _mapped(self, request: Request) -> Iterator[None]:
        try:
            yield
        except httpx.TimeoutException:
            raise Unreachable(f"{self._access}: {request}: no answer within {self._timeout_s:g} s") from None
        except (httpx.DecodingError, httpx.InvalidURL, httpx.RemoteProtocolError, httpx.LocalProtocolError) as error:
            if "disconnected" in str(error):
                raise Unreachable(f"{self._access}: {request}: the device closed the connection") from None
            raise Garbled(f"{self._access}: {request}: the answer is no HTTP: {_line(error)}") from None
        except UnicodeError:
            raise Unsupported(f"{self._access} is no address that can be looked up: correct the access") from None
        except (httpx.HTTPError, OSError) as error:
            raise Unreachable(f"{self._access}: {request}: {_line(error)}") from None

    async def close(self) -> None:
        """Leave the session, and close all connections. Never raises."""
        if self.closed:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LEAVING_S):
                await self._log_in.leave(self.send)
        self.closed = True
        await self._carrier.aclose()


def _headers(answer: httpx.Response) -> dict[str, str]:
    """Names in lower case; several cookies on a line each."""
    found: dict[str, str] = {}
    for name, value in answer.headers.multi_items():
        between = "\n" if name == "set-cookie" else ", "
        found[name] = f"{found[name]}{between}{value}" if name in found else value
    return found


def _line(error: Exception) -> str:
    return printable(str(error).partition("\n")[0] or type(error).__name__, most=120)


@functools.cache
def tls(oldest: str) -> ssl.SSLContext:
    """What all connections have in common. No authority is asked who a device is: its certificate is pinned.

    Raises :class:`~drivers.errors.Unsupported` for a version that is none.
    """
    if oldest not in _VERSIONS:
        raise Unsupported(f"tls={printable(oldest, most=20)}: the oldest version is one of {', '.join(_VERSIONS)}")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if oldest != "1.2":
        # Versions before 1.2 sign with SHA-1, which OpenSSL 3 takes on its lowest level only.
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = _VERSIONS[oldest]
    return context


def login_at(access: Access, credential: Credential | None) -> Login:
    """Who we are there. Raises :class:`~drivers.errors.SecretRefused` or ``Unsupported``."""
    strange = sorted({name for name, _ in access.options} - _OPTIONS)
    if strange:
        raise Unsupported(f"{access}: '{printable(strange[0], most=40)}' is no option here: there are auth and tls")
    if credential is not None and credential.is_private_key:
        raise SecretRefused(f"{credential.name} is a private key: {access} takes a password")
    if credential is None or access.user:
        return Login(user=access.user, secret=credential)
    user, colon, password = credential.password.partition(":")
    if not colon or not user:
        raise SecretRefused(
            f"{access}: name the user as well: {access.scheme}://USER@{access.host}, or USER:PASSWORD in credentials"
        )
    return Login(user=user, secret=replace(credential, text=password))


def basic(login: Login) -> LogIn:
    """User and password with each request, where there are any."""
    return Nobody() if login.secret is None else Basic(login.user, login.secret)


async def opened(connection: Connection, first: Request, *, timeout_s: float) -> Response:
    """The answer to a first request that needs no login; closes the connection where there is none."""
    try:
        async with asyncio.timeout(timeout_s):
            return await connection.send(first)
    except TimeoutError:
        await connection.close()
        raise Unreachable(f"no answer within {timeout_s:g} s") from None
    except BaseException:
        await connection.close()
        raise
