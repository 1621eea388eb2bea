"""HPE c7000 and c3000 enclosures by what their Onboard Administrator tells everybody: ``/xmldata?item=All``.

One document holds the enclosure, its bays, blades, supplies, fans and temperatures; nothing can be changed by it, and
it wants no login. Switching blades goes by the controller's command line (profile ``hp_c7000``).

Source: "HPE BladeSystem Onboard Administrator User Guide".
"""

from drivers.vendors.hp_xmldata.driver import HpXmlData

DRIVER = HpXmlData
