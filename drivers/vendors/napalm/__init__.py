"""Reading what NAPALM's getters tell, on any platform that NAPALM reaches over our connections.

A profile says which of NAPALM's drivers it is and which getters that has. Configuration is told by ``get_vlans`` and
``get_interfaces`` only as far as VLANs, descriptions and admin state go: modes and VLANs of ports are not in any
getter, so nothing is planned from them and such a device is only read.
"""

from drivers.vendors.napalm.driver import Napalm

DRIVER = Napalm
