"""Any switch that speaks SNMP: IF-MIB, BRIDGE-MIB and Q-BRIDGE-MIB, and what vendors have in their place.

- One poll is one snapshot: ports, VLANs and LAGs are read together, and the forwarding table together with them.
- Which tables mean what is data (``device_profiles/snmp``); which of several ways to tell the same thing a device has
  is seen in what it answers (:mod:`.membership`), so that a switch of an unknown vendor is read as far as it keeps to
  the standards.
- What differs by vendor (where the serial number stands, whether there is a bridge for each VLAN) are the variants of
  the profile, found by sysObjectID and sysDescr.
- Every change is a SET that may be repeated, in the order of :mod:`drivers.planning`, and is read back.
"""

from drivers.vendors.snmp_bridge.driver import SnmpBridge

DRIVER = SnmpBridge
"""The driver that profiles name."""
