"""Whether a pass may save on the device: what somebody else did there and has not saved is not saved for him.

Before its first step a pass asks a device that can tell (:class:`~drivers.contract.Keeping`) whether anything is
unsaved. Where nothing of ours is, that is somebody else's: our steps are taken all the same, and the save stays owed
until the device says that all is saved, or the node says ``save: always`` (semantics, section 5). A device that cannot
tell is saved on, as it always was.
"""

from __future__ import annotations

from typing import Final

import structlog

from agents.connections import Device
from agents.nodes import Node
from drivers.contract import Driver, Keeping
from drivers.errors import Rejected, Unsupported

log = structlog.get_logger(__name__)

_CONFIGURATIONS: Final = 2
"""What runs and what was saved: some switches show both, and each takes them as long as a reading."""


async def before_first_step(node: Node, device: Device, driver: Driver) -> None:
    """See whether others have left something unsaved. Raises :class:`~drivers.errors.DeviceError`."""
    if node.profile.persistence != "startup" or (node.save_owed and not node.others_unsaved):
        return
    found = await _unsaved(node, device, driver)
    if node.others_unsaved and found is False:
        node.save_owed = False
    node.others_unsaved = bool(found)


async def may_save(node: Node, device: Device, driver: Driver) -> bool:
    """Whether a save that is owed may be done now. One that is found done by somebody else is owed no more.

    Raises :class:`~drivers.errors.DeviceError`.
    """
    if not node.others_unsaved or node.desired.save == "always":
        return True
    if await _unsaved(node, device, driver) is False:
        node.save_owed = node.others_unsaved = False
    return False


async def _unsaved(node: Node, device: Device, driver: Driver) -> bool | None:
    """Whether anything is unsaved; None where the device does not tell."""
    if "unsaved" not in node.capabilities & driver.capabilities or not isinstance(driver, Keeping):
        return None
    try:
        return await device.call(driver.unsaved, long_answers=_CONFIGURATIONS)
    except (Rejected, Unsupported) as error:
        log.info("the device does not tell what is unsaved", node=node.name, reason=error.reason)
        return None
