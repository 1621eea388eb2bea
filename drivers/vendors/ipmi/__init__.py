"""IPMI: a management controller and the one machine behind it, which is slot ``1`` of a chassis of one.

Power is switched and then looked at, until the controller shows it; ``power soft`` asks the operating system and waits
a moment at most, since how long that may take is not the driver's to say. A boot device for good bears the persistent
flag; one for the next boot does not, and is used up by it, so it is never read as a boot device.
"""

from drivers.vendors.ipmi.driver import Ipmi

DRIVER = Ipmi
"""The driver: power, boot device, identify light; sensors, inventory, event log, LAN."""
