"""HPE MSA and Dell PowerVault ME over SSH, in the XML that their CLI prints as an API (MSA CLI reference guide).

An export is whatever volumes are mapped to: an initiator, a host or a host group, by its nickname; its initiators are
those of the host or group. An initiator that the array has ``discovered`` is logged in. Sizes are counted in blocks of
512 bytes, since the texts beside them are rounded and may be in units of 1000 or 1024, as somebody set them.
"""

from drivers.vendors.hpe_msa.driver import Msa

DRIVER = Msa
