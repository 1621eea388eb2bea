"""What the folder of an attached agent tells of it: by which line it reaches which node, and what was declared offline.

So an agent that worked with no service can join one later, on another day and with no cable in its port.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from agents.attaching import Attached
from agents.settings import Settings
from pointsman.attach.joining import Joining
from pointsman.problems import PointsmanError

_FILE: Final = "attached.json"
DECLARED: Final = "declared.yaml"
"""What the device was kept at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An agent with its node, as it was run last."""

    settings: Settings
    attached: Attached


_KEPT: Final = TypeAdapter(Kept)


def remember(settings: Settings, attached: Attached, document: bytes) -> None:
    """Note in the agent's folder who it is, and what was declared for its node."""
    folder = settings.data_dir
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / _FILE).write_bytes(_KEPT.dump_json(Kept(settings=settings, attached=attached)))
    (folder / DECLARED).write_bytes(document)


def joined(joining: Joining, folder: Path) -> tuple[Settings, Attached]:
    """The agent of a folder, as it joins the service that was named. Raises PointsmanError."""
    try:
        kept = _KEPT.validate_json((folder / _FILE).read_bytes())
    except OSError as error:
        raise PointsmanError(f"no agent was run offline with {folder}: name the port ({error.strerror})") from None
    except ValidationError:
        raise PointsmanError(f"{folder / _FILE} cannot be read: name the port, and it is written anew") from None
    if joining.node and joining.node != kept.attached.node:
        raise PointsmanError(f"{folder} is of the node {kept.attached.node}: name that, or another folder")
    settings = replace(
        kept.settings,
        name=joining.agent or kept.settings.name,
        location=joining.location,
        service=joining.service,
        ca_file=joining.ca_file,
        insecure_http=joining.insecure_http,
        data_dir=folder,
    )
    return settings, kept.attached


def declared(folder: Path) -> bytes | None:
    """The document at which the device was kept offline; None where none was."""
    try:
        return (folder / DECLARED).read_bytes()
    except FileNotFoundError:
        return None
