"""A serial port behind a console server that speaks RFC 2217: see :mod:`drivers.line`."""

from drivers.line.connection import connect

__all__ = ["connect"]
