"""What the demo shows when all has been done: the nodes, what changed on each, the neighbours, the way in."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pointsman.client import Client
from pointsman.show.output import print_table, say
from pointsman.show.plans import sentences
from pointsman.show.tables import LINKS, TABLES


async def print_nodes(client: Client) -> None:
    """The nodes' table."""
    table = TABLES["nodes"]
    rows = [table.row(item) for item in await client.list("nodes")]
    say()
    print_table(table.columns, rows, empty="there are no nodes")


async def print_changes(client: Client, nodes: Iterable[str]) -> None:
    """What the passes did on each node, a sentence a step."""
    for node in nodes:
        say()
        say(f"changed on {node}:")
        passes = (await client.of_node(node, "passes"))["items"]
        done = [sentence for record in reversed(passes) for sentence in sentences(record)]
        for sentence in done or ["nothing: it was as declared"]:
            say(f"  {sentence}")


async def print_neighbours(client: Client) -> None:
    """Who is at the other end of the cables."""
    links = (await client.call("GET", "/links"))["items"]
    rows = sorted(LINKS.row(item) for item in links)
    say()
    print_table(LINKS.columns, rows, empty="no neighbours were seen yet")


def print_service(url: str, token_file: Path) -> None:
    """Where the service is, and where the token for it lies."""
    say()
    say(f"service: {url}    its token: {token_file}")


def print_way_in(url: str, token_file: Path) -> None:
    """How to go on from here."""
    say()
    say("stays up until Ctrl-C; look around in another terminal:")
    say(f"  export POINTSMAN_SERVICE={url} POINTSMAN_TOKEN_FILE={token_file}")
    for line in ("pointsman get nodes", "pointsman show sw1", "pointsman console rt1", "pointsman events --follow"):
        say(f"  {line}")
