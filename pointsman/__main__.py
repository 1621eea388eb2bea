"""The entry point. Its first act, before anything heavy is imported, is to see that the packages are ours."""

from __future__ import annotations

import importlib
import sys

from pointsman.origin import foreign_now


def main() -> None:
    """Run the command line and leave with its exit code."""
    refusal = foreign_now()
    if refusal is not None:
        sys.stderr.write(f"pointsman: {refusal}\n")
        sys.exit(1)
    sys.exit(importlib.import_module("pointsman.cli.app").run(sys.argv[1:]))


if __name__ == "__main__":
    main()
