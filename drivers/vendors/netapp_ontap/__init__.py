"""NetApp ONTAP 9 over its REST interface (ONTAP REST API reference, 9.6 and later), for one SVM.

- A *pool* is a FlexVol, since that is where LUNs are made; its free room is the FlexVol's. A *volume* is a LUN.
- An *export* is an igroup with its LUN maps. An igroup without initiators lets nobody in; so they join last.
- Sessions are those of iSCSI, and the logins of FC initiators.
- The access leads to the SVM's own management address, or to a cluster with one SVM that has FlexVols: of several all
  is read, under names that begin with the SVM's, and nothing is changed.

Commands of a step are requests; what stands in braces in a path is looked up when it is sent, so that a name always
means what bears it then.
"""

from drivers.vendors.netapp_ontap.driver import Ontap

DRIVER = Ontap
