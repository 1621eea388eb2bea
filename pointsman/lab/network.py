"""Namespaces, cables and addresses, made with iproute2 in as few calls as possible.

A cable is a veth pair made with both ends already in their namespaces, so that nothing ever lies in the namespace of
the machine, and removing the namespaces removes every cable.
"""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pointsman.lab import programs
from pointsman.lab.errors import LabError

_NETNS_DIRECTORY = Path("/run/netns")


def ip_batch(lines: Iterable[str], *, netns: str | None = None) -> None:
    """Run many `ip` commands in one process. Raises LabError with the first complaint."""
    where = ["-n", netns] if netns else []
    text = "\n".join(lines) + "\n"
    programs.must(["ip", *where, "-batch", "-"], text=text, what=f"ip refused{f' in {netns}' if netns else ''}")


def namespace_exists(netns: str) -> bool:
    """Whether a namespace of that name is there."""
    return (_NETNS_DIRECTORY / netns).exists()


def namespace_path(netns: str) -> Path:
    """The file that stands for the namespace, for setns(2)."""
    return _NETNS_DIRECTORY / netns


def add_namespaces(names: Iterable[str]) -> None:
    """Make empty namespaces. Their loopback comes up with the box that is put into them."""
    ip_batch(f"netns add {name}" for name in names)


def remove_namespace(netns: str) -> None:
    """Remove a namespace, with every interface in it; nothing happens if it is not there."""
    done = programs.run(["ip", "netns", "del", netns])
    if done.returncode != 0 and namespace_exists(netns):
        raise LabError(f"namespace {netns} cannot be removed: {done.stderr.strip()}")


def processes_in(namespaces: Iterable[str]) -> Iterator[int]:
    """Ids of the processes that live in these namespaces: compared by the namespace itself, not by any name."""
    wanted = {identity for netns in namespaces if (identity := _identity(namespace_path(netns)))}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit() and _identity(Path(entry.path, "ns", "net")) in wanted:
            yield int(entry.name)


def _identity(path: Path) -> tuple[int, int] | None:
    """Device and inode, which are the same for all names of one namespace; None if it is gone."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def link(netns: str, name: str) -> dict[str, Any] | None:
    """What `ip` says of one interface, with its addresses, or None."""
    done = programs.run(["ip", "-n", netns, "-json", "address", "show", "dev", name])
    if done.returncode != 0:
        return None
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found[0]


def names(netns: str) -> set[str]:
    """The interfaces in a namespace."""
    done = programs.run(["ip", "-n", netns, "-json", "link"])
    return {entry["ifname"] for entry in json.loads(done.stdout or "[]")}


def checksums_in_software(netns: str, name: str) -> None:
    """Turn off transmit checksum offload: TCP through a userspace switch hangs with it, ping does not."""
    argv = ["ip", "netns", "exec", netns, "ethtool", "-K", name, "tx", "off"]
    programs.must(argv, what=f"checksum offload of {netns} {name} cannot be turned off")


def routes(netns: str, name: str) -> list[str]:
    """Routes over one interface that the kernel did not make by itself, as `ip route replace` takes them."""
    done = programs.run(["ip", "-n", netns, "route", "show", "dev", name])
    lines = (line.strip() for line in done.stdout.splitlines())
    return [f"{line} dev {name}" for line in lines if line and "proto kernel" not in line]
