"""Serial lines and the console server in front of them.

A line is a pseudo-terminal, with the device at its other side: a router shell (FRR's vtysh) on rt1 and a root shell on
sw1, both kept by socat; and the console socket of the vde switch con1, behind a relay of ours that gives the line a
speed (:mod:`pointsman.lab.relay`). The console server, ser2net in the management namespace,
opens the line for whoever connects (RFC 2217). When a pty's last reader closes it, its other side sees an end of file
and socat would go; so a second process holds each line open, as a cable stays in its socket between sessions.

What is typed on con1 and rt1 is kept by relay and socat (`-r`), and the state-changing commands in it are what their
write counters count. On sw1's line every command runs through the switch's counted tools anyway.
"""

import os
import re
import shlex
import shutil
import sys
from pathlib import Path

from pointsman.lab import hosts, layout, neighbours, network, reach, waiting
from pointsman.lab.rig import Rig, python_environment

_FRR = "/usr/lib/frr"

_VDE_WRITES = re.compile(
    rb"^\s*(vlan/(create|remove|addport|delport)|port/(create|remove|setvlan|sethub|setnumports|setuser|setgroup|epclose)"
    rb"|port/(resetcounter|defqtpriority)|fstp/set\w*|hash/set\w*|bonding/\w+|shutdown|load)\b",
)
_FRR_READS = re.compile(rb"^\s*(|end|exit|quit|do .*|show .*|list|\?|terminal .*|enable|configure.*|conf.*)\s*$")


def line(rig: Rig, device: str) -> Path:
    """The pty at which a device's serial line ends."""
    return rig.folder(device) / "ttyS0"


def start_vde(rig: Rig) -> None:
    """Start con1: a switch that can be managed over its serial line only."""
    folder = rig.folder("con1")
    console = folder / "console"
    words = ["vde_switch", "--sock", str(_vde_socket(rig)), "--mgmt", str(console), "--numports", "32"]
    # in the foreground it ends when its standard input does; one end of a FIFO that it holds itself never does
    quiet = folder / "quiet"
    os.mkfifo(quiet, 0o600)
    rig.start("con1", "vde_switch", ["sh", "-c", f"exec {shlex.join(words)} <> {quiet}"])
    waiting.until(lambda: reach.listens(console), what="con1: the switch opens its console")
    plug_line(rig)


def plug_line(rig: Rig) -> None:
    """Plug con1's serial line in: from the switch's console to a pty, which has another number each time."""
    console = rig.folder("con1") / "console"
    pty, typed = line(rig, "con1"), rig.folder("con1") / "typed"
    relay = [
        sys.executable,
        "-m",
        "pointsman.lab.relay",
        str(pty),
        str(console),
        "--whole-lines",
        "--typed",
        str(typed),
    ]
    rig.start("con1", "line", [*relay, "--speed", str(layout.LINE_SPEED)], environment=python_environment())
    waiting.until(pty.exists, what="con1: its serial line appears")


def unplug_line(rig: Rig) -> None:
    """Pull con1's serial line out, as one does with an adapter."""
    rig.stop("con1/line")
    line(rig, "con1").unlink(missing_ok=True)


def plug_uplink(rig: Rig) -> None:
    """Plug con1's uplink into sw2's p8: a tap there, since a vde cable ends in one."""
    switch, port = layout.UPLINK
    _plug(rig, switch, layout.VDE_UPLINK_PORT, port)
    network.ip_batch([f"link set {port} up"], netns=rig.netns(switch))


def start_vde_host(rig: Rig, host: str) -> None:
    """Start a host behind con1."""
    _plug(rig, host, layout.VDE_HOST_PORTS[host], hosts.CARD)
    hosts.configure(rig, host)
    neighbours.start(rig, host)


