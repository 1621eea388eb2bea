"""The power keeper as a process of its own: python -m pointsman.lab.keeper NAME ROOT."""

import sys
from pathlib import Path

from pointsman.lab import power
from pointsman.lab.rig import Rig


def report(change: power.Change) -> None:
    """Log a change of power."""
    import structlog  # noqa: PLC0415  a dozen megabytes that a keeper needs only when an outlet is switched

    log = structlog.get_logger().bind(pdu=change.pdu, consumer=change.consumer, fed=change.fed)
    if change.error:
        log.error("power change failed", error=change.error)
    else:
        log.info("power changed")


if __name__ == "__main__":
    power.keep(Rig(sys.argv[1], root=Path(sys.argv[2])), report)
