"""vde_switch (Virtual Distributed Ethernet 2): VLANs, access and tagged ports, by the console that is all it has.

Commands are words with slashes (``vlan/addport 30 24``); an answer may have data between ``0000 DATA END WITH '.'``
and a lone full stop, and always ends with a line of four digits, 1000 and an errno, and its text (vde2's
``consmgmt.c``). So an answer without that line is not whole, whatever the prompt says. The console does not echo, has
no login, and nothing is ever saved: a restart loses everything.

VLAN 0 is where every port is at first, untagged; it stands for VLAN 1 of the schema, which every switch has. The
device's own VLAN 1, if somebody made it, is another one that the schema has no number for: ports in it are ``other``.
"""

from drivers.vendors.vde_switch.driver import VdeSwitch

DRIVER = VdeSwitch
