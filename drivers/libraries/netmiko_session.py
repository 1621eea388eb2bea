"""A command line that netmiko speaks, asked as :class:`drivers.cli.CliSession` is asked.

The stream, the login on it and what a refusal looks like are ours; prompt, paging and the way to the privileged mode
are netmiko's for its device type.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from device_profiles.cli import Cli
from device_profiles.names import printable
from drivers.cli.grammar import grammar_of
from drivers.credentials import Login
from drivers.errors import Busy, Rejected
from drivers.libraries.bridge import Bridge
from drivers.libraries.pool import Pool
from drivers.libraries.session import LibrarySession
from drivers.session import Reply, StreamFactory

if TYPE_CHECKING:
    from drivers.libraries.netmiko_line import NetmikoLine

POOL: Final = Pool("netmiko")
"""All of this process's calls into netmiko."""


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
        def prepare(bridge: Bridge, login: Login) -> NetmikoLine:
            from drivers.libraries.netmiko_line import NetmikoLine, connection  # noqa: PLC0415 -- 0.7 s and 50 MB

            return NetmikoLine(connection(device_type, bridge, login, pager=cli.pager))

        self._grammar = grammar_of(cli)
        self._login = login
        self._session = LibrarySession(
            stream_factory, prepare=prepare, cli=cli, timeout_s=timeout_s, login=login, pool=pool
        )

    @property
    def waited_s(self) -> float:
        """All the time that commands took on the device and the way to it."""
        return self._session.waited_s

    @property
    def opened(self) -> int:
        """How many sessions were opened on the device."""
        return self._session.opened

    @property
    def host(self) -> str:
        """The device's name as its prompt shows it."""
        line = self._session.handle
        prompt = self._grammar.prompt(line.prompt.encode()) if line is not None else None
        return prompt.host.decode("utf-8", "replace") if prompt is not None else ""

    async def run(self, command: str) -> Reply:
        """Run one command where the device is asked.

        Raises :class:`~drivers.errors.Rejected` where the device refuses it, ``Busy``, ``Unreachable`` (lost, or no
        answer within the time; ``Crowded``: no thread was free), ``Garbled`` (an answer whose end is not proven) and
        ``AuthFailed``. A caller that is cancelled meanwhile leaves a closed stream.
        """
        started = time.monotonic()
        shown = f"'{printable(command, most=80)}'"
        data = (await self._session.call(lambda line: line.ask(command), doing=shown)).encode()
        refusal = self._grammar.refusal(data)
        if refusal is None:
            return Reply(data, 0, time.monotonic() - started)
        text = printable(refusal.line.decode("utf-8", "replace"), most=200)
        for secret in self._login.texts:
            text = text.replace(secret, "***")
        if refusal.busy:
            raise Busy(f"somebody else configures the device, and is waited for: {text}")
        raise Rejected(f"the device refuses {shown}: {text}")

    async def close(self) -> None:
        """Close the stream. Never raises; a later command opens one."""
        await self._session.close()
