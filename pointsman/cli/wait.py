"""`pointsman wait`: block until what was declared is on the devices."""

from __future__ import annotations

from typing import Annotated

import typer

from pointsman.cli.examples import examples
from pointsman.cli.session import with_client
from pointsman.client import Client
from pointsman.problems import DONE, NOT_CONVERGED, ServiceRefused, WrongUsage
from pointsman.show.waiting import wait_for_nodes, wait_for_roles

app = typer.Typer()


@app.command(
    epilog=examples(
        "pointsman wait sw1 sw2",
        "pointsman wait blue-fabric --timeout 120   # a role: its own leaves on all of its nodes",
        "pointsman wait --all && echo done          # exit code 3: not converged, and why",
    )
)
def wait(
    ctx: typer.Context,
    *,
    names: Annotated[list[str] | None, typer.Argument(metavar="NODE|ROLE...", help="Nodes and roles.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All nodes.")] = False,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", min=0, help="How long.")] = 60.0,
) -> None:
    """Wait until nodes or roles are on the devices as declared; exit code 3 where they are not in time."""
    if bool(names) == everything:
        raise WrongUsage("name the nodes or roles to wait for, or say --all")

    async def work(client: Client) -> int:
        nodes, roles = await _sorted_out(client, names or [])
        if everything:
            nodes = {item["name"]: None for item in await client.list("nodes")}
        late = await wait_for_nodes(client, nodes, timeout_s=timeout) if nodes else []
        late += await wait_for_roles(client, roles, timeout_s=timeout) if roles else []
        return NOT_CONVERGED if late else DONE

    with_client(ctx, work)


async def _sorted_out(client: Client, names: list[str]) -> tuple[dict[str, int | None], list[str]]:
    """Which of the names are nodes, and which roles. Raises ServiceRefused for what is neither."""
    nodes: dict[str, int | None] = {}
    roles: list[str] = []
    for name in names:
        try:
            await client.get("nodes", name)
            nodes[name] = None
        except ServiceRefused as error:
            if error.status != 404:
                raise
            await client.get("roles", name)
            roles.append(name)
    return nodes, roles
