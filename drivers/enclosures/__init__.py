"""What blade enclosures have in common, whichever language their controller speaks: blades and slots.

A vendor's driver makes an :class:`~drivers.enclosures.blades.Enclosure` of what its controller answers; what the
schema, the facts and the links say of it is the same for all of them.
"""
