"""Twins to measure against: in a process of their own, on another core, so that their cost is not the agent's."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks.processes import Child
from benchmarks.stage import Stage

LOCATION: Final = "bench"
LABELS: Final = {"bench": "yes"}
SECRET: Final = "twins.key"
PROFILE: Final = "openvswitch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Twins:
    """Twins that answer. ``documents`` are their nodes by name, in the order of their numbers."""

    documents: dict[str, dict[str, Any]]
    key: str = field(repr=False)

    def names(self, count: int) -> tuple[str, ...]:
        """The first so many."""
        return tuple(self.documents)[:count]

    def nodes(self, count: int) -> dict[str, dict[str, Any]]:
        """The documents of the first so many."""
        return {name: self.documents[name] for name in self.names(count)}


def node_document(*, profile: str, access: list[str], host_key: str | None, secret: str) -> dict[str, Any]:
    """A node with the label by which a row's role finds it, its host key pinned where it is known."""
    return {
        "profile": profile,
        "location": LOCATION,
        "access": access,
        "credentials": f"file:{secret}",
        "labels": LABELS,
        "identity": {"ssh_host_key": host_key} if host_key else {},
    }


@asynccontextmanager
async def running_twins(
    stage: Stage, count: int, *, profile: str = PROFILE, more: Sequence[str] = ()
) -> AsyncIterator[Twins]:
    """So many twins of a profile; switches have a host key of their own each. ``more``: further options."""
    log, key = stage.folder / "twins.log", stage.folder / SECRET
    argv = [sys.executable, "-m", "pointsman.twins", "--profile", profile]
    argv += ["--count", str(count), "--key", str(key), *more]
    with Child("twins", argv, log=log, cores=stage.cores.others) as child:
        await child.until(lambda: asyncio.to_thread(_said, log), what="the twins answer")
        yield _described(await asyncio.to_thread(log.read_text, "utf-8"), key)


def _said(log: Path) -> bool:
    return _line(log.read_text(encoding="utf-8")) is not None


def _line(text: str) -> str | None:
    """The line of JSON that they print when all answer, once it is whole."""
    return next((each for each in text.splitlines(keepends=True) if each.startswith("{") and each.endswith("\n")), None)


def _described(text: str, key: Path) -> Twins:
    nodes = json.loads(_line(text) or "{}")["nodes"]
    documents = {
        each["name"]: node_document(
            profile=each["profile"],
            access=[each["access"]] if isinstance(each["access"], str) else each["access"],
            host_key=each["host_key"],
            secret=SECRET,
        )
        for each in nodes
    }
    return Twins(documents=documents, key=key.read_text(encoding="ascii"))
