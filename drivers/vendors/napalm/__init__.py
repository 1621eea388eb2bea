"""Reading what NAPALM's getters tell, on any platform that NAPALM reaches over our connections.

A profile says which of NAPALM's drivers it is and which getters that has. Configuration is told by ``get_vlans`` and
``get_interfaces`` only as far as VLANs, descriptions and admin state go: modes and VLANs of ports are not in any
getter, so they are never declared. What can be read back can be changed where the platform has a candidate and takes
back by itself what nobody confirms, and the profile has the words for it; NAPALM loads, commits and confirms.
"""

from drivers.vendors.napalm.driver import Napalm

DRIVER = Napalm
