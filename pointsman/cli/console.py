"""`pointsman console`: the console of a node on this terminal, shared with others; and what was said there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer

from pointsman.cli.examples import examples
from pointsman.cli.session import JsonFlag, endpoint_of, with_client
from pointsman.client import Client
from pointsman.console.power import PowerKey
from pointsman.console.replaying import play, read_cast
from pointsman.console.terminal import Terminal
from pointsman.console.watching import Watching
from pointsman.problems import PointsmanError, WrongUsage
from pointsman.show.output import note, print_json, print_table
from pointsman.show.text import ago
from pointsman.signals import stop_requested

app = typer.Typer()

_COLUMNS = ("transcript", "slot", "agent", "began", "last said", "bytes", "ended")


@app.command(
    epilog=examples(
        "pointsman console con1                       # watch, and write when nobody else does; Ctrl-] q quits",
        "pointsman console con1 --read-only | tee con1.log",
        "pointsman console con1 --take-over           # whoever has the line loses it, and is told",
        "pointsman console con1 --power pdu1/outlets.7   # Ctrl-] p cycles that outlet, by a role of yours",
        "pointsman console chassis1 --slot 3          # the machine in that slot; Ctrl-] p cycles it",
        "pointsman console con1 --list                # what was recorded",
        "pointsman console --replay con1              # play the last session; con1/ID another, or a .cast file",
        "pointsman console --replay con1 --save con1.cast",
    )
)
def console(
    ctx: typer.Context,
    *,
    node: Annotated[str | None, typer.Argument(metavar="[NODE]", help="The node.")] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Watch, and never write.")] = False,
    take_over: Annotated[bool, typer.Option("--take-over", help="Write at once, whoever has the line.")] = False,
    slot: Annotated[
        str, typer.Option(metavar="N", help="The machine in this slot of a chassis; also with --list and --replay.")
    ] = "",
    power: Annotated[
        str | None,
        typer.Option(metavar="NODE/PATH", help="What Ctrl-] p cycles: pdu1/outlets.7, or chassis1/slots.3."),
    ] = None,
    transcripts: Annotated[bool, typer.Option("--list", help="List what was recorded on it.")] = False,
    replay: Annotated[
        str | None, typer.Option(metavar="NODE[/ID]|FILE", help="Play what was recorded; without ID the last.")
    ] = None,
    save: Annotated[Path | None, typer.Option(metavar="FILE", help="With --replay: write it (asciicast v2).")] = None,
    speed: Annotated[float, typer.Option(min=0.1, max=1000, help="With --replay: so many times as fast.")] = 1.0,
    json: JsonFlag = False,
) -> None:
    """The console of a node, wherever it is: its line, or a shell over SSH.

    Many may watch, one writes; automation waits for you, and you see it work. Everything the line says is recorded.
    On a pipe it only watches.
    """
    if replay is not None:
        if node is not None or transcripts or take_over:
            raise WrongUsage("--replay stands alone: pointsman console --replay NODE")
        _replay(ctx, replay, slot=slot, save=save, speed=speed)
        return
    if node is None:
        raise WrongUsage("name a node: pointsman console NODE, or play one with --replay")
    if transcripts:
        _list(ctx, node, slot=slot, json=json)
        return
    if read_only and take_over:
        raise WrongUsage("--read-only and --take-over contradict each other")
    power = power if power is not None or not slot else f"{node}/slots.{slot}"
    key = PowerKey.of(endpoint_of(ctx), f"{node}-{slot}" if slot else node, power) if power is not None else None
    cycle = key.press if key is not None else None
    _watch(ctx, node, slot=slot, read_only=read_only, take_over=take_over, cycle=cycle)


def _watch(
    ctx: typer.Context,
    node: str,
    *,
    slot: str,
    read_only: bool,
    take_over: bool,
    cycle: Callable[[], Awaitable[str]] | None,
) -> None:
    endpoint, terminal = endpoint_of(ctx), Terminal()
    if take_over and not terminal.is_interactive:
        raise WrongUsage("--take-over needs a terminal: on a pipe a console is only watched")
    writes = terminal.is_interactive and not read_only

    async def visit() -> None:
        with stop_requested() as stop:
            visit = Watching(endpoint, node, terminal, writes=writes, takes=take_over, slot=slot, cycle=cycle)
            visiting = asyncio.create_task(visit.run())
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait([visiting, stopping], return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            if not visiting.done():
                visiting.cancel()
            await asyncio.gather(visiting, stopping, return_exceptions=True)
            if not visiting.cancelled():
                visiting.result()

    asyncio.run(visit())


def _list(ctx: typer.Context, node: str, *, slot: str, json: bool) -> None:
    async def work(client: Client) -> None:
        items = (await client.of_node(node, "console/transcripts", slot=slot or None))["items"]
        if json:
            print_json(items)
            return
        rows = [
            (
                item["id"],
                item.get("slot", ""),
                item["agent"],
                ago(item["began_at"]),
                ago(item["last_at"]),
                str(item["bytes"]),
                item["reason"] if item["ended_at"] else "open",
            )
            for item in items
        ]
        print_table(_COLUMNS, rows, empty=f"nothing was recorded on the console of {node}")

    with_client(ctx, work)


def _replay(ctx: typer.Context, what: str, *, slot: str, save: Path | None, speed: float) -> None:
    file = Path(what)
    if file.suffix == ".cast" or file.is_file():
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text"
            raise PointsmanError(f"cannot read {file}: {reason}") from error
        asyncio.run(_play(text, what, save=save, speed=speed))
        return
    node, _, number = what.partition("/")

    async def work(client: Client) -> None:
        await _play(await client.transcript(node, number or "latest", slot=slot), what, save=save, speed=speed)

    with_client(ctx, work)


async def _play(text: str, name: str, *, save: Path | None, speed: float) -> None:
    header, events = read_cast(text, name=name)
    if save is not None:
        try:
            await asyncio.to_thread(save.write_text, text, encoding="utf-8")
        except OSError as error:
            raise PointsmanError(f"cannot write {save}: {error.strerror}") from error
        note(f"{header.get('title', name)}: saved as {save}")
        return
    await play(events, Terminal(), speed=speed)
