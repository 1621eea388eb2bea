"""`pointsman get`: lists, and single objects as the service has them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from pointsman.cli.examples import examples
from pointsman.cli.session import JsonFlag, with_client
from pointsman.client import Client
from pointsman.problems import WrongUsage
from pointsman.show.output import print_json, print_table
from pointsman.show.tables import TABLES

app = typer.Typer()


class Kind(StrEnum):
    """What can be listed."""

    NODES = "nodes"
    ROLES = "roles"
    LOCATIONS = "locations"
    SERVERS = "servers"
    AGENTS = "agents"
    PROFILES = "profiles"
    EVENTS = "events"


_SINGULAR = {kind.value.removesuffix("s"): kind.value for kind in Kind}


def _kind(word: str) -> Kind:
    word = _SINGULAR.get(word, word)
    if word not in set(Kind):
        raise typer.BadParameter(f"{word!r} is none of {', '.join(Kind)}")
    return Kind(word)


@app.command(
    epilog=examples(
        "pointsman get nodes",
        "pointsman get nodes --label tier=leaf --condition Converged:false",
        "pointsman get roles --json",
        "pointsman get nodes sw1 --json             # one object, as the service has it",
        "pointsman get profiles",
    )
)
def get(
    ctx: typer.Context,
    *,
    kind: Annotated[
        Kind, typer.Argument(metavar="KIND", parser=_kind, help=f"One of {', '.join(Kind)}; singular will do.")
    ],
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Only this one.", show_default=False)] = None,
    label: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="Only what bears it; several: all of them.")
    ] = None,
    condition: Annotated[
        list[str] | None, typer.Option(metavar="TYPE:STATUS", help="Like Converged:false; several: all of them.")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """List what the service has."""
    _check(kind, label, condition)

    async def work(client: Client) -> None:
        items = await _items(client, kind, name, label=label, condition=condition)
        if json:
            print_json(items[0] if name else items)
        else:
            table = TABLES[kind]
            print_table(table.columns, [table.row(item) for item in items], empty=f"no {kind.value} to show")

    with_client(ctx, work)


def _check(kind: Kind, label: list[str] | None, condition: list[str] | None) -> None:
    if (label or condition) and kind is not Kind.NODES:
        raise WrongUsage("--label and --condition choose among nodes, and nothing else has them")
    for text in label or ():
        if "=" not in text:
            raise WrongUsage(f"--label {text!r} is not KEY=VALUE")
    for text in condition or ():
        if ":" not in text:
            raise WrongUsage(f"--condition {text!r} is not TYPE:STATUS, like Converged:false")


async def _items(
    client: Client, kind: Kind, name: str | None, *, label: list[str] | None, condition: list[str] | None
) -> list[dict[str, object]]:
    if kind is Kind.EVENTS:
        return [item async for item in client.past_events()]
    if name is not None:
        return [await client.get(kind, name)]
    return await client.list(kind, labels=label, conditions=condition)
