"""Swordfish (SNIA): arrays by resources as of Redfish; their ``Storage`` or ``StorageServices`` stand at the root.

Pools, volumes and who is shown what are read as both generations of the standard have them: a ``StorageGroup`` of older
services, with its endpoint groups, and a ``Connection`` of newer ones. A volume is made and grown; who is shown it is
only read: there the standard leaves too much to each array.
"""

from drivers.vendors.swordfish.driver import Swordfish

DRIVER = Swordfish
"""The driver: pools and volumes, storage groups and connections."""
