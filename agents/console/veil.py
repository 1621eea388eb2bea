"""Masks the node's own secrets in what its device says, before anything of it leaves the agent.

A device does not send back what is typed at a password prompt. Some do at the wrong moment (a prompt that was not one,
a password typed ahead), and then automation's secret would stand in a transcript. A secret may come in pieces, so the
beginning of one is held back until the next bytes show whether it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

MASK: Final = b"********"
_SHORTEST: Final = 4
"""Anything shorter is in so much that is no secret that masking it would tell what it is."""


class Veil:
    """The mask over one line."""

    def __init__(self, secrets: Iterable[str]) -> None:
        found = {text.encode() for text in secrets if len(text) >= _SHORTEST}
        self._secrets = sorted(found, key=len, reverse=True)
        self._pattern = re.compile(b"|".join(re.escape(secret) for secret in self._secrets)) if found else None
        self._held = b""

    @property
    def holds(self) -> bool:
        """Whether something is held back."""
        return bool(self._held)

    def pass_through(self, data: bytes, *, hold_back: bool) -> bytes:
        """``data`` as it may be shown, with what was held back before it, without what is held back now.

        Nothing is held back where a person types: each key is to be seen at once.
        """
        if self._pattern is None:
            return data
        text = self._pattern.sub(MASK, self._held + data)
        kept = max(_overlap(text, secret) for secret in self._secrets) if hold_back else 0
        self._held = text[len(text) - kept :]
        return text[: len(text) - kept]

    def rest(self) -> bytes:
        """What was held back: nothing came after it."""
        data, self._held = self._held, b""
        return data


def _overlap(text: bytes, secret: bytes) -> int:
    """How many bytes at the end of ``text`` are the beginning of ``secret``, and not all of it."""
    for length in range(min(len(secret) - 1, len(text)), 0, -1):
        if text.endswith(secret[:length]):
            return length
    return 0
