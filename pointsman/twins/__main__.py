"""``python -m pointsman.twins``: a rack of twins in a process of its own, until it is told to stop.

When all of them answer it prints one line of JSON: their names, access URLs and host keys, and where the private key
is. It ends at SIGTERM, SIGINT, or at the end of its input where ``--until-eof`` is given.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from pathlib import Path

import orjson
import uvloop

from pointsman.twins.rack import TwinRack


def main() -> None:
    """Run a rack as the command line says."""
    arguments = _parser().parse_args()
    uvloop.run(_serve(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m pointsman.twins", description=__doc__)
    parser.add_argument("--count", type=int, default=2, help="how many switches (default: 2)")
    parser.add_argument("--port-base", type=int, default=0, help="TCP port of the first (default: any free ports)")
    parser.add_argument("--key", type=Path, help="where to write the private key (default: a temporary file)")
    parser.add_argument("--shared-host-key", action="store_true", help="one host key for all of them")
    parser.add_argument("--until-eof", action="store_true", help="end when the input ends, as well")
    return parser


async def _serve(arguments: argparse.Namespace) -> None:
    rack = TwinRack(arguments.count, port_base=arguments.port_base, own_host_keys=not arguments.shared_host_key)
    stopped = _stopping(at_eof=arguments.until_eof)  # before we say that we are ready
    with tempfile.TemporaryDirectory(prefix="pointsman-twins-") as folder:
        key = arguments.key or Path(folder) / "twins.key"
        async with rack:
            _write_key(key, rack.key_text)
            sys.stdout.buffer.write(_description(rack, key))
            sys.stdout.buffer.flush()
            await stopped.wait()


def _write_key(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


def _description(rack: TwinRack, key: Path) -> bytes:
    nodes = [
        {"name": twin.name, "profile": twin.profile, "access": twin.access, "host_key": twin.host_key}
        for twin in rack.nodes
    ]
    return orjson.dumps({"nodes": nodes, "key": str(key)}) + b"\n"


def _stopping(*, at_eof: bool) -> asyncio.Event:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    if at_eof:
        loop.add_reader(sys.stdin.fileno(), lambda: stopped.set() if not os.read(sys.stdin.fileno(), 4096) else None)
    return stopped


if __name__ == "__main__":
    main()
