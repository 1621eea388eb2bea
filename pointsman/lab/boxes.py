"""A box is what makes a namespace look like a device: its own host name and its own /run.

Most daemons of the lab keep sockets and pid files at fixed places under /run (Open vSwitch, lldpd, tgtd), so each
device needs one of its own, and then its tools work on it without any option, as on the real thing. One sleeping
process per device holds the mount and UTS namespaces; everything else enters them with nsenter. No mount is made
outside them, so nothing stays when the holder ends.

Commands whose use changes the device can be wrapped here: a counting script is mounted over the program, and the
program itself is found under REAL.
"""

from collections.abc import Sequence
from pathlib import Path

REAL = "/run/real"
"""Where a wrapped program is found inside its box."""

_RUN_DIRECTORIES = ("lldpd", "sshd", "agentx", "openvswitch", "tgtd", "real", "lock")

# $1 host name, $2 the lab's directory, $3 the root of its own /run if it has one, $4 the wrappers,
# $5 the file that says "ready"
_SETUP = f"""
set -e
hostname "$1"
ip link set lo up
if [ -n "$3" ]; then
  mkdir -p "$3$2"
  mount --bind "$2" "$3$2"
  mount --rbind "$3/run" /run
fi
for wrapper in "$4"/*; do
  [ -e "$wrapper" ] || continue
  tool=${{wrapper##*/}}
  program=$(readlink -f "$(command -v "$tool")")
  : > "{REAL}/$tool"
  mount --bind "$program" "{REAL}/$tool"
  mount --bind "$wrapper" "$program"
done
: > "$5"
exec sleep infinity
"""


def prepare(directory: Path) -> None:
    """Make a device's folder: `root/run` is what it sees as /run, `wrappers` the scripts over its programs."""
    for name in _RUN_DIRECTORIES:
        (directory / "root" / "run" / name).mkdir(parents=True, exist_ok=True)
    (directory / "wrappers").mkdir(exist_ok=True)
    ready_file(directory).unlink(missing_ok=True)


def ready_file(directory: Path) -> Path:
    """The file that appears when the box can be entered."""
    return directory / "box.ready"


def holder_argv(*, netns: str, hostname: str, lab_directory: Path, directory: Path, own_run: bool) -> list[str]:
    """The command of the process that makes the box and holds it."""
    root = str(directory / "root") if own_run else ""
    return [
        *("ip", "netns", "exec", netns, "unshare", "--uts", "--mount", "--propagation", "private"),
        *("sh", "-c", _SETUP, "box", hostname, str(lab_directory), root),
        *(str(directory / "wrappers"), str(ready_file(directory))),
    ]


def entering(holder_pid: int, argv: Sequence[str]) -> list[str]:
    """The command that runs argv inside the box."""
    return ["nsenter", f"--target={holder_pid}", "--net", "--uts", "--mount", "--", *argv]
