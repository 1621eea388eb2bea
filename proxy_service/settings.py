"""What the service is told at its start: where it listens, where it keeps things, how long it keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of one service process. Times in seconds.

    ``database_url`` is ``sqlite:///PATH`` or ``postgresql://...`` (a driver named in it is ignored); absent, the
    database is ``pointsman.db`` in ``data_dir``. ``port`` 0 takes any free port. ``unix_socket`` is a second
    address for agents that share no network with the service.
    """

    data_dir: Path
    database_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 8765
    unix_socket: Path | None = None
    tls_cert: Path | None = None
    """PEM of the service's certificate and those between it and its authority; absent: plain HTTP on the port."""
    tls_key: Path | None = None
    """PEM of its key; absent: it stands with the certificate."""
    open_metrics: bool = False
    """Whether ``/metrics`` answers without a token."""
    events_kept_s: float = 14 * 86400.0
    events_most: int = 500_000
    passes_kept_s: float = 90 * 86400.0
    passes_most: int = 1_000
    """Of each node: one that fails again and again does not fill the database."""
    audit_kept_s: float = 365 * 86400.0
    links_kept_s: float = 90 * 86400.0
    """How long evidence of links that are over is kept."""
    housekeeping_s: float = 600.0
    agent_silence_s: float = 30.0
    """An agent that was not heard for so long is away."""
    lease_s: float = 30.0
    """How long an agent of a shared location holds its nodes without renewing, beside what its longest step takes."""
    lease_margin_s: float = 5.0
    """How long after the end of a lease another agent gets the node: the clocks of replicas may differ by so much."""
    keep_s: float = 15.0
    """An open stream carries at least a comment line this often."""
    transcripts_kept_s: float = 90 * 86400.0
    transcript_bytes_kept: int = 64 << 20
    """Of one node; beyond it the oldest parts go."""
    console_idle_s: float = 600.0
    """Who writes on a console and types nothing for so long writes no more."""
    console_linger_s: float = 15.0
    """For how long a console that nobody watches stays open."""
    console_lost_s: float = 60.0
    """For how long those who watch a console wait for an agent that was lost."""
    poll_s: float = 0.5
    """How soon the changes of other replicas are seen."""

    @property
    def database(self) -> str:
        """The URL of the database."""
        return self.database_url or f"sqlite:///{self.data_dir / 'pointsman.db'}"

    @property
    def admin_token_file(self) -> Path:
        """Where the first admin token is written, readable by its owner only."""
        return self.data_dir / "admin.token"
