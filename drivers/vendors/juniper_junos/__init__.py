"""Junos-like command lines: Juniper EX and QFX switches, with ELS or older. What differs between them is data.

How the schema maps to such a switch:

- The configuration is one output, ``show configuration | display set``; a second, ``show interfaces terse``, says which
  ports there are, since a port without configuration does not stand in the first. Groups and interface ranges are
  worked in, what is deactivated is left out.
- VLANs have names, and their numbers are an attribute; the schema is the other way round. A VLAN that is declared
  without a name gets ``vlan<N>``. Ports are made members by number, so that a VLAN may get another name.
- A *port* is a physical Ethernet interface or ``ae<N>``; its switching is that of unit 0. A port without the family
  ``ethernet-switching`` switches nothing: it has no mode (nobody decided anything), or is ``other`` where it does
  something else (routes, tags in several units, carries voice), with its own words as ``native``.
- ``native_vlan`` is carried whether listed or not. With ELS Junos carries it only where the VLAN is a member, too; so a
  native VLAN is made a member, and one that is none is ``none``. Older Junos carries it by itself.
- ``mtu`` of Junos counts the Ethernet header (14 bytes: 1514 is what others call 1500); the schema does not.
- A *LAG* is ``ae<N>``; its switching stands there. A member has neither units nor an MTU of its own.
- A change is made in a candidate configuration that nobody else may touch (``configure exclusive``) and takes effect as
  a whole with ``commit``. So within a step, or within several that are committed together, order does not matter.
"""

from drivers.vendors.juniper_junos.driver import JuniperJunos

DRIVER = JuniperJunos