def start_router(rig: Rig, router: str = "rt1") -> None:
    """Start the FRR router, which is managed over its serial line."""
    folder = rig.folder(router)
    state = folder / "frr"
    state.mkdir()
    (state / "frr.conf").write_text(f"hostname {router}\n")
    (state / "vtysh.conf").write_text(f"service integrated-vtysh-config\nhostname {router}\n")
    for name, group in ((".", "frrvty"), ("frr.conf", "frr"), ("vtysh.conf", "frrvty")):
        shutil.chown(state / name, "frr", group)  # both daemons drop their privileges
    network.ip_batch([f"link set {hosts.CARD} address {hosts.mac_of(router)} up"], netns=rig.netns(router))
    for daemon in ("zebra", "staticd"):
        argv = [
            f"{_FRR}/{daemon}",
            "-f",
            f"{state}/frr.conf",
            "-i",
            f"{state}/{daemon}.pid",
            "-z",
            f"{state}/zserv.api",
        ]
        argv += ["--vty_socket", str(state), "-u", "frr", "-g", "frr", "-A", "127.0.0.1", "-P", "0"]
        rig.start(router, daemon, argv)
    waiting.until(lambda: reach.listens(state / "zebra.vty"), what=f"{router}: zebra opens its console socket")
    shell = f"vtysh --vty_socket {state} --config_dir {state}"
    _start_line(rig, router, _respawned(rig, router, shell), keep=True)
    neighbours.start(rig, router)


def start_switch_shell(rig: Rig, switch: str = layout.IN_BAND) -> None:
    """Start the root shell on a switch's serial line: its second access, for when the first is cut off."""
    shell = f'env OVS_RUNDIR=/run/openvswitch "PS1={switch}# " HOME=/root TERM=dumb sh'
    _start_line(rig, switch, _respawned(rig, switch, shell), keep=False)


def start_server(rig: Rig) -> None:
    """Start the console server over the lines."""
    folder = rig.folder(layout.MGMT)
    text = "".join(
        f"connection: &{device}\n"
        f"  accepter: telnet(rfc2217),tcp,{layout.MGMT_ADDRESS},{port}\n"
        f"  connector: serialdev,{line(rig, device)},9600n81,local\n"
        f"  options:\n    kickolduser: true\n"
        for device, port in layout.SERIAL_LINES.items()
    )
    settings = folder / "ser2net.yaml"
    settings.write_text(text)
    rig.start(layout.MGMT, "ser2net", ["ser2net", "-n", "-u", "-c", str(settings)])


def count(rig: Rig, device: str) -> int:
    """State-changing commands typed on the line of con1 or rt1."""
    try:
        typed = (rig.folder(device) / "typed").read_bytes().replace(b"\r", b"\n").split(b"\n")
    except FileNotFoundError:
        return 0
    return count_vde(typed) if device == "con1" else count_frr(typed)


def count_vde(typed: list[bytes]) -> int:
    """How many lines are vde commands that change the switch."""
    return sum(bool(_VDE_WRITES.match(words)) for words in typed)


def count_frr(typed: list[bytes]) -> int:
    """How many lines were typed in configuration mode and are neither a way in or out nor a question."""
    configuring, found = False, 0
    for words in typed:
        if re.match(rb"^\s*conf(igure)?(\s|$)", words):
            configuring = True
        elif re.match(rb"^\s*end\s*$", words):
            configuring = False
        elif configuring and not _FRR_READS.match(words):
            found += 1
    return found


def _vde_socket(rig: Rig) -> Path:
    return rig.folder("con1") / "vde"


def _plug(rig: Rig, place: str, vde_port: int, card: str) -> None:
    rig.start(place, f"cable-{card}", ["vde_plug", f"vde://{_vde_socket(rig)}[{vde_port}]", f"tap://{card}"])
    netns = rig.netns(place)
    waiting.until(lambda: network.link(netns, card) is not None, what=f"{place}: the vde cable ends in {card}")


def _respawned(rig: Rig, device: str, shell: str) -> str:
    """socat's address for a shell on a terminal that is started again when it ends, as getty does with a login."""
    script = rig.folder(device) / "shell"
    script.write_text(f"#!/bin/sh\nwhile :; do {shell}; sleep 1; done\n")
    script.chmod(0o755)
    return f"EXEC:{script},pty,setsid,ctty,stderr"


def _start_line(rig: Rig, device: str, far_side: str, *, keep: bool) -> None:
    pty = line(rig, device)
    kept = ["-r", str(rig.folder(device) / "typed")] if keep else []
    rig.start(device, "line", ["socat", *kept, f"PTY,link={pty},rawer,perm=0600", far_side])
    waiting.until(pty.exists, what=f"{device}: its serial line appears")
    rig.start(device, "line-holder", ["sh", "-c", f"exec sleep infinity <> {pty}"])
