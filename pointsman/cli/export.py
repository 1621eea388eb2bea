"""`pointsman export`: nodes and links as other tools read them."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pointsman.cli.examples import examples
from pointsman.cli.session import with_client
from pointsman.client import Client
from pointsman.problems import PointsmanError

app = typer.Typer()


class Format(StrEnum):
    """What the service can write."""

    DOT = "dot"
    MERMAID = "mermaid"
    NETJSON = "netjson"
    ANSIBLE = "ansible"
    PROMETHEUS = "prometheus"
    CHEF = "chef"
    NETBOX_DEVICES = "netbox-devices"
    NETBOX_DEVICES_JSON = "netbox-devices-json"
    NETBOX_CABLES = "netbox-cables"
    NETBOX_CABLES_JSON = "netbox-cables-json"


@app.command(
    epilog=examples(
        "pointsman export dot | dot -Tsvg > site.svg",
        "pointsman export prometheus --out /etc/prometheus/pointsman.json",
        "pointsman export ansible > inventory.json",
        "pointsman export netbox-cables > cables.csv",
    )
)
def export(
    ctx: typer.Context,
    *,
    form: Annotated[Format, typer.Argument(metavar="FORMAT", help=f"One of {', '.join(Format)}.")],
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Instead of standard output.")] = None,
) -> None:
    """Write nodes and links as Graphviz, Mermaid, NetJSON, Ansible, Prometheus, Chef or NetBox read them."""

    async def work(client: Client) -> None:
        text = await client.text(f"/export/{form}")
        if out is None:
            sys.stdout.write(text)
            return
        try:
            out.write_text(text, encoding="utf-8")
        except OSError as error:
            raise PointsmanError(f"{out}: cannot be written: {error.strerror}") from None

    with_client(ctx, work)
