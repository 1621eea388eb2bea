"""A command line that netmiko speaks, asked as :class:`drivers.cli.CliSession` is asked.

The stream, the login on it and what a refusal looks like are ours; prompt, paging and the way to the privileged mode
are netmiko's for its device type. A session that is in doubt closes its stream, and the next command opens a new one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from device_profiles.cli import Cli
from device_profiles.names import printable
from drivers.cli.grammar import grammar_of
from drivers.cli.login import enter
from drivers.cli.talk import Talk
from drivers.contract import ByteStream
from drivers.credentials import Login
from drivers.errors import Busy, Rejected, Unreachable
from drivers.libraries.bridge import Bridge
from drivers.libraries.failures import mapped
from drivers.libraries.pool import Pool
from drivers.session import Reply, StreamFactory

if TYPE_CHECKING:
    from drivers.libraries.netmiko_line import NetmikoLine

T = TypeVar("T")
POOL: Final = Pool("netmiko")
"""All of this process's calls into netmiko."""
_OPENING: Final = 3.0
"""Opening takes many commands: so many times what one may take."""


class NetmikoSession:
    """A CLI on a device. Safe to use from several tasks: commands wait for each other."""

    def __init__(
        self,
        stream_factory: StreamFactory,
        *,
        device_type: str,
        cli: Cli,
        timeout_s: float,
        login: Login,
        pool: Pool = POOL,
    ) -> None:
        self._open = stream_factory
        self._device_type = device_type
        self._grammar = grammar_of(cli)
        self._timeout_s = timeout_s
        self._login = login
        self._pool = pool
        self._lock = asyncio.Lock()
        self._bridge: Bridge | None = None
        self._line: NetmikoLine | None = None
        self.waited_s = 0.0
        self.opened = 0
        """How many sessions were opened on the device."""

    @property
    def host(self) -> str:
        """The device's name as its prompt shows it."""
        prompt = self._grammar.prompt(self._line.prompt.encode()) if self._line is not None else None
        return prompt.host.decode("utf-8", "replace") if prompt is not None else ""

    async def run(self, command: str) -> Reply:
        """Run one command where the device is asked.

        Raises :class:`~drivers.errors.Rejected` where the device refuses it, ``Busy``, ``Unreachable`` (lost, or no
        answer within the time; ``Crowded``: no thread was free), ``Garbled`` (an answer whose end is not proven) and
        ``AuthFailed``. A caller that is cancelled meanwhile leaves a closed stream.
        """
        async with self._lock:
            started = time.monotonic()
            try:
                line = self._line or await self._fresh()
                text = await self._call(lambda: line.ask(command), doing=f"'{command}'", timeout_s=self._timeout_s)
            except BaseException:
                await self._drop()
                raise
            finally:
                elapsed_s = time.monotonic() - started
                self.waited_s += elapsed_s
            data = text.encode()
            self._refused(command, data)
            return Reply(data, 0, elapsed_s)

    async def close(self) -> None:
        """Close the stream. Never raises; a later command opens one."""
        await self._drop()

    def _refused(self, command: str, answer: bytes) -> None:
        refusal = self._grammar.refusal(answer)
        if refusal is None:
            return
        line = printable(refusal.line.decode("utf-8", "replace"), most=200)
        for secret in self._login.texts:
            line = line.replace(secret, "***")
        if refusal.busy:
            raise Busy(f"somebody else configures the device, and is waited for: {line}")
        raise Rejected(f"the device refuses '{printable(command, most=80)}': {line}")

    async def _fresh(self) -> NetmikoLine:
        limit_s = _OPENING * self._timeout_s
        try:
            async with asyncio.timeout(limit_s):
                stream = await self._entered(await self._open())
        except TimeoutError:
            raise Unreachable(f"no answer to the login in {limit_s:g} s") from None
        self._bridge = bridge = Bridge(stream)
        self.opened += 1

        def prepare() -> NetmikoLine:
            from drivers.libraries.netmiko_line import NetmikoLine, connection  # noqa: PLC0415 -- 0.7 s and 50 MB

            return NetmikoLine(connection(self._device_type, bridge, self._login))

        self._line = await self._call(prepare, doing="opening a session", timeout_s=limit_s)
        return self._line

    async def _entered(self, stream: ByteStream) -> ByteStream:
        """The stream behind the login, where the line asks for one: a password is said once, and by our rules."""
        if self._login.asked:
            try:
                await enter(Talk(stream, self._grammar, bytes_per_s=self._login.bytes_per_s), self._login)
            except BaseException:
                await stream.close()
                raise
        return stream

    async def _call(self, work: Callable[[], T], *, doing: str, timeout_s: float) -> T:
        bridge = self._bridge
        if bridge is None:
            raise Unreachable("the session was closed")

        def guarded() -> T:
            with mapped("netmiko", doing=doing, bridge=bridge, secrets=self._login.texts):
                return work()

        return await self._pool.call(guarded, device=self, timeout_s=timeout_s, cut=bridge.close, doing=doing)

    async def _drop(self) -> None:
        bridge, self._bridge = self._bridge, None
        self._line = None
        if bridge is not None:
            await bridge.close()
