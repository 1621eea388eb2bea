"""Twins with a command line of their own (IOS-like, Junos-like, Comware-like), in this process or in one of theirs.

``python -m benchmarks.command_lines --count N`` serves IOS-like twins over SSH until SIGTERM, and prints one line of
JSON: their access URLs, host keys and password.
"""

import argparse
import asyncio
import json
import signal
import sys
from contextlib import AsyncExitStack
from typing import Final

from pointsman.twins.languages.ios_like import PORTS, Interface, Switch
from pointsman.twins.languages.ios_like_session import IosSession
from pointsman.twins.languages.server import LanguageServer
from pointsman.twins.languages.switch import Neighbour
from pointsman.twins.languages.terminal import Password

PASSWORD: Final = Password(user="admin", password="pointsman-twin")
PROFILE: Final = "cisco_ios"


def switch_in_use(
    profile: str = PROFILE, *, ports: int = 48, name: str = "sw1", serial: str = "TWIN00000001"
) -> Switch:
    """An IOS-like switch with so many ports: VLANs, a trunk, access ports, a neighbour, addresses."""
    made = Switch(profile, name=name, serial=serial)
    first = PORTS[profile][1][0]
    stem = first.rpartition("/")[0] + "/" if "/" in first else first.rstrip("0123456789")
    made.config.vlans |= {number: f"net-{number}" for number in range(10, 30)}
    for number in range(1, ports + 1):
        port = Interface(f"{stem}{number}", description=f"server {number}", mode="access", access=10 + number % 20)
        made.config.interfaces[port.name] = port
        made.linked.add(port.name)
    made.config.interfaces[first] = Interface(first, description="uplink", mode="trunk", encapsulated=True)
    made.neighbours[first] = Neighbour("sw2.example.net", "02:00:00:00:00:02", "Ethernet1", "to sw1")
    made.macs = [(f"02:00:00:00:01:{number:02x}", 10, f"{stem}{number}") for number in range(2, ports + 1)]
    made.save()
    return made


async def _serve(count: int) -> None:
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with AsyncExitStack() as stack:
        nodes = []
        for number in range(1, count + 1):
            switch = switch_in_use(name=f"sw{number}", serial=f"TWIN{number:08}")
            served = LanguageServer(lambda switch=switch: IosSession(switch), password=PASSWORD)  # type: ignore[misc]
            server = await stack.enter_async_context(served)
            nodes.append(
                {
                    "name": f"sw{number}",
                    "profile": PROFILE,
                    "access": server.ssh_access,
                    "host_key": server.host_key,
                }
            )
        sys.stdout.write(json.dumps({"nodes": nodes, "password": PASSWORD.password}) + "\n")
        sys.stdout.flush()
        await stopped.wait()


if __name__ == "__main__":
    _parser = argparse.ArgumentParser(prog="python -m benchmarks.command_lines", description=__doc__)
    _parser.add_argument("--count", type=int, default=2, help="how many switches (default: 2)")
    asyncio.run(_serve(_parser.parse_args().count))
