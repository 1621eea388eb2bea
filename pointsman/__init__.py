"""The command `pointsman`: CLI, API client, demo, lab and twins. It may import all others; nobody imports it."""

from typing import Final

__version__: Final = "0.1.0"
