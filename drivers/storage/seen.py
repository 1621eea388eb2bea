"""One reading of an array in the schema's words, with what else a plan must know: pools and sessions.

Sessions come with every reading, in the same exchange where the array allows it, so that nothing is ever planned
without knowing who is logged in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from device_profiles.operation import Health, SessionOperation
from device_profiles.state import Export, State, Volume


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """A pool of which volumes are made. Sizes in bytes, None where the array does not tell."""

    size: int | None = None
    free: int | None = None
    health: Health | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenVolume:
    """A volume. ``size`` and ``used`` in bytes; ``wwn`` is the name by which initiators know it."""

    size: int | None = None
    pool: str | None = None
    used: int | None = None
    health: Health | None = None
    wwn: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenExport:
    """Volumes shown to initiators: LUN number to volume name. ``target`` is the array's own name for it."""

    initiators: tuple[str, ...] = ()
    luns: Mapping[int, str] = field(default_factory=dict)
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """What an array says of itself."""

    hostname: str = ""
    manufacturer: str = ""
    product: str = ""
    serial: str = ""
    version: str = ""
    uptime_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One reading."""

    pools: Mapping[str, Pool] = field(default_factory=dict)
    volumes: Mapping[str, SeenVolume] = field(default_factory=dict)
    exports: Mapping[str, SeenExport] = field(default_factory=dict)
    sessions: tuple[SessionOperation, ...] = ()

    @property
    def state(self) -> State:
        """The configuration in it."""
        return State(
            volumes={name: Volume(size=item.size, pool=item.pool) for name, item in sorted(self.volumes.items())},
            exports={
                name: Export(initiators=tuple(sorted(set(item.initiators))), luns=dict(sorted(item.luns.items())))
                for name, item in sorted(self.exports.items())
            },
        )

    def live(self, export: str, initiators: frozenset[str] | None = None) -> Iterator[SessionOperation]:
        """The sessions of an export, or of some initiators there. Names of initiators are the same in any case."""
        wanted = None if initiators is None else {name.lower() for name in initiators}
        for session in self.sessions:
            if session.export == export and (wanted is None or session.initiator.lower() in wanted):
                yield session


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an array can do: the LUN numbers that it can give, how names of initiators begin, and how it grows.

    ``grows_online``: a volume that is mapped grows without being taken from its initiators for a moment. ``thin``:
    volumes take space only as they are written.
    """

    luns: range = range(16384)
    initiators: tuple[str, ...] = ("iqn.", "eui.", "naa.")
    grows_online: bool = True
    thin: bool = False
