"""Who may log in to the twins of controllers."""

from typing import Final

USER: Final = "admin"
PASSWORD: Final = "twin-secret"  # noqa: S105 -- of twins on loopback
