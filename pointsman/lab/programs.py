"""Running the system's programs: always with the same clean environment, and never for ever.

Clean, because daemons keep what they are started with: a variable of the caller's shell (OVS_RUNDIR, LANG, a secret)
must not end up in a switch. With the administrator's directories in PATH, which an ordinary shell may lack.
"""

import os
import subprocess
from collections.abc import Sequence

from pointsman.lab.errors import LabError

PATH = os.pathsep.join(f"{root}/{folder}" for root in ("/usr/local", "/usr", "") for folder in ("sbin", "bin"))

Done = subprocess.CompletedProcess[str]


def environment() -> dict[str, str]:
    """The environment of everything that the lab runs."""
    return {"PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8", "TERM": "dumb"}


def run(argv: Sequence[str], *, text: str = "", timeout_s: float = 30.0) -> Done:
    """Run a program to its end with `text` as its input; it may fail. Raises LabError if it is missing or hangs."""
    try:
        return subprocess.run(
            argv,
            input=text,
            text=True,
            capture_output=True,
            timeout=timeout_s,
            check=False,
            env=environment(),
        )
    except FileNotFoundError:
        raise LabError(f"the program {argv[0]} is missing") from None
    except subprocess.TimeoutExpired:
        raise LabError(f"`{' '.join(argv)}` did not end within {timeout_s:g} s") from None


def must(argv: Sequence[str], *, text: str = "", timeout_s: float = 30.0, what: str) -> str:
    """Run a program that has to succeed; its output. Raises LabError with what was tried and its complaint."""
    done = run(argv, text=text, timeout_s=timeout_s)
    if done.returncode != 0:
        complaint = " ".join((done.stderr or done.stdout).split())
        raise LabError(f"{what}: {complaint}")
    return done.stdout
