"""IBM Storwize and SAN Volume Controller over SSH: ``lsvdisk`` and its like (IBM Spectrum Virtualize CLI).

Pools are MDisk groups, volumes are VDisks, and an export is a host: its ports are the initiators, its VDisk mappings
the LUNs. A port of a host that is ``active`` is logged in. Sizes are asked in bytes (``-bytes``); what answers without
it, in units of 1024, is read as well. A list that lacks a column is filled in from the details of its rows.
"""

from drivers.vendors.ibm_storwize.driver import Storwize

DRIVER = Storwize
