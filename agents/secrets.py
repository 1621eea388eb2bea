"""Secrets by name: found where this agent keeps them, and handed out only for addresses that its own file allows.

``env:POINTSMAN_SECRET_X`` is a variable of the agent's environment; ``file:NAME`` a file right in the secrets folder,
never reached through a link, and readable by nobody else. Whatever a declaration says, a name goes only to the hosts
that a rule of the agent's settings gives it; anything else is :class:`~drivers.errors.SecretRefused`.
"""

from __future__ import annotations

import asyncio
import fnmatch
import ipaddress
import os
import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path as File
from typing import Final

from agents.settings import SecretRule
from device_profiles.names import CREDENTIAL_REFERENCE, printable
from drivers.access import Access
from drivers.credentials import Credential
from drivers.errors import SecretRefused

_REFERENCE: Final = re.compile(CREDENTIAL_REFERENCE.removesuffix("$") + r"\Z")
_LARGEST_BYTES: Final = 65_536
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class Secrets:
    """What this agent may use, and for whom."""

    def __init__(
        self, *, folder: File | None, rules: Sequence[SecretRule], environment: Mapping[str, str] = os.environ
    ) -> None:
        self._folder = folder
        self._rules = tuple(rules)
        self._environment = environment

    async def resolve(self, name: str | None, *, host: str) -> Credential | None:
        """The secret called ``name``, for use at ``host``; None where none is named. Raises ``SecretRefused``."""
        if name is None:
            return None
        if not _REFERENCE.match(name):
            raise SecretRefused("credentials are named like env:POINTSMAN_SECRET_X or file:NAME")
        if not any(_allows(rule, name, host) for rule in self._rules):
            raise SecretRefused(
                f"{name} may not be sent to {printable(host)}: allow it in the agent's own file, under secrets"
            )
        scheme, _, rest = name.partition(":")
        if scheme == "env":
            return Credential(name=name, text=self._variable(name, rest))
        if scheme == "file":
            return Credential(name=name, text=await asyncio.to_thread(self._file, name, rest))
        raise SecretRefused(f"{name}: this agent knows env: and file: only")

    async def equip(self, access: Access) -> Access:
        """The access with the secret of what serves its line, where it names one (``?login=file:NAME``).

        Raises ``SecretRefused``.
        """
        name = access.option("login")
        return replace(access, secret=await self.resolve(name, host=access.host)) if name else access

    def _variable(self, name: str, variable: str) -> str:
        text = self._environment.get(variable, "")
        if not text:
            raise SecretRefused(
                f"{name}: the agent's environment has no such variable: set it and start the agent again"
            )
        return text

    def _file(self, name: str, file: str) -> str:
        if self._folder is None:
            raise SecretRefused(f"{name}: this agent has no secrets folder: set secrets_dir in its file")
        try:
            # The name has no slash, and the last part is not followed: a link cannot lead out of the folder.
            descriptor = os.open(self._folder / file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            raise SecretRefused(f"{name}: cannot be read in the secrets folder: {error.strerror}") from None
        try:
            _check(name, os.fstat(descriptor))
            text = os.read(descriptor, _LARGEST_BYTES).decode("utf-8", "replace")
        finally:
            os.close(descriptor)
        text = text if "-----" in text else text.rstrip("\r\n")
        if not text:
            raise SecretRefused(f"{name}: is empty")
        return text


def _check(name: str, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise SecretRefused(f"{name}: is no plain file")
    if found.st_uid not in (0, os.geteuid()):
        raise SecretRefused(f"{name}: belongs to somebody else than this agent and root")
    if found.st_mode & _OTHERS:
        raise SecretRefused(f"{name}: others can read or write it: chmod 600")
    if found.st_size > _LARGEST_BYTES:
        raise SecretRefused(f"{name}: is too large for a secret")


def _allows(rule: SecretRule, name: str, host: str) -> bool:
    return fnmatch.fnmatchcase(name, rule.name) and any(_is_in(host, allowed) for allowed in rule.hosts)


def _is_in(host: str, allowed: str) -> bool:
    """Whether ``host`` is the name ``allowed``, or an address in the network ``allowed``. Nothing is looked up."""
    if host.lower() == allowed.lower():
        return True
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(allowed, strict=False)
    except ValueError:
        return False
