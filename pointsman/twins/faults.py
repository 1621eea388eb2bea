"""What can go wrong with a twin, at will: set a field, and the next answer or login has it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class Faults:
    """The faults of one twin; all may be set and taken away while it runs."""

    refuse_login: bool = False
    """No key and no password is good enough."""
    hang_in_login: bool = False
    """Nothing is heard after the connection was accepted."""
    silent: bool = False
    """Commands are taken, and never answered."""
    hang_in_reply: bool = False
    """Half of the answer, then nothing."""
    drop_in_reply: bool = False
    """Half of the answer, then the connection is lost."""
    garbage: bytes | None = None
    """These bytes in place of what the command prints; its end mark comes as ever."""
    fail_writes: str = ""
    """What ovs-vsctl says in place of doing what it is told."""
    delay_s: float = 0.0
    """How long each answer takes."""
