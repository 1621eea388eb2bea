"""The lab of real parts: a rack of switches, hosts, blades, PDUs and an array in network namespaces of this machine.

lab = Lab.up("pm")
lab.run("h1", ["ping", "-c1", "10.9.0.3"])
lab.cable("h1", "sw2:p5")
lab.down()
"""

from pointsman.lab.capability import can_make_lab, missing_packages
from pointsman.lab.errors import LabError
from pointsman.lab.lab import Lab
from pointsman.lab.status import DeviceStatus

__all__ = ["DeviceStatus", "Lab", "LabError", "can_make_lab", "missing_packages"]
