"""The two PDUs: powermand with its virtual power controller, and an SNMP PDU of ours.

Both tell the power keeper what they switch, through a FIFO each. powermand drives `vpcd` over a pipe, so a `tee` in
that pipe is the place where every switching command can be seen and counted, whoever sent it; a status request is a
`stat` there and does not count.
"""

import os
import sys
from pathlib import Path

from pointsman.lab import commands, layout, waiting
from pointsman.lab.rig import Rig, python_environment

_SETTINGS = """listen "0.0.0.0:{port}"
include "/etc/powerman/vpc.dev"
device "pdu1" "vpc" "{tap} |&"
node "outlet[1-16]" "pdu1" "[0-15]"
"""

_TAP = """#!/bin/sh
tee --output-error=warn -a '{log}' '{events}' | /usr/sbin/vpcd
"""

_SWITCHING = (b"on ", b"off ", b"reset ", b"flash ", b"unflash ")


def events_fifo(rig: Rig, pdu: str) -> Path:
    """Where a PDU says what it switches: lines "on 3", "off *"."""
    return rig.folder(pdu) / "events"


def start_powerman(rig: Rig) -> None:
    """Start pdu1 and switch all its outlets on, as they are when a rack is in use."""
    folder = rig.folder("pdu1")
    tap = folder / "vpcd-tap"
    tap.write_text(_TAP.format(log=_log(rig), events=events_fifo(rig, "pdu1")))
    tap.chmod(0o755)
    settings = folder / "powerman.conf"
    settings.write_text(_SETTINGS.format(port=layout.POWERMAN_PORT, tap=tap))
    rig.start("pdu1", "powermand", ["powermand", "-f", "-c", str(settings)])
    waiting.until(lambda: _all_on(rig), what="pdu1 answers and switches its outlets on")


def start_snmp(rig: Rig) -> None:
    """Start pdu2; its outlets are on from the start."""
    folder = rig.folder("pdu2")
    argv = [sys.executable, "-m", "pointsman.lab.snmp_pdu", "--name", "pdu2", "--address", "0.0.0.0"]  # noqa: S104
    argv += ["--folder", str(folder), "--events", str(events_fifo(rig, "pdu2"))]
    # TMPDIR: pysnmp keeps its engine's boot counter in the temporary directory
    rig.start("pdu2", "snmp-pdu", argv, environment={**python_environment(), "TMPDIR": str(folder)})


def make_fifos(rig: Rig) -> None:
    """Make the event FIFOs; they must be there before anything writes or reads them."""
    for pdu in ("pdu1", "pdu2"):
        os.mkfifo(events_fifo(rig, pdu), 0o600)


def count(rig: Rig, pdu: str) -> int:
    """Switching commands that reached a PDU."""
    if pdu == "pdu2":
        return commands.count(rig.folder(pdu))
    try:
        lines = _log(rig).read_bytes().splitlines()
    except FileNotFoundError:
        return 0
    return sum(line.startswith(_SWITCHING) for line in lines)


def _log(rig: Rig) -> Path:
    return rig.folder("pdu1") / "vpcd.in"


def _all_on(rig: Rig) -> bool:
    done = rig.run("pdu1", ["powerman", "-h", f"127.0.0.1:{layout.POWERMAN_PORT}", "--on", "outlet[1-16]"])
    return done.returncode == 0
