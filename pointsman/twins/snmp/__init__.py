"""SNMP agents to test against: variables with the SET semantics of their MIBs, in this process or on UDP.

``cells`` has the rules that all share (RFC 3416, section 4.2.5: all of a SET or nothing of it, and which error says
what), ``bridge`` is a switch written from BRIDGE-MIB and Q-BRIDGE-MIB (RFC 4188, RFC 4363), ``agent`` serves such a
device, and ``engine`` serves it by SNMPv3, with an engine that can be restarted.
"""
