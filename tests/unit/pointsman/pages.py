"""What stands in the fenced blocks of a page."""

import re
from pathlib import Path

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> list[str]:
    """The text of every block of a language; none where there is no such page."""
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    return [body for name, body in BLOCK.findall(text) if name == language]
