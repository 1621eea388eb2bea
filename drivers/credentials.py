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

    @property
    def password(self) -> str:
        """The password to log in with: the first line."""
        return self.text.partition("\n")[0].rstrip("\r")

    @property
    def enable(self) -> str:
        """What a device asks for on the way to its privileged mode: the second line, or the password again."""
        lines = self.text.splitlines()
        return lines[1] if len(lines) > 1 and lines[1] else self.password


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Who we are on a device's line, where the line asks for it.

    ``asked``: a stream begins before the login (telnet, a serial line); over SSH it begins behind it, and only the way
    to the privileged mode may ask. ``line``: the stream is a line that outlives its callers and may have been left
    anywhere. ``bytes_per_s`` is how fast it is, where that is slow enough to matter.
    """

    user: str = ""
    secret: Credential | None = None
    asked: bool = False
    line: bool = False
    bytes_per_s: float | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """What must not be shown anywhere."""
        if self.secret is None or self.secret.is_private_key:
            return ()
        return tuple(text for text in (self.secret.password, self.secret.enable) if text)
