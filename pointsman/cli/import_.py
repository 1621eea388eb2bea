"""`pointsman import`: what another inventory knows, as a document to look over and apply."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated

import typer
from ruamel.yaml import YAML

from device_profiles.catalogue import all_profiles
from pointsman.cli.examples import examples
from pointsman.netbox import nodes_of, read_devices
from pointsman.problems import PointsmanError, WrongUsage
from pointsman.show.output import note
from pointsman.show.text import safe

app = typer.Typer()
_ACCESS = "ssh://{address}"


@app.command(
    epilog=examples(
        "pointsman import devices.json > nodes.yaml        # NetBox: /api/dcim/devices/?limit=0",
        "pointsman import devices.csv --platform ios=cisco_ios --access 'ssh://netops@{address}'",
        "pointsman import devices.json | pointsman apply -f - --dry-run",
    )
)
def import_(
    *,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="NetBox's devices, as JSON or CSV; - is standard input.")
    ],
    platform: Annotated[
        list[str] | None, typer.Option(metavar="PLATFORM=PROFILE", help="Which profile a platform of NetBox is.")
    ] = None,
    access: Annotated[
        str, typer.Option(metavar="URL", help="How nodes are reached; {address} and {name} are the device's.")
    ] = _ACCESS,
) -> None:
    """Write devices of NetBox as a document of nodes. What cannot be a node is told, and left out."""
    if set(re.findall(r"\{(.*?)\}", access)) - {"address", "name"} or access.count("{") != access.count("}"):
        raise WrongUsage("--access may hold {address} and {name}, and no other braces")
    pairs = [text.partition("=") for text in platform or ()]
    if not all(mark and profile for _, mark, profile in pairs):
        raise WrongUsage("--platform is written like ios=cisco_ios")
    found = nodes_of(
        read_devices(_read(file)),
        profiles=frozenset(all_profiles()),
        platforms={name: profile for name, _, profile in pairs},
        access=access,
    )
    for sentence in found.left_out:
        note(f"left out: {safe(sentence)}")
    if not found.document["nodes"]:
        raise PointsmanError("no device of the file can be a node")
    YAML(typ="safe").dump(found.document, sys.stdout)


def _read(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise PointsmanError(f"{file}: cannot be read: {error.strerror}") from None
