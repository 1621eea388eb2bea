"""Comware-like command lines: HPE and H3C Comware 5 and 7, Huawei VRP. What differs is data of the profile.

How the schema maps to such a switch:

- The configuration is one output, ``display current-configuration``: VLANs, ports and LAGs all stand there. It is made
  of blocks between lines with ``#``.
- ``mode`` is the port's link type. A Comware port is an access port of VLAN 1 where nothing is said; a VRP port
  negotiates, so that it has no mode until somebody decides. A hybrid port is a trunk where it is exactly one (its VLAN
  of untagged frames is its PVID), and ``other`` where it is not; its own words stand in ``native`` either way, since it
  is changed with other commands than a trunk.
- A trunk starts with VLAN 1, and carries its PVID only where that is permitted: a PVID that is not is ``native: none``.
- A change of link type passes through VLAN 1, whatever one does, so the port is shut meanwhile.
- A *LAG* is a Bridge-Aggregation (Comware) or an Eth-Trunk (VRP); its switching stands there. Members have the same
  lines on Comware, and none on VRP.
- ``mtu`` is the longest frame less its header, tag and check sum (22 bytes), where the profile says that it can be set.

Grammar: "HP 5130 EI / H3C S5130 Layer 2 - LAN Switching Command Reference" (Comware 7) and "Huawei S1720, S2700, S5700
and S6720 Command Reference" (VRP V200R).
"""

from drivers.vendors.hp_comware.driver import HpComware

DRIVER = HpComware
