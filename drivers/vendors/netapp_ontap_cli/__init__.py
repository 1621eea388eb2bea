"""NetApp ONTAP over its CLI: ``lun show -instance`` and its like (ONTAP 9 command reference).

Pools are aggregates, volumes are LUNs, and an export is an igroup: its initiators, and the LUNs that are mapped to it.
An initiator of an igroup that is "logged in" has a session. Names that are the same in two SVMs are shown with the
SVM's name. Sizes are printed in units of 1024, with two digits behind the point.
"""

from drivers.vendors.netapp_ontap_cli.driver import OntapCli

DRIVER = OntapCli
