"""How a command that had a pass run ends: by what the pass came to."""

from __future__ import annotations

from pointsman.client import Json
from pointsman.problems import DONE, FAILED
from pointsman.show.output import print_json
from pointsman.show.plans import print_pass


def shown(node: str, record: Json, *, json: bool) -> int:
    """Print a pass, for people or as JSON; the exit code that it means."""
    if json:
        print_json(record)
    else:
        print_pass(node, record)
    return FAILED if record["outcome"] == "failed" else DONE
