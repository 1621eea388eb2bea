"""Redfish (DMTF): the machine behind a lone BMC, or the blades of an enclosure, of any vendor.

A slot is where a machine is, and its key is what the location says; see ``machines`` for how both are found. Power is
switched by the reset types that a machine says it takes (DSP2046, ``ComputerSystem.Reset``), and is done when the
machine shows it. To switch one off is to ask its operating system, which is not waited for; it is cut off where the
goal says ``off: hard``.

Vendors differ in words, in what they link to and in how much of it is there; what of that is not in the standard is in
the quirks of their profiles.
"""

from drivers.vendors.redfish.driver import Redfish

DRIVER = Redfish
"""The driver: systems, chassis and managers of a service."""
