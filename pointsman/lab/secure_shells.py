"""SSH into a device: one sshd in its box, the lab's key only, a host key of its own.

MaxStartups and MaxSessions are raised because a test may well open a hundred at once.
"""

import base64
import hashlib
from pathlib import Path

from pointsman.lab import programs
from pointsman.lab.rig import Rig

_SETTINGS = """Port 22
HostKey {folder}/hostkey
PidFile none
AuthorizedKeysFile {authorised}
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
UsePAM no
UseDNS no
PrintMotd no
PrintLastLog no
MaxSessions 200
MaxStartups 200
SetEnv OVS_RUNDIR=/run/openvswitch
Subsystem sftp internal-sftp
"""


def make_key(path: Path, *, comment: str) -> None:
    """Make an Ed25519 key pair at `path` and `path`.pub."""
    programs.must(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)], what="no key could be made"
    )


def start(rig: Rig, device: str) -> None:
    """Start sshd in a device's box, with a fresh host key."""
    folder = rig.folder(device)
    make_key(folder / "hostkey", comment=device)
    settings = folder / "sshd_config"
    settings.write_text(_SETTINGS.format(folder=folder, authorised=f"{rig.key_path}.pub"))
    rig.start(device, "sshd", ["/usr/sbin/sshd", "-D", "-e", "-f", str(settings)])


def host_key(rig: Rig, device: str) -> str:
    """A device's host key as SSH shows it: `SHA256:` and the unpadded base64 digest of the public key."""
    blob = base64.b64decode((rig.folder(device) / "hostkey.pub").read_text().split()[1])
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
