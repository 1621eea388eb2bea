"""Examples at the end of a command's help."""

from __future__ import annotations


def examples(*lines: str) -> str:
    """An epilog that shows each line as it is typed; ``\\b`` keeps the help's formatter from joining them."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
