"""The agent that holds the line: its name, its folder, its settings, and the node that it declares."""

from __future__ import annotations

import os
import re
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agents.attaching import Attached
from agents.settings import SecretRule, Settings
from device_profiles.names import NODE_NAME
from drivers.access import parse_access
from drivers.credentials import Credential
from pointsman.attach.finding import Found
from pointsman.problems import WrongUsage

_KEPT: Final = "line.login"
"""The file in the agent's secrets folder with a login that was typed."""
_SERVER: Final = "line.server"
"""The one with the secret of what serves the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """What the caller decided; empty texts are decided here."""

    node: str = ""
    agent: str = ""
    location: str
    service: str
    ca_file: Path | None = None
    insecure_http: bool = False
    data_dir: Path | None = None


def node_name(found: Found, wanted: str) -> str:
    """The node's name: as it was wanted, else the device's own, else made of its profile and its line."""
    if wanted:
        if not re.fullmatch(NODE_NAME, wanted):
            raise WrongUsage(f"--node {wanted!r} is no name of a node: letters, digits, dots and dashes")
        return wanted
    host = str(found.facts.get("hostname", ""))
    if host and host != found.profile.name and re.fullmatch(NODE_NAME, host):
        return host
    line = found.access.partition("?")[0].rpartition("/")[2]
    return re.sub(r"[^a-z0-9]+", "-", f"{found.profile.name}-{line}".lower()).strip("-")[:60]


def settings(joining: Joining, found: Found, node: str, credential: Credential | None) -> tuple[Settings, Attached]:
    """The agent's settings and its node. A password that was given is kept in the agent's folder, for itself only."""
    folder = joining.data_dir or state_folder() / node
    secrets, name, accesses = folder / "secrets", None, found.accesses
    rules: tuple[SecretRule, ...] = ()
    hosts = tuple(parse_access(each).host for each in accesses)
    if credential is not None:
        name = _keep(secrets, _KEPT, credential)
        rules = (SecretRule(name=name, hosts=hosts),)
    if found.server is not None:
        server = _keep(secrets, _SERVER, found.server)
        rules = (*rules, SecretRule(name=server, hosts=hosts[-1:]))
        accesses = (*accesses[:-1], accesses[-1].replace(f"login={found.server.name}", f"login={server}"))
    made = Settings(
        name=joining.agent or _agent_name(node),
        location=joining.location,
        service=joining.service,
        ca_file=joining.ca_file,
        insecure_http=joining.insecure_http,
        data_dir=folder,
        secrets_dir=secrets if rules else None,
        secrets=rules,
    )
    attached = Attached(
        node=node, profile=found.profile.name, access=accesses, credentials=name, identity=found.identity
    )
    return made, attached


def _keep(secrets: Path, name: str, credential: Credential) -> str:
    """Put a secret where the agent finds it; its name there."""
    secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = secrets / name
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(credential.text, encoding="utf-8")
    return f"file:{name}"


def _agent_name(node: str) -> str:
    host = re.sub(r"[^a-z0-9-]+", "-", socket.gethostname().partition(".")[0].lower()).strip("-") or "agent"
    return f"{host}-{node}"[:60].rstrip("-.")


def state_folder() -> Path:
    """Where agents that were attached remember things, unless they are told."""
    home = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local/state")
    return Path(home) / "pointsman"
