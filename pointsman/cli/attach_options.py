"""The options of `pointsman agent attach`, but for those of its part that makes a device reachable."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pointsman.logs import Level

Port = Annotated[
    str | None, typer.Argument(metavar="[PORT|URL]", help="/dev/ttyUSB0, rfc2217://host:port, tcp://, telnet://")
]
Node = Annotated[str, typer.Option(metavar="NAME", help="The node's name; the device's own if none is given.")]
Location = Annotated[str, typer.Option(metavar="NAME", help="The location that the agent serves.")]
Name = Annotated[str, typer.Option(metavar="NAME", help="The agent's own name.")]
ProfileName = Annotated[str | None, typer.Option(metavar="NAME", help="Do not find out which one fits.")]
Credentials = Annotated[
    str | None, typer.Option(metavar="REF", help="file:PATH or env:POINTSMAN_SECRET_X: the password of the line.")
]
JoinToken = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The token that lets the agent join, at its first start.")
]
DataDir = Annotated[Path | None, typer.Option(metavar="DIR", help="Where the agent remembers things.")]
Look = Annotated[bool, typer.Option("--look", help="Show what is there, and end: nothing is joined.")]
Offline = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Need no service: keep the device at this declaration.")
]
Declare = Annotated[
    bool, typer.Option("--declare", help="Declare at the service what was declared offline (with your own token).")
]
Once = Annotated[bool, typer.Option("--once", help="End when it is as declared, or when what was kept is handed over.")]
Wait = Annotated[float, typer.Option(metavar="SECONDS", help="With --offline: how long to wait for that.")]
LogLevel = Annotated[Level, typer.Option(help="How much to log.")]
