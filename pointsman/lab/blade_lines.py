"""The serial line of a blade, from its port to its controller, which carries it over LAN.

A cable is two pseudo-terminals that socat joins: the blade's own end, at which a root shell sits for as long as the
blade runs, and the one that `ipmi_sim` opens. Both are held open, as a cable stays in its sockets.
"""

from pathlib import Path

from pointsman.lab import waiting
from pointsman.lab.rig import Rig

_SHELL = """#!/bin/sh
echo "{blade} booted from $1"
while :; do env "PS1={blade}# " HOME=/root TERM=dumb sh -i; done
"""


def controllers_end(rig: Rig, blade: str) -> Path:
    """The pty that the controller opens."""
    return rig.folder(blade) / "ttyS0-bmc"


def plug(rig: Rig, blade: str) -> None:
    """Plug the line in; the blade's box must be open."""
    own, far = _own_end(rig, blade), controllers_end(rig, blade)
    shell = rig.folder(blade) / "shell"
    shell.write_text(_SHELL.format(blade=blade))
    shell.chmod(0o755)
    ends = [f"PTY,link={pty},rawer,perm=0600" for pty in (far, own)]
    rig.start(blade, "line", ["socat", *ends])
    waiting.until(lambda: own.exists() and far.exists(), what=f"{blade}: its serial line appears")
    rig.start(blade, "line-holder", ["sh", "-c", f"exec sleep infinity <> {own} 3<> {far}"])


def begin(rig: Rig, blade: str) -> str:
    """The shell command by which a blade that starts sits down at its end; `$device` is what it booted from."""
    own, folder = _own_end(rig, blade), rig.folder(blade)
    # What a shell puts into the background ignores Ctrl-C, and so does all that it starts.
    seated = f"env --default-signal=INT,QUIT setsid socat 'OPEN:{own},rawer,noctty'"
    return f"{seated} \"EXEC:{folder}/shell $device,pty,setsid,ctty,stderr\" 9>&- & echo $! > '{folder}/shell.pid'"


def end(rig: Rig, blade: str) -> str:
    """The shell command by which a blade that stops leaves its end, however it is stopped."""
    pid = rig.folder(blade) / "shell.pid"
    return f"""if [ -e '{pid}' ]; then kill -KILL "-$(cat '{pid}')"; rm -f '{pid}'; fi"""


def _own_end(rig: Rig, blade: str) -> Path:
    return rig.folder(blade) / "ttyS0"
