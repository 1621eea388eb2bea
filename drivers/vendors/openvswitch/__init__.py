"""Open vSwitch on Linux, over a shell: ``ovs-vsctl``, ``ip``, ``ovs-appctl`` and ``lldpcli``.

How the schema maps to Open vSwitch (columns as in ovs-vswitchd.conf.db(5)):

- A *port* is a row of table Port that has one Interface of its own name; a *LAG* is a Port with other Interfaces. The
  internal port that bears its bridge's name is a port like any other. All bridges of the device are read.
- VLANs have no objects: they are there by use (the profile says so). How modes map is told in ``switching``.
- ``enabled`` is the administrative state of the kernel's device (``ip link``). A LAG has none of its own: it is enabled
  while any of its members is, and shutting or opening it shuts or opens all of them.
- ``mtu`` is read from the kernel's device and set as ``Interface:mtu_request``, which ovs-vswitchd enforces and keeps
  over a restart. A LAG's is that of its members.
- ``description`` stands in ``external_ids:description``: Open vSwitch has no column for it, and external_ids is the
  place that the schema reserves for others. It is on the Port; for a member of a LAG, which has no Port of its own, on
  the Interface. Bundling and unbundling carry it over.
- ``stp.edge`` is ``other_config:rstp-port-admin-edge``.
"""

from drivers.vendors.openvswitch.driver import OpenVSwitch

DRIVER = OpenVSwitch
