"""The iSCSI array: tgtd on the data side and on the management network, driven by tgtadm over SSH, as an admin does.

With the array's own /run its control socket lies where tgtadm looks for it, so commands need no option.
"""

from pointsman.lab import hosts, neighbours, secure_shells, waiting
from pointsman.lab.rig import Rig

VOLUMES = "volumes"
"""The folder of the array in which backing files of volumes are kept."""


def start(rig: Rig, array: str = "san") -> None:
    """Bring the array up, with no target defined."""
    hosts.configure(rig, array)
    (rig.folder(array) / VOLUMES).mkdir(exist_ok=True)
    rig.start(array, "tgtd", ["tgtd", "-f", "--iscsi", "portal=0.0.0.0:3260"])
    secure_shells.start(rig, array)
    neighbours.start(rig, array)
    show = ["tgtadm", "--lld", "iscsi", "--mode", "sys", "--op", "show"]
    waiting.until(lambda: rig.run(array, show).returncode == 0, what=f"{array}: tgtd answers")
