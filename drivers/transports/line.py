"""A line behind a console server that is reached by SSH: see :mod:`drivers.line.served_shell`.

Whose login is whose, and what is pinned, is as with serial over LAN.
"""

from drivers.transports.sol import connect

__all__ = ["connect"]
