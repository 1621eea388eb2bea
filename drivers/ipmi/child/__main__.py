"""``python -m drivers.ipmi.child``: the process."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any

import orjson

from drivers.ipmi.child.loop import Loop


def main() -> None:
    """Serve the pipes. What pyghmi prints goes to the error output."""
    output = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def reply(answer: dict[str, Any]) -> None:
        left = orjson.dumps(answer) + b"\n"
        while left:
            left = left[os.write(output, left) :]

    loop = Loop(reply)

    def read() -> None:
        for line in sys.stdin.buffer:
            loop.put(line)
        os._exit(0)  # whoever started us is gone or done, and the loop may be stuck

    # What stops a whole group or service is for the agent, which ends in order, and us by the end of our input.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=read, daemon=True).start()
    loop.run()


if __name__ == "__main__":
    main()
