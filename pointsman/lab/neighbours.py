"""lldpd on a device: it sees and is seen by whatever is at the other end of each cable.

A one second interval, so that a moved cable shows at once; port ids are interface names, as switches send them.
lldpd chroots into /run/lldpd, which is why every device has its own /run.
"""

import json
from typing import Any

from pointsman.lab.rig import Rig

_SETTINGS = "configure lldp tx-interval 1\nconfigure lldp portidsubtype ifname\n"


def start(rig: Rig, device: str, *, agentx: bool = False) -> None:
    """Start lldpd in a device's box; with `agentx` it also serves LLDP-MIB through the device's snmpd."""
    rig.start(device, "lldpd", argv(rig, device, agentx=agentx))


def restart(rig: Rig, device: str) -> None:
    """Start a device's lldpd anew, if it runs: one whose card was swapped now and then stops sending for good."""
    if rig.runs(f"{device}/lldpd"):
        rig.stop(f"{device}/lldpd", grace_s=2.0)
        start(rig, device)


def argv(rig: Rig, device: str, *, agentx: bool = False) -> list[str]:
    """lldpd's command for a device, whose settings are written first."""
    settings = rig.folder(device) / "lldpd.conf"
    settings.write_text(_SETTINGS)
    through = ["-x", "-X", "/run/agentx/master"] if agentx else []
    return ["lldpd", "-d", "-u", "/run/lldpd.socket", "-O", str(settings), *through, "-I", "p*,eth*"]


def seen(rig: Rig, device: str) -> dict[str, list[tuple[str, str]]]:
    """What a device sees: {its port: [(neighbour's name, neighbour's port), ...]}; empty while lldpd is not ready."""
    done = rig.run(device, ["lldpcli", "-u", "/run/lldpd.socket", "show", "neighbors", "-f", "json"])
    if done.returncode != 0 or not done.stdout.strip():
        return {}
    found: dict[str, list[tuple[str, str]]] = {}
    for entry in _as_list(json.loads(done.stdout).get("lldp", {}).get("interface", [])):
        for port, neighbour in entry.items():
            name = next(iter(neighbour.get("chassis", {})), "")
            found.setdefault(port, []).append((name, str(neighbour.get("port", {}).get("id", {}).get("value", ""))))
    return found


def _as_list(value: Any) -> list[dict[str, Any]]:
    """lldpcli gives an object where there is one neighbour and a list where there are more."""
    return value if isinstance(value, list) else [value]
