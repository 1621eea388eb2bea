"""Redfish twins: services in Python, written from the DMTF's schemas (DSP2046, DSP0266, DSP0268).

``service`` has what every service has: resources, ETags, sessions, tasks, ``$expand``. ``enclosure`` is a chassis of
blades, ``pdu`` a rack PDU, and ``array`` has pools and volumes.
"""
