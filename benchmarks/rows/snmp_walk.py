"""CPU per 10,000 variables walked: our reader of v2c, pysnmp (which speaks v3 for us), and net-snmp's snmpbulkwalk.

All walk the same subtree of a real agent, net-snmp's snmpd on loopback, which is a process of its own and not in the
figures. The first walk of each is not counted: snmpd builds its tables then.
"""

import asyncio
import os
import resource
import shutil
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import process_time
from typing import Final

from benchmarks.figures import Figure, Result, median
from benchmarks.processes import Child
from benchmarks.stage import Row, Stage
from drivers.access import parse_access
from drivers.credentials import Credential
from drivers.errors import DeviceError
from drivers.snmp.managed import managed_of
from drivers.snmp.values import oid
from drivers.transports import open_connection

_ROOT: Final = "1.3.6.1.2.1"
_ROUNDS: Final = 5
_A_ROUND: Final = 10_000
_GOAL_MS: Final = 50
_KEYS: Final = ("bench-auth-pass", "bench-priv-pass")
_COMMUNITY: Final = Credential(name="the benchmark's", text="public")
_PASSPHRASES: Final = Credential(name="the benchmark's", text="\n".join(_KEYS))

Walk = Callable[[], Awaitable[int]]
"""A walk, and how many variables it found."""


def _settings(port: int) -> str:
    return (
        f"agentaddress udp:127.0.0.1:{port}\nrocommunity public\nrouser bench priv\n"
        f'createUser bench SHA "{_KEYS[0]}" AES "{_KEYS[1]}"\n'
    )


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _agent(folder: Path, port: int) -> Child:
    settings = folder / "snmpd.conf"
    settings.write_text(_settings(port))
    environment = f"SNMP_PERSISTENT_DIR={folder}"
    argv = ["env", environment, "snmpd", "-f", "-r", "-C", "-c", str(settings), "-Lo"]
    return Child("snmpd", argv, log=folder / "snmpd.log")


async def _answers(url: str) -> bool:
    try:
        connection = await open_connection(parse_access(url), credential=_COMMUNITY, pin=None, timeout_s=1)
    except DeviceError:
        return False
    await connection.close()
    return True


async def _ours(url: str, credential: Credential) -> float:
    """CPU milliseconds per 10,000 variables, by one of our transports."""
    connection = await open_connection(parse_access(url), credential=credential, pin=None, timeout_s=10)
    managed = managed_of(connection)

    async def walk() -> int:
        return sum(map(len, (await managed.walk([oid(_ROOT)])).values()))

    try:
        return await _median(walk, process_time)
    finally:
        await connection.close()


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def _theirs(port: int, folder: Path) -> float:
    """The same by net-snmp's own client, as a process."""

    async def walk() -> int:
        with (folder / "walk").open("w+") as output:
            argv = ["-v2c", "-c", "public", "-Cr50", "-On", f"127.0.0.1:{port}", _ROOT]
            client = await asyncio.create_subprocess_exec("snmpbulkwalk", *argv, stdout=output)
            await client.wait()
            output.seek(0)
            return sum(line.startswith(".1.") for line in output)

    return await _median(walk, _children_s)


async def _median(walk: Walk, clock: Callable[[], float]) -> float:
    await walk()
    found = []
    for _ in range(_ROUNDS):
        before = clock()
        count = await walk()
        found.append((clock() - before) * 1000 * _A_ROUND / count)
    return median(found)


async def _measure(stage: Stage) -> Result:
    lacking = [
        name for name in ("snmpd", "snmpbulkwalk") if shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin") is None
    ]
    if lacking:
        return Result(skipped=f"{', '.join(lacking)} is not here")
    port = _free_port()
    with _agent(stage.folder, port) as agent:
        plain = f"snmp://127.0.0.1:{port}"
        await agent.until(lambda: _answers(f"{plain}?timeout=0.1&tries=1"), what="snmpd answers")
        fast = await _ours(plain, _COMMUNITY)
        secret = await _ours(f"snmpv3://bench@127.0.0.1:{port}", _PASSPHRASES)
        client = await _theirs(port, stage.folder)
    return Result(
        figures=(
            Figure(name="CPU per 10,000 variables, our reader (v2c)", value=fast, unit="ms", goal=_GOAL_MS),
            Figure(name="CPU per 10,000 variables, snmpbulkwalk (v2c)", value=client, unit="ms"),
            Figure(name="CPU per 10,000 variables, pysnmp (v3, SHA and AES)", value=secret, unit="ms"),
        ),
        remarks=(f"medians of {_ROUNDS} walks of {_ROOT} of net-snmp's snmpd; snmpbulkwalk prints what it reads",),
    )


ROW = Row(name="snmp-walk", sentence="CPU of an SNMP walk beside snmpbulkwalk", measure=_measure)
