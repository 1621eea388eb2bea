"""``python -m pointsman.twins``: a rack of twins in a process of its own, until it is told to stop.

When all of them answer it prints one line of JSON: their names, access URLs and host keys, and where the private key
(of PDUs: the community) is. It ends at SIGTERM, SIGINT, or at the end of its input where ``--until-eof`` is given.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import orjson
import uvloop

from device_profiles.profile import load_profiles
from pointsman.twins.ipmi.serving import BmcRack
from pointsman.twins.pdus import PduRack
from pointsman.twins.rack import PROFILE, TwinRack
from pointsman.twins.redfish.rack import BLADES, RedfishRack


def _switches(said: argparse.Namespace) -> TwinRack:
    return TwinRack(said.count, port_base=said.port_base, own_host_keys=not said.shared_host_key)


def _pdus(said: argparse.Namespace) -> PduRack:
    return PduRack(said.count, profile=said.profile, port_base=said.port_base)


def _services(said: argparse.Namespace) -> RedfishRack:
    return RedfishRack(said.count, profile=said.profile, port_base=said.port_base, blades=said.blades)


def _controllers(said: argparse.Namespace) -> BmcRack:
    return BmcRack(said.count)


Rack = TwinRack | PduRack | RedfishRack | BmcRack
_RACKS: Final[Mapping[str, Callable[[argparse.Namespace], Rack]]] = {
    "openvswitch": _switches,
    "snmp_pdu": _pdus,
    "ipmi": _controllers,
    "redfish": _services,
    "redfish_pdu": _services,
    "swordfish": _services,
}
"""Which racks there are, by the driver of what stands in them."""


def main() -> None:
    """Run a rack as the command line says."""
    arguments = _parser().parse_args()
    uvloop.run(_serve(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m pointsman.twins", description=__doc__)
    profiles = sorted(name for name, profile in load_profiles().items() if profile.driver in _RACKS)
    parser.add_argument("--profile", default=PROFILE, choices=profiles, metavar="PROFILE", help="of what kind")
    parser.add_argument("--count", type=int, default=2, help="how many (default: 2)")
    parser.add_argument("--port-base", type=int, default=0, help="port of the first (default: any free ports)")
    parser.add_argument("--key", type=Path, help="where to write the secret to log in with (default: a temporary file)")
    parser.add_argument("--blades", type=int, default=BLADES, help="how many in an enclosure (default: %(default)s)")
    parser.add_argument("--shared-host-key", action="store_true", help="one host key for all of them")
    parser.add_argument("--until-eof", action="store_true", help="end when the input ends, as well")
    return parser


async def _serve(arguments: argparse.Namespace) -> None:
    rack = _RACKS[load_profiles()[arguments.profile].driver](arguments)
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


def _description(rack: Rack, key: Path) -> bytes:
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
