"""Whether this machine can make the lab: tried, not inferred.

Being uid 0 says little: containers forbid namespaces, kernels lack veth or tun. So a namespace is made, a veth pair and
a tun device in it, and removed again; then the programs are looked for.
"""

import os
import shutil
from pathlib import Path

from pointsman.lab import network, programs
from pointsman.lab.errors import LabError

PACKAGES = {
    "ip": "iproute2",
    "ovs-vswitchd": "openvswitch-switch",
    "ovsdb-tool": "openvswitch-switch",
    "sshd": "openssh-server",
    "ssh-keygen": "openssh-client",
    "snmpd": "snmpd",
    "snmpget": "snmp",
    "lldpd": "lldpd",
    "ethtool": "ethtool",
    "ipmi_sim": "openipmi",
    "ipmitool": "ipmitool",
    "tgtd": "tgt",
    "powermand": "powerman",
    "ser2net": "ser2net",
    "socat": "socat",
    "vde_switch": "vde2",
    "/usr/lib/frr/zebra": "frr",
}
"""Debian's package for each program that the lab starts; all stand in `deploy/lab/debian-packages.txt`."""


def missing_packages() -> list[str]:
    """Debian packages that the lab needs and this machine lacks, sorted."""
    return sorted(
        {package for program, package in PACKAGES.items() if shutil.which(program, path=programs.PATH) is None}
    )


def can_make_lab() -> tuple[bool, str]:
    """Whether the lab can be made here, and if not, why and what would help."""
    if reason := _cannot_make_devices():
        return False, reason
    if packages := missing_packages():
        return False, f"programs are missing: apt-get install --no-install-recommends {' '.join(packages)}"
    return True, "namespaces, veth and tun work, and all programs are there"


def _cannot_make_devices() -> str:
    """Make what the lab is made of, and undo it. Empty if it worked."""
    if shutil.which("ip", path=programs.PATH) is None:
        return "the program ip (Debian: iproute2) is missing"
    netns = f"pointsman-try-{os.getpid()}"
    try:
        network.add_namespaces([netns])
        network.ip_batch(["link add try0 type veth peer name try1"], netns=netns)
        network.ip_batch(["tuntap add try2 mode tap"], netns=netns)
        programs.must(["ip", "netns", "exec", netns, "unshare", "--uts", "--mount", "true"], what="unshare failed")
    except (LabError, OSError) as error:
        why = "" if os.geteuid() == 0 else " (it takes root)"
        return f"network namespaces, veth or tun devices cannot be made here{why}: {error}"
    finally:
        if Path("/run/netns", netns).exists():
            network.remove_namespace(netns)
    return ""
