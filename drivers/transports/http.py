"""HTTP without encryption: as :mod:`drivers.transports.https`, where the way to the device is trusted."""

from __future__ import annotations

from drivers.transports.https import connect

__all__ = ["connect"]
