"""Blocking libraries at work for us: in threads of their own, with deadlines, over byte streams that are ours.

A library is given no address and no socket. What it takes for its connection is a
:class:`~drivers.libraries.bridge.Bridge` to a byte stream that a transport of ours opened: so who the device is was
checked before, secrets were said where our own rules say them, a call that takes too long ends because its stream is
closed, and a fault can be injected where all faults are (docs/decisions/0009-libraries-over-our-streams.md).
"""
