"""A rack of twins: pairs of switches as in the lab, each with its own SSH server on 127.0.0.1."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Self

import asyncssh

from pointsman.twins import shell
from pointsman.twins.faults import Faults
from pointsman.twins.server import HOST, listen, stop
from pointsman.twins.switch import Host, Switch, join

PROFILE = "openvswitch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """One switch of a rack, as whoever manages it needs to know it."""

    name: str
    access: str
    """``ssh://root@127.0.0.1:PORT``."""
    host_key: str
    """The fingerprint of its host key (``SHA256:...``)."""
    switch: Switch
    profile: str = PROFILE

    @property
    def faults(self) -> Faults:
        """What shall go wrong with it."""
        return self.switch.faults

    @property
    def writes(self) -> int:
        """How many commands that change state have reached it, from whomever."""
        return self.switch.writes

    def run(self, line: str) -> tuple[str, int]:
        """Run a command line on it as somebody at its own shell does: what it prints, and its exit status."""
        printed, status = shell.run(self.switch, line)
        return printed.decode(), status


class TwinRack:
    """A rack of ``count`` twins named sw1, sw2, ...; an asynchronous context manager.

    sw1 and sw2, sw3 and sw4 ... are joined by two cables, of which p23 starts with its link down at both ends. Each
    has two hosts at p1 and p2. The first of each pair has the port p48 of its management VLAN. With ``port_base`` 0
    the system chooses the TCP ports. A host key of its own for each, or with ``own_host_keys=False`` one for all.
    """

    def __init__(self, count: int = 2, *, port_base: int = 0, own_host_keys: bool = True) -> None:
        self._count = count
        self._port_base = port_base
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        self._shared = None if own_host_keys else asyncssh.generate_private_key("ssh-ed25519")
        self._acceptors: list[asyncssh.SSHAcceptor] = []
        self._connections: set[asyncssh.SSHServerConnection] = set()
        self.nodes: tuple[Twin, ...] = ()

    @property
    def key_text(self) -> str:
        """The private key that all twins accept for any user, in OpenSSH form."""
        return self._key.export_private_key("openssh").decode()

    @property
    def connected(self) -> int:
        """How many SSH connections are open now, also those that have not logged in."""
        return len(self._connections)

    def __getitem__(self, name: str) -> Twin:
        """The twin of that name."""
        return next(twin for twin in self.nodes if twin.name == name)

    async def __aenter__(self) -> Self:
        switches = [_switch(number) for number in range(1, self._count + 1)]
        for one, other in zip(switches[::2], switches[1::2], strict=False):
            join(one, other)
        try:
            self.nodes = tuple([await self._start(switch) for switch in switches])
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def _start(self, switch: Switch) -> Twin:
        host_key = self._shared or asyncssh.generate_private_key("ssh-ed25519")
        acceptor = await listen(
            switch,
            key=self._key,
            host_key=host_key,
            connections=self._connections,
            port=self._port_base + switch.number - 1 if self._port_base else 0,
        )
        self._acceptors.append(acceptor)
        return Twin(
            name=switch.name,
            access=f"ssh://root@{HOST}:{acceptor.get_port()}",
            host_key=host_key.get_fingerprint(),
            switch=switch,
        )

    async def _stop(self) -> None:
        await stop(self._acceptors, self._connections)
        self.nodes = ()


def _switch(number: int) -> Switch:
    switch = Switch(f"sw{number}", serial=f"TWIN-{number}", number=number, in_band=number % 2 == 1)
    for index, port in enumerate(("p1", "p2"), 2 * number - 1):
        mac = f"52:54:{index >> 24 & 255:02x}:{index >> 16 & 255:02x}:{index >> 8 & 255:02x}:{index & 255:02x}"
        switch.devices[port].host = Host(f"h{index}", mac)
    return switch
