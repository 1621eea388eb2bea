"""A line behind a console server that passes bytes as they are: see :mod:`drivers.line`."""

from drivers.line.connection import connect

__all__ = ["connect"]
