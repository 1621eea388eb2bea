"""Twins: switches in Python that answer the Open vSwitch driver's own commands over SSH, for where there is no lab.

They keep state as the real one does (its tables, its transactions, its kernel's devices), see each other and their
hosts by LLDP, push their changes, count writes, and fail on request. What they print was checked against Open vSwitch
3.1, iproute2 6.1 and lldpd 1.0.16: the driver's own parser reads both in the tests.
"""

from pointsman.twins.faults import Faults
from pointsman.twins.rack import Twin, TwinRack

__all__ = ["Faults", "Twin", "TwinRack"]
