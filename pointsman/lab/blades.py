"""The blades and their management controllers: the power button really starts and stops the host.

`ipmi_sim` hands every chassis command to one program of ours (its `chassis_control`; MC, then get or set, then
parameters, as in the example script that comes with OpenIPMI). The program is a shell script that keeps the
blade: whether it runs is told by a lock that the running host holds, so that no stale process id can lie. It records
what it was told (`writes.commands` of the controller), the boot device (`boot_device`, used up by the next boot), and
the host records each boot with the device it booted from (`boots`).

A controller does not carry its blade: it can lose its own feeds and come back while the blade runs on.
"""

import fcntl
import os
import shlex

from pointsman.fru import fru_bytes
from pointsman.lab import blade_lines, commands, layout, neighbours
from pointsman.lab.boxes import entering
from pointsman.lab.rig import BOX, Rig

_LAN = """name "{blade}"
set_working_mc 0x20
 startlan 1
  addr {address} 623
  priv_limit admin
  allowed_auths_callback none md2 md5 straight
  allowed_auths_user none md2 md5 straight
  allowed_auths_operator none md2 md5 straight
  allowed_auths_admin none md2 md5 straight
  guid a123456789abcdefa12345678900000{number}
 endlan
 chassis_control "{program} 0x20"
 sol "{line}" 115200
 user 2 true "{user}" "{password}" admin 10 none md2 md5 straight
"""

_EMULATED = """mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02
sel_enable 0x20 1000 0x0a
mc_add_fru_data 0x20 0 {fru}
mc_enable 0x20
"""

# What the blade does from power on to power off. The lock on fd 9 is what "running" means; "booted" appears when it can
# be switched off again, and nobody is told that it was switched on before.
_HOST = """#!/bin/sh
exec 9> '{folder}/running'
flock -n 9 || exit 0
echo $$ > '{folder}/host.pid'
device=$(cat '{folder}/boot_device' 2>/dev/null || echo disk)
rm -f '{folder}/boot_device'
echo "$device" >> '{folder}/boots'
ip link set eth0 up
{begin}
{lldpd} 9>&- &
child=$!
off() {{ trap '' TERM; kill $child; wait $child; ip link set eth0 down; exit 0; }}
trap off TERM
: > '{folder}/booted'
wait $child
ip link set eth0 down
"""

# $1 is the MC, $2 what to do. `feed` is the power keeper's word, not IPMI's, and is not counted.
_CHASSIS = """#!/bin/sh
blade='{folder}'
runs() {{ ! flock -n "$blade/running" true; }}
start() {{
  [ -e "$blade/fed" ] || {{ echo 'the slot has no feed'; exit 1; }}
  runs && return
  rm -f "$blade/booted"
  setsid {host} </dev/null >>"$blade/host.log" 2>&1 &
  tries=0
  until [ -e "$blade/booted" ] || [ $tries -ge 100 ]; do sleep 0.02; tries=$((tries + 1)); done
}}
halt() {{
  if runs; then kill -TERM "$(cat "$blade/host.pid")"; flock -w 3 "$blade/running" true; fi
  if runs; then kill -KILL "-$(cat "$blade/host.pid")"; {inside} ip link set eth0 down; fi
  {end}
}}
get() {{
  for parameter; do
    case $parameter in
    power) if runs; then echo power:1; else echo power:0; fi ;;
    boot) echo "boot:$(cat "$blade/boot_device" 2>/dev/null || echo none)" ;;
    *) echo "no such parameter: $parameter"; exit 1 ;;
    esac
  done
}}
set_one() {{
  case $1=$2 in
  power=1) start ;;
  power=0|shutdown=*) halt ;;
  reset=*) if runs; then halt; start; fi ;;
  boot=none) rm -f "$blade/boot_device" ;;
  boot=*) echo "$2" > "$blade/boot_device" ;;
  identify=*) ;;
  *) echo "no such parameter: $1"; exit 1 ;;
  esac
}}
mc=$1 what=$2
shift 2
case $what in
get) get "$@" ;;
set)
  echo "set $*" >> '{counter}'
  while [ $# -ge 2 ]; do set_one "$1" "$2"; [ "$1" = identify ] && shift; shift 2; done ;;
feed)
  case $1 in
  off) if runs; then : > "$blade/was_on"; fi; rm -f "$blade/fed"; halt ;;
  on) : > "$blade/fed"; if [ -e "$blade/was_on" ]; then rm -f "$blade/was_on"; start; fi ;;
  esac ;;
*) echo "not supported: $what"; exit 1 ;;
esac
"""


def prepare(rig: Rig, bmc: str) -> None:
    """Write what a controller and its blade need; the blade's box must be open."""
    blade = layout.BLADES[bmc]
    box = rig.state.read().processes[f"{blade}/{BOX}"].pid
    host = rig.folder(blade) / "host"
    lldpd = shlex.join(neighbours.argv(rig, blade))
    host.write_text(_HOST.format(folder=rig.folder(blade), lldpd=lldpd, begin=blade_lines.begin(rig, blade)))
    host.chmod(0o755)
    inside = " ".join(entering(box, []))
    counter = commands.counter_file(rig.folder(bmc))
    program = rig.folder(bmc) / "chassis"
    program.write_text(
        _CHASSIS.format(
            folder=rig.folder(blade),
            host=f"{inside} {host}",
            inside=inside,
            counter=counter,
            end=blade_lines.end(rig, blade),
        )
    )
    program.chmod(0o755)
    (rig.folder(blade) / "fed").touch()
    number = bmc.removeprefix("bmc")
    device = layout.device(bmc)
    (rig.folder(bmc) / "lan.conf").write_text(
        _LAN.format(
            blade=blade,
            address=device.address if device else "",
            number=number,
            program=program,
            line=blade_lines.controllers_end(rig, blade),
            user=layout.IPMI_USER,
            password=layout.IPMI_PASSWORD,
        )
    )
    (rig.folder(bmc) / "sim.emu").write_text(_EMULATED.format(fru=fru_data(blade, serial=f"LAB-B{number}")))
    (rig.folder(bmc) / "state").mkdir(exist_ok=True)


def start(rig: Rig, bmc: str) -> None:
    """Start a controller; the blade stays as it is."""
    folder = rig.folder(bmc)
    argv = [
        "ipmi_sim",
        "-c",
        str(folder / "lan.conf"),
        "-f",
        str(folder / "sim.emu"),
        "-s",
        str(folder / "state"),
        "-n",
    ]
    rig.start(bmc, "ipmi_sim", argv)


def chassis_program(rig: Rig, bmc: str) -> str:
    """The program behind a controller's power button."""
    return os.fspath(rig.folder(bmc) / "chassis")


def runs(rig: Rig, blade: str) -> bool:
    """Whether a blade's host is running: it holds a lock for as long as it does."""
    try:
        with (rig.folder(blade) / "running").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def boots(rig: Rig, blade: str) -> list[str]:
    """The devices that a blade has booted from since the lab came up, one entry per boot."""
    try:
        return (rig.folder(blade) / "boots").read_text().split()
    except FileNotFoundError:
        return []


def fru_data(product: str, *, serial: str) -> str:
    """A FRU inventory with board and product areas, as ipmi_sim takes it."""
    data = fru_bytes(product, serial=serial)
    return f"{len(data)} data " + " ".join(f"0x{byte:02x}" for byte in data)
