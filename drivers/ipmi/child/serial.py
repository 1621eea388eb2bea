"""Serial over LAN as a state machine: characters in packets, each acknowledged (IPMI v2.0, sections 15.9 and 15.11).

Both ends number their packets with characters 1 to 15, and have one of them under way at a time; 0 is a packet that
only acknowledges. A packet that is not acknowledged is sent again under its number; a controller that does so may have
added characters to it. A controller that takes only some characters says how many, and the rest goes under the next
number. pyghmi's own console waits for each acknowledgement in the loop that brings it, and would hold up every other
controller of this process; so only its packets are pyghmi's, and this is ours.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

HEAD_BYTES: Final = 4
_LAST_NUMBER: Final = 15
_RESENDS_S: Final = (0.3, 0.5, 1.0, 1.0, 1.0, 1.0)
"""How long the acknowledgement of each try is waited for; about the five seconds after which a controller gives up."""
_PAUSE_S: Final = 0.1
"""What a controller gets to make room, when it took nothing."""
_BREAK: Final = 0x10
_NACK, _UNAVAILABLE, _DEACTIVATED = 0x40, 0x20, 0x10

Done = Callable[[str], None]
"""Called when the controller has taken all, with an empty text; or with why it never will."""


@dataclass(slots=True)
class _Job:
    """Characters, or a break, to be sent."""

    left: bytes
    is_break: bool
    done: Done


class Serial:
    """Our end of one controller's serial line.

    ``send`` takes a packet's payload, ``hear`` characters of the machine, ``lose`` the reason why there is no more;
    ``most`` is how many characters the controller takes at once. Times are seconds of a monotonic clock.
    """

    def __init__(
        self,
        *,
        send: Callable[[bytes], None],
        hear: Callable[[bytes], None],
        lose: Callable[[str], None],
        most: int,
        clock: Callable[[], float],
    ) -> None:
        self._send = send
        self._hear = hear
        self._lose = lose
        self._most = most
        self._clock = clock
        self._jobs: deque[_Job] = deque()
        self._number = 0
        self._under_way: bytes | None = None
        self._tries = 0
        self._next_at: float | None = None
        self._heard_number = 0
        self._heard_bytes = 0

    @property
    def next_at(self) -> float | None:
        """When :meth:`tick` has something to do; None while it has not."""
        return self._next_at

    def say(self, data: bytes, done: Done) -> None:
        """Send characters."""
        self._put(_Job(data, is_break=False, done=done))

    def send_break(self, done: Done) -> None:
        """Have the controller hold its line in the break state."""
        self._put(_Job(b"", is_break=True, done=done))

    def _put(self, job: _Job) -> None:
        self._jobs.append(job)
        if self._under_way is None and self._next_at is None:
            self._go_on()

    def _go_on(self) -> None:
        """Send the next packet, if there is anything to send."""
        self._next_at = None
        if not self._jobs:
            return
        job = self._jobs[0]
        self._number = self._number % _LAST_NUMBER + 1
        head = bytes((self._number, 0, 0, _BREAK if job.is_break else 0))
        self._under_way, self._tries = head + job.left[: self._most], 0
        self._try()

    def _try(self) -> None:
        if self._under_way is not None:
            self._next_at = self._clock() + _RESENDS_S[self._tries]
            self._tries += 1
            self._send(self._under_way)

    def end(self, text: str) -> None:
        """There is no line any more: nobody waits for it in vain."""
        jobs, self._under_way, self._next_at = tuple(self._jobs), None, None
        self._jobs.clear()
        for job in jobs:
            job.done(text)

    def tick(self) -> None:
        """Send again what was not acknowledged, or go on after a pause."""
        if self._next_at is None or self._clock() < self._next_at:
            return
        if self._under_way is None:
            self._go_on()
        elif self._tries < len(_RESENDS_S):
            self._try()
        else:
            self._next_at = None
            self._lose("it acknowledges no characters any more")

    def take(self, payload: bytes) -> None:
        """A packet came. What is none is let go by: it will be sent again."""
        if len(payload) < HEAD_BYTES:
            return
        number, acknowledged, status = payload[0] & 0x0F, payload[1] & 0x0F, payload[3]
        if number:
            self._characters(number, payload[HEAD_BYTES:])
        if status & _DEACTIVATED:
            self._lose("somebody else, or the controller itself, ended its serial-over-LAN")
        elif self._under_way is not None and acknowledged == self._number:
            self._acknowledged(payload[2], status)

    def _characters(self, number: int, data: bytes) -> None:
        again = self._heard_bytes if number == self._heard_number else 0
        self._heard_number, self._heard_bytes = number, max(again, len(data))
        # The count is one byte. pyghmi's server sends 256 at once all the same, and its own client fails at that.
        self._send(bytes((0, number, min(len(data), 0xFF), 0)))
        if len(data) > again:
            self._hear(data[again:])

    def _acknowledged(self, count: int, status: int) -> None:
        job, sent = self._jobs[0], len(self._under_way or b"") - HEAD_BYTES
        is_refused = bool(status & _NACK)
        if is_refused and status & _UNAVAILABLE:
            taken = sent  # the machine is off: on a cable nobody would have heard it either
        elif is_refused:
            taken = min(count, sent)
        else:
            # Some acknowledge without a count (ipmitool knows that of Intel's); a refusal says that it is one.
            taken = min(count, sent) or sent
        self._under_way, self._next_at = None, None
        job.left = job.left[taken:]
        if not job.left:
            self._jobs.popleft()
            job.done("")
        if is_refused and not taken and self._jobs:
            self._next_at = self._clock() + _PAUSE_S
        else:
            self._go_on()
