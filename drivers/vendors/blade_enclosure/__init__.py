"""Blade enclosures by the command line of their controller: HPE c7000 and c3000, Dell M1000e and VRTX.

Which words the controller understands is data of the profile; what its answers mean stands in one module a language
(``hp_oa``, ``dell_cmc``). A slot's power is switched and then awaited, since a controller's word that it was done is
only its own; a request to shut down returns at once, and whoever asked looks again.

Sources: "HPE BladeSystem Onboard Administrator Command Line Interface User Guide" (695523), "Dell Chassis Management
Controller RACADM Command Line Reference Guide".
"""

from drivers.vendors.blade_enclosure.driver import BladeEnclosure

DRIVER = BladeEnclosure
