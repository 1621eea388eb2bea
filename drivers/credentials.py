"""A secret on its way to a device: it can be used, and can not be seen."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A resolved secret. ``text`` is a password, or a private key in PEM or OpenSSH form; no repr shows it."""

    name: str
    """The reference that was resolved (``file:lab.key``); this may be shown."""
    text: str = field(repr=False)

    @property
    def is_private_key(self) -> bool:
        """Whether the secret is a private key rather than a password."""
        return "PRIVATE KEY-----" in self.text
