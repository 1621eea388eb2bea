"""Physical links as an agent saw them: one end is ours, the other is what the neighbour said of itself.

Names from the wire are kept as they were sent (made printable), beside the identity that they resolve to later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, ConfigDict

from device_profiles.names import printable
from device_profiles.operation import TOLERANT

EvidenceKind = Literal[
    "lldp", "cdp", "fdp", "edp", "fdb", "slot", "label", "session", "masking", "console", "server", "declared"
]
Medium = Literal["data", "power", "slot", "storage", "serial"]
LinkState = Literal["confirmed", "one_sided", "contradicted", "stale"]

WireText = Annotated[str, AfterValidator(printable)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """What one of our ports, slots, outlets or exports sees at its other end. ``port`` is ours, in canonical form.

    ``serial``, ``uuid``, ``macs`` and ``initiator`` (IQN or WWN) are what a machine in a slot or a session shows of
    itself.
    """

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    port: str
    kind: EvidenceKind
    name: WireText = ""
    chassis_id: WireText = ""
    remote_port: WireText = ""
    port_description: WireText = ""
    medium: Medium = "data"
    serial: WireText = ""
    uuid: WireText = ""
    macs: tuple[str, ...] = ()
    initiator: WireText = ""
