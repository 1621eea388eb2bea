"""Arrays that are reached over SSH, each with its own server on 127.0.0.1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import asyncssh

from pointsman.twins import shell
from pointsman.twins.arrays.host import Host
from pointsman.twins.server import HOST, listen, stop


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayTwin:
    """One array, as whoever manages it needs to know it."""

    name: str
    profile: str
    access: str
    """``ssh://root@127.0.0.1:PORT``."""
    host_key: str
    device: Host

    @property
    def writes(self) -> int:
        """How many commands that change state have reached it, from whomever."""
        return self.device.writes

    def run(self, line: str) -> tuple[str, int]:
        """Run a command line on it as somebody at its own shell does: what it prints, and its exit status."""
        printed, status = shell.run(self.device, line)
        return printed.decode(), status


class ArrayRack:
    """Arrays by name, of one profile; an asynchronous context manager.

    ``key_text`` is the private key that they accept for any user; given one, that is it.
    """

    def __init__(self, hosts: Mapping[str, Host], *, profile: str = "tgt", key_text: str = "") -> None:
        self._hosts = hosts
        self._profile = profile
        self._key = asyncssh.import_private_key(key_text) if key_text else asyncssh.generate_private_key("ssh-ed25519")
        self._acceptors: list[asyncssh.SSHAcceptor] = []
        self._connections: set[asyncssh.SSHServerConnection] = set()
        self.nodes: tuple[ArrayTwin, ...] = ()

    @property
    def key_text(self) -> str:
        """The private key that all accept, in OpenSSH form."""
        return self._key.export_private_key("openssh").decode()

    async def __aenter__(self) -> Self:
        try:
            self.nodes = tuple([await self._start(name, host) for name, host in self._hosts.items()])
        except BaseException:
            await stop(self._acceptors, self._connections)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await stop(self._acceptors, self._connections)
        self.nodes = ()

    async def _start(self, name: str, host: Host) -> ArrayTwin:
        host_key = asyncssh.generate_private_key("ssh-ed25519")
        acceptor = await listen(host, key=self._key, host_key=host_key, connections=self._connections)
        self._acceptors.append(acceptor)
        return ArrayTwin(
            name=name,
            profile=self._profile,
            access=f"ssh://root@{HOST}:{acceptor.get_port()}",
            host_key=host_key.get_fingerprint(),
            device=host,
        )
