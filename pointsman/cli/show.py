"""`pointsman show`: everything about one node or role."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from pointsman.cli.examples import examples
from pointsman.cli.session import JsonFlag, with_client
from pointsman.client import Client, Json
from pointsman.problems import ServiceRefused, WrongUsage
from pointsman.show.details import node_tree, role_tree
from pointsman.show.output import print_json, print_tree

app = typer.Typer()

_PASSES = 5
"""The newest; the last one that was reported is among them."""


@app.command(
    epilog=examples(
        "pointsman show sw1                         # conditions, last pass, drift, neighbours",
        "pointsman show blue-fabric                 # a role, and how it stands on each of its nodes",
        "pointsman show role/sw1                    # where a role is named like a node",
    )
)
def show(
    ctx: typer.Context,
    *,
    name: Annotated[
        str, typer.Argument(metavar="NODE|ROLE", help="A node, or else a role; node/X or role/X says which.")
    ],
    json: JsonFlag = False,
) -> None:
    """Everything about one node or role."""

    async def work(client: Client) -> None:
        kind, found = await _find(client, name)
        if json:
            print_json(found)
        else:
            print_tree(node_tree(found) if kind == "nodes" else role_tree(found))

    with_client(ctx, work)


async def _find(client: Client, name: str) -> tuple[str, Json]:
    prefix, slash, rest = name.partition("/")
    if slash:
        if prefix not in {"node", "role"}:
            raise WrongUsage(f"{name!r}: before the slash stands node or role")
        return await (_node(client, rest) if prefix == "node" else _role(client, rest))
    try:
        return await _node(client, name)
    except ServiceRefused as error:
        if error.status != 404:
            raise
    try:
        return await _role(client, name)
    except ServiceRefused as error:
        if error.status != 404:
            raise
        sentence = (
            f"there is no node and no role named {name}: `pointsman get nodes` and `pointsman get roles` list them"
        )
        raise ServiceRefused(sentence, slug=error.slug, status=404) from error


async def _role(client: Client, name: str) -> tuple[str, Json]:
    return "roles", await client.get("roles", name)


async def _node(client: Client, name: str) -> tuple[str, Json]:
    node = await client.get("nodes", name)
    operation, drift, links, passes = await asyncio.gather(
        _operation(client, name),
        _or_nothing(client, name, "drift"),
        _or_nothing(client, name, "links"),
        _or_nothing(client, name, "passes", limit=_PASSES),
    )
    last = next((item for item in passes if item["id"] == node["status"].get("last_pass")), None)
    more = {"drift": drift, "links": links, "last_pass": last or (passes[0] if passes else None)}
    return "nodes", {**node, **more, "operation": operation}


async def _operation(client: Client, name: str) -> Json:
    """What feeds a PDU's outlets and what they do; ports have no place in an overview."""
    try:
        found = await client.of_node(name, "operation")
    except ServiceRefused as error:
        if error.status != 404:
            raise
        return {}
    return {part: found[part] for part in ("at", "inputs", "outlets") if found.get(part)}


async def _or_nothing(client: Client, name: str, part: str, **query: int) -> list[Json]:
    """The items of a part; none where nothing was reported yet."""
    try:
        items: list[Json] = (await client.of_node(name, part, **query))["items"]
    except ServiceRefused as error:
        if error.status != 404:
            raise
        return []
    return items
