"""Counting the commands that change a device, on the device.

Each script stands in for one program inside a device's box (see `boxes`): it adds a line to the device's
`writes.commands` when the command line is one that changes state, whether or not it would change anything, and
becomes the real program. What every way in has in common - SSH, a serial shell, a test - is that it ends here, so the
count does not depend on any client of ours.

Which words read and which write is taken from ovs-vsctl(8), ovs-ofctl(8), ovs-appctl(8), ip(8) and tgtadm(8). A word
that is not known to read counts as a write.
"""

from pathlib import Path

from pointsman.lab.boxes import REAL

_FRAME = """#!/bin/sh
changes=no
{judge}
if [ $changes = yes ]; then
  case $* in
  *'
'*) echo '{tool} (a command of several lines)' ;;
  *) echo "{tool} $*" ;;
  esac >> '{counter}'
fi
exec {real}/{tool} "$@"
"""

_OVS_VSCTL = """
verb=next skip=no
for word in "$@"; do
  if [ $skip = yes ]; then skip=no; continue; fi
  case $word in
  --) verb=next; continue ;;
  -[fdtpcC]|--db|--timeout|--format|--data|--columns|--private-key|--certificate|--ca-cert) skip=yes; continue ;;
  -*) continue ;;
  esac
  [ $verb = next ] || continue
  verb=seen
  case $word in
  list|find|get|show|wait-until|comment|*-exists|list-*|get-*|*-to-br|*-to-vlan|*-to-parent|br-get-*|*-status) ;;
  *) changes=yes ;;
  esac
done
"""

_IP = """
object= skip=no
for word in "$@"; do
  if [ $skip = yes ]; then skip=no; continue; fi
  if [ -z "$object" ]; then
    case $word in
    -b|-batch|-force) changes=yes; break ;;
    -n|-netns|-f|-family|-l|-loops|-rc|-rcvbuf) skip=yes ;;
    -*) ;;
    monitor|m|mo|mon) break ;;
    *) object=$word ;;
    esac
    continue
  fi
  case $object/$word in
  l/s|li/s|lin/s|link/s) changes=yes ;;
  */s|*/sh|*/sho|*/show|*/l|*/li|*/lis|*/list|*/ls|*/lst|*/g|*/ge|*/get|*/help|*/save|*/stats|*/xstats) ;;
  netns/exec|netns/identify|netns/pids) ;;
  *) changes=yes ;;
  esac
  break
done
"""

_OVS_OFCTL = """
for word in "$@"; do
  case $word in
  add-*|mod-*|del-*|replace-*|set-*|meter-mod|bundle|packet-out|*-evict) changes=yes ;;
  esac
done
"""

_OVS_APPCTL = """
for word in "$@"; do
  case $word in
  exit|*/flush|*/add|*/del|*/set|*/set-*|*/reset|*/enable*|*/disable*|*/migrate|*/reconnect) changes=yes ;;
  esac
done
"""

_TGTADM = """
last=
for word in "$@"; do
  case $word in
  --op=*) last=--op; word=${word#--op=} ;;
  -o?*) last=-o; word=${word#-o} ;;
  esac
  case $last/$word in
  --op/show|-o/show|--op/stat|-o/stat) ;;
  --op/*|-o/*) changes=yes ;;
  esac
  last=$word
done
"""

_JUDGES = {
    "ovs-vsctl": _OVS_VSCTL,
    "ovs-ofctl": _OVS_OFCTL,
    "ovs-appctl": _OVS_APPCTL,
    "ip": _IP,
    "tgtadm": _TGTADM,
}

SWITCH_TOOLS = ("ovs-vsctl", "ovs-ofctl", "ovs-appctl", "ip")
ARRAY_TOOLS = ("tgtadm", "ip")


def counter_file(folder: Path) -> Path:
    """Where a device's scripts leave one line for each command that changes state."""
    return folder / "writes.commands"


def wrappers(folder: Path, tools: tuple[str, ...], *, real: str = REAL) -> dict[str, str]:
    """The counting scripts of a device by program name; `real` is the folder in which they find the programs."""
    counter = counter_file(folder)
    return {tool: _FRAME.format(judge=_JUDGES[tool].strip(), tool=tool, counter=counter, real=real) for tool in tools}


def count(folder: Path) -> int:
    """How many commands that change state have reached the device."""
    try:
        return counter_file(folder).read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0
