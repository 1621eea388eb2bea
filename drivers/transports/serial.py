"""A serial port of this machine (``serial:/dev/ttyUSB0?baud=9600``): see :mod:`drivers.line`."""

from drivers.line.connection import connect

__all__ = ["connect"]
