"""What a command needs of the line it was called with, and how it talks to the service."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from pointsman.cli.line import Line
from pointsman.client import Client
from pointsman.endpoint import Endpoint, find_endpoint

JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
NodeName = Annotated[str, typer.Argument(metavar="NODE", help="The node.")]
Timeout = Annotated[float, typer.Option("--timeout", metavar="SECONDS", min=1, max=60, help="How long it may take.")]


def endpoint_of(ctx: typer.Context) -> Endpoint:
    """The service that the line, the environment or the user's file names."""
    line = ctx.find_object(Line) or Line()
    return find_endpoint(
        service=line.service, token_file=line.token_file, ca_file=line.ca_file, insecure_http=line.insecure_http
    )


def with_client(ctx: typer.Context, work: Callable[[Client], Awaitable[int | None]]) -> None:
    """Do ``work`` with a client of the service and leave with the exit code that it answers (None: 0)."""

    async def talk() -> int:
        async with Client(endpoint_of(ctx)) as client:
            return await work(client) or 0

    raise typer.Exit(asyncio.run(talk()))
