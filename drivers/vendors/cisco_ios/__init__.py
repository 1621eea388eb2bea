"""IOS-like command lines: Cisco IOS, IOS XE and NX-OS, Arista EOS. What differs between them is data of the profile.

How the schema maps to such a switch:

- The configuration is read from ``show running-config``; VLANs from the table of VLANs where they do not stand there
  (IOS keeps them in another file). A line that is not there has the default that the profile tells.
- A *port* is an interface whose name the profile takes for a switch's; Vlan1, Loopback0, sub-interfaces are none.
- ``mode`` is ``access`` or ``trunk`` only where the device is told so. IOS negotiates where nothing is said: such a
  port has no mode (nobody decided anything), or is ``other`` once anything about its VLANs was decided. Whatever else
  the schema cannot say (voice VLAN, routed port, dynamic, QinQ, private VLAN) is ``other``, with its own lines as
  ``native``.
- ``native_vlan`` is carried whether listed or not, and ``none`` drops untagged frames. IOS carries the native VLAN only
  where the list has it. So a native VLAN is put into the list, and one that is not in the list is ``none``.
- A *LAG* is a Port-channel; its switching stands there. A member has the same lines, as IOS wants it before it bundles,
  and shows none of them.
- Commands that are accepted say nothing; a step is a row of lines in configuration mode, each naming its interface.
"""

from drivers.vendors.cisco_ios.driver import CiscoIos

DRIVER = CiscoIos
