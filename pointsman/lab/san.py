"""The iSCSI array: tgtd on the data side and on the management network, driven by tgtadm over SSH, as an admin does.

With the array's own /run its control socket lies where tgtadm looks for it, so commands need no option. Its pools are
folders of /srv/tgt, which is a folder of the lab that only the array sees there.
"""

from pathlib import Path

from pointsman.lab import hosts, layout, neighbours, secure_shells, waiting
from pointsman.lab.rig import Rig

POOLS = ("tank", "pond")
"""The pools of the array: folders in which backing files of volumes are kept."""
_SERVED = "/srv"
_ROOT = "tgt"
_DAEMON = "tgtd"


def pool(folder: Path, name: str) -> Path:
    """Where a pool's files are on this machine; ``folder`` is the array's."""
    return folder / "srv" / _ROOT / name


def start(rig: Rig, array: str = layout.ARRAY) -> None:
    """Bring the array up, with its pools and no target defined."""
    hosts.configure(rig, array)
    for name in POOLS:
        pool(rig.folder(array), name).mkdir(parents=True, exist_ok=True)
    rig.run(array, ["mount", "--bind", str(rig.folder(array) / "srv"), _SERVED], check=True)
    _serve(rig, array)
    secure_shells.start(rig, array)
    neighbours.start(rig, array)


def restart(rig: Rig, array: str = layout.ARRAY) -> None:
    """Kill the daemon, which asks nobody, and start it again: it knows nothing then, and the files are there."""
    rig.stop(f"{array}/{_DAEMON}")
    _serve(rig, array)


def _serve(rig: Rig, array: str) -> None:
    rig.start(array, _DAEMON, ["tgtd", "-f", "--iscsi", "portal=0.0.0.0:3260"])
    show = ["tgtadm", "--lld", "iscsi", "--mode", "sys", "--op", "show"]
    waiting.until(lambda: rig.run(array, show).returncode == 0, what=f"{array}: tgtd answers")
