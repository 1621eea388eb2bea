"""How to log in at a device that serves resources.

A :class:`LogIn` gives each request its headers, is told when the device refuses them (401), and leaves when the
connection is closed. What it sends goes by a plain ``send``, below the login. A vendor with a login of its own writes
one of these and hands it to :meth:`drivers.rest.served.Served.log_in_by`.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from drivers.credentials import Credential
from drivers.errors import AuthFailed, DeviceError
from drivers.rest.failures import refusal
from drivers.rest.messages import Headers, Request, Response, asking, path_of

Send = Callable[[Request], Awaitable[Response]]

SESSIONS: Final = "/redfish/v1/SessionService/Sessions"
"""Where sessions are made (DSP0266, section 13.3.4): reachable without a login, and the same on every service."""
_NO_SESSIONS: Final = frozenset({404, 405, 501, 503, 507})
_FULL: Final = (b"SessionLimitExceeded", b"CreateLimitReachedForResource")
"""Messages of DSP0266's base registry: others hold all the sessions that there are, some with a status of their own."""


class LogIn(Protocol):
    """A way to log in. All coroutines raise only :class:`~drivers.errors.DeviceError`."""

    async def headers(self, send: Send) -> Headers:
        """What a request must carry; logs in first where that is needed."""

    def refused(self, headers: Headers) -> bool:
        """The device answered 401 to ``headers``. Whether to ask for new ones and try once more."""

    async def leave(self, send: Send) -> None:
        """Give up what the device holds for us."""


class Nobody:
    """No login."""

    async def headers(self, send: Send) -> Headers:
        """None."""
        del send
        return {}

    def refused(self, headers: Headers) -> bool:
        """There is nothing else to try."""
        del headers
        return False

    async def leave(self, send: Send) -> None:
        """Nothing is held."""
        del send


class Basic(Nobody):
    """User and password in every request (RFC 7617)."""

    def __init__(self, user: str, secret: Credential) -> None:
        told = b64encode(f"{user}:{secret.password}".encode()).decode()
        self._headers = {"authorization": f"Basic {told}"}

    async def headers(self, send: Send) -> Headers:
        """The same each time."""
        del send
        return self._headers


class TokenSession:
    """A Redfish session: made by a POST, named by ``X-Auth-Token``, deleted at the end (DSP0266, section 13.3.4).

    BMCs hold few of them (some four), and a forgotten one stays for half an hour. Where a service has none, or none
    to give, user and password go with each request.
    """

    def __init__(self, user: str, secret: Credential, *, path: str = SESSIONS) -> None:
        self._user = user
        self._secret = secret
        self._path = path
        self._basic: Basic | None = None
        self._headers: Headers = {}
        self._location = ""
        self._turn = asyncio.Lock()

    async def headers(self, send: Send) -> Headers:
        """The session's token; several requests at once make one session."""
        async with self._turn:
            if not self._headers and self._basic is None:
                self._basic = await self._begin(send)
            return self._headers if self._basic is None else await self._basic.headers(send)

    async def _begin(self, send: Send) -> Basic | None:
        """Make a session; how to do without where there is none."""
        request = asking("POST", self._path, {"UserName": self._user, "Password": self._secret.password})
        response = await send(request)
        if response.status in _NO_SESSIONS or any(word in response.body for word in _FULL):
            return Basic(self._user, self._secret)
        if response.status in (400, 401, 403):
            raise AuthFailed(f"{self._path}: the device refuses the login: check the user in access, and credentials")
        if not response.is_good:
            raise refusal(request, response, secrets=(self._secret.password,))
        token = response.headers.get("x-auth-token", "")
        if not token:
            return Basic(self._user, self._secret)
        self._headers = {"x-auth-token": token}
        self._location = response.headers.get("location", "")
        return None

    def refused(self, headers: Headers) -> bool:
        """A session ran out, or the device restarted: another is made, but only for a token that was once good."""
        if "x-auth-token" not in headers:
            return False
        if headers == self._headers:
            self._headers, self._location = {}, ""
        return True

    async def leave(self, send: Send) -> None:
        """Delete the session. What fails then is of no use to anybody: the device ends it by itself some time."""
        headers, self._headers = self._headers, {}
        location, self._location = self._location, ""
        if not headers or not location:
            return
        try:
            await send(Request(method="DELETE", path=path_of(location), headers=headers))
        except DeviceError:
            return
