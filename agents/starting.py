"""What an agent needs before it starts: a way to the service that may be gone, and its data folder for itself."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator

from agents.client import Service, ServiceClient
from agents.settings import Settings
from agents.tls import NoAuthorities, is_exposed


class AgentError(Exception):
    """The agent cannot run; one sentence that says why and what to do."""


def open_client(settings: Settings) -> Service:
    """The way to the service. Raises :class:`AgentError` where it must not, or cannot, be gone."""
    if is_exposed(settings.service) and not settings.insecure_http:
        raise AgentError(
            f"the agent's token would go to {settings.service} unencrypted: have the service speak TLS (https://), "
            "or say insecure_http (--insecure-http)"
        )
    try:
        return ServiceClient(settings.service, ca_file=settings.ca_file)
    except NoAuthorities as error:
        raise AgentError(f"ca_file: {error}") from None


@contextlib.contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Hold the data folder's lock. Two agents with one journal would each undo what the other remembers."""
    lock = os.open(settings.data_dir / "agent.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AgentError(f"another agent runs with the data folder {settings.data_dir}: stop it first") from None
        yield
    finally:
        os.close(lock)
