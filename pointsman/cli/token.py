"""`pointsman token`: tokens for people, programs and agents that join."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from pointsman.cli.examples import examples
from pointsman.cli.session import JsonFlag, with_client
from pointsman.cli.spans import span_of
from pointsman.client import Client
from pointsman.problems import PointsmanError, WrongUsage
from pointsman.show.output import note, print_json, print_table, say
from pointsman.show.tables import TOKENS

app = typer.Typer(help="Make, list and revoke tokens.", no_args_is_help=True, rich_markup_mode=None)

SCOPES = ("read", "declare", "operate", "admin", "force", "console:read", "console:write", "join")


@app.command(
    epilog=examples(
        "pointsman token create ci --owner net-team --scope read --scope declare --expires 30d",
        "pointsman token create edge --scope join --location rack-a --out join.token",
        "pointsman token create vlans --scope declare --max-priority 60 --vlans 100-199 --label tier=leaf",
    )
)
def create(
    ctx: typer.Context,
    *,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called in lists.")],
    scope: Annotated[list[str], typer.Option(metavar="SCOPE", help=f"Of {', '.join(SCOPES)}; several.")],
    owner: Annotated[str | None, typer.Option(help="Whose declarations it makes; default: your own.")] = None,
    expires: Annotated[str | None, typer.Option(metavar="SPAN", help="30d, 12h.")] = None,
    location: Annotated[str | None, typer.Option(help="With scope join: where the agent may work.")] = None,
    uses: Annotated[int | None, typer.Option(min=1, help="With scope join: how many agents may use it.")] = None,
    max_priority: Annotated[
        int | None, typer.Option(min=0, max=1000, help="The highest priority of its roles.")
    ] = None,
    label: Annotated[list[str] | None, typer.Option(metavar="KEY=VALUE", help="Only nodes that bear it.")] = None,
    vlans: Annotated[str | None, typer.Option(metavar="RANGES", help="Only these VLANs: 100-199,300.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it here (mode 0600) and do not show it.")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Make a token. It is shown this once; the service keeps only its hash."""
    body = {
        "name": name,
        "owner": owner,
        "scopes": scope,
        "expires_in_s": span_of(expires, option="--expires").total_seconds() if expires else None,
        "location": location,
        "uses": uses,
        "limits": _limits(max_priority, label, vlans),
    }

    async def work(client: Client) -> None:
        answer = await client.call("POST", "/tokens", json={key: value for key, value in body.items() if value})
        if out is not None:
            write_secret(out, answer.pop("token"))
        if json:
            print_json(answer)
        elif out is not None:
            say(f"token {answer['id']} is in {out}")
        else:
            note(f"token {answer['id']}; keep it now, it is not shown again")
            say(answer["token"])

    with_client(ctx, work)


@app.command("list", epilog=examples("pointsman token list", "pointsman token list --json"))
def list_tokens(ctx: typer.Context, json: JsonFlag = False) -> None:
    """List tokens, without the secrets."""

    async def work(client: Client) -> None:
        items = await client.list("tokens")
        if json:
            print_json(items)
        else:
            print_table(TOKENS.columns, [TOKENS.row(item) for item in items], empty="there are no tokens")

    with_client(ctx, work)


@app.command(epilog=examples("pointsman token revoke 3f9a2c"))
def revoke(ctx: typer.Context, token: Annotated[str, typer.Argument(metavar="ID", help="From token list.")]) -> None:
    """Revoke a token, now."""

    async def work(client: Client) -> None:
        await client.delete("tokens", token)
        say(f"token {token} is revoked")

    with_client(ctx, work)


def write_secret(file: Path, secret: str) -> None:
    """Write a secret for its owner's eyes only. Raises PointsmanError where the file is there already."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise PointsmanError(f"cannot write the token to {file}: {error.strerror}") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(secret + "\n")


def _limits(max_priority: int | None, labels: list[str] | None, vlans: str | None) -> dict[str, Any] | None:
    limits: dict[str, Any] = {}
    if max_priority is not None:
        limits["max_priority"] = max_priority
    if labels:
        pairs = [text.partition("=") for text in labels]
        if not all(equals for _, equals, _ in pairs):
            raise WrongUsage("--label is KEY=VALUE")
        limits["labels"] = {key: value for key, _, value in pairs}
    if vlans:
        limits["vlans"] = vlans
    return limits or None
