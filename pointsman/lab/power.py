"""The power keeper: what happens when an outlet is switched.

Both PDUs write what they switch into a FIFO each (see `pdus`). A process of the lab's own, the keeper, waits on them
and does nothing in between. Everything fed has one feed on each PDU. When the last feed goes, a blade stops where it
stands and a controller's process ends; when the first comes back, the controller starts again, and the blade boots if
it was running.
"""

import os
import selectors
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from pointsman.lab import blades, layout, pdus, programs
from pointsman.lab.errors import LabError
from pointsman.lab.rig import Rig

_OUTLETS = {"pdu1": range(1, 17), "pdu2": range(1, 9)}
_FIRST_PLUG = {"pdu1": 0, "pdu2": 1}
"""vpcd counts its plugs from 0."""


@dataclass(slots=True)
class Feeds:
    """Which outlets are on, and from that what has power. All start on."""

    off: set[tuple[str, int]] = field(default_factory=set)

    def fed(self, consumer: str) -> bool:
        """Whether at least one of the consumer's feeds is on."""
        return any((pdu, layout.FEEDS[consumer]) not in self.off for pdu in _OUTLETS)

    def switch(self, pdu: str, words: list[str]) -> list[tuple[str, bool]]:
        """Take one event ("on 3", "off *", "reset 3") in; the consumers whose power changed, in order, and how."""
        if len(words) != 2 or words[0] not in {"on", "off", "reset"}:
            return []
        verb, which = words
        if verb == "reset":
            return [*self.switch(pdu, ["off", which]), *self.switch(pdu, ["on", which])]
        before = {consumer: self.fed(consumer) for consumer in layout.FEEDS}
        outlets = _OUTLETS[pdu] if which == "*" else [int(which) + 1 - _FIRST_PLUG[pdu]]
        for outlet in outlets:
            (self.off.discard if verb == "on" else self.off.add)((pdu, outlet))
        return [(consumer, self.fed(consumer)) for consumer, was in before.items() if self.fed(consumer) != was]


@dataclass(frozen=True, slots=True)
class Change:
    """What a switched outlet meant for a blade or a controller; `error` says why it could not be done."""

    pdu: str
    consumer: str
    fed: bool
    error: str = ""


def apply(rig: Rig, consumer: str, *, fed: bool) -> None:
    """Give a blade or a controller its power, or take it away."""
    if consumer in layout.BLADES:
        if fed:
            blades.start(rig, consumer)
        else:
            rig.stop(f"{consumer}/ipmi_sim")
        return
    bmc = next(bmc for bmc, blade in layout.BLADES.items() if blade == consumer)
    argv = [blades.chassis_program(rig, bmc), "0x20", "feed", "on" if fed else "off"]
    programs.must(argv, what=f"{consumer} could not be switched")


def keep(rig: Rig, report: Callable[[Change], None]) -> None:
    """Follow both PDUs until killed; every change of power is reported once it is done, or has failed."""
    feeds = Feeds()
    with selectors.DefaultSelector() as selector:
        for pdu in _OUTLETS:
            # for reading and writing: with a writing end of our own, no end of file comes when a PDU restarts
            descriptor = os.open(pdus.events_fifo(rig, pdu), os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            selector.register(descriptor, selectors.EVENT_READ, _reader(rig, pdu, feeds, report, descriptor))
        while True:
            for key, _ in selector.select():
                key.data()


def _reader(rig: Rig, pdu: str, feeds: Feeds, report: Callable[[Change], None], descriptor: int) -> Callable[[], None]:
    rest = b""

    def read() -> None:
        nonlocal rest
        *lines, rest = (rest + os.read(descriptor, 4096)).split(b"\n")
        for line in lines:
            for consumer, fed in feeds.switch(pdu, line.decode("ascii", "replace").split()):
                try:
                    apply(rig, consumer, fed=fed)
                except (LabError, OSError) as error:
                    report(Change(pdu, consumer, fed, str(error)))
                else:
                    report(Change(pdu, consumer, fed))

    return read


def start(rig: Rig) -> None:
    """Start the keeper as a process of its own, outside all boxes, since it acts on several."""
    rig.start_outside("power/keeper", [sys.executable, "-m", "pointsman.lab.keeper", rig.name, str(rig.root)])
