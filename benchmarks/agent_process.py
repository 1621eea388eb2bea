"""The process of a measured agent: the agent as it always is, and an observer that counts its passes.

    python -m benchmarks.agent_process CONFIG.toml CONTROL_FD [JOIN_TOKEN_FILE]

Whoever holds the other end of the control socket sends anything and gets what was counted until then, as JSON. A
thread answers, so that asking takes nothing from the agent's event loop.
"""

import json
import logging
import socket
import sys
import threading
import time
from pathlib import Path

import structlog

from agents.observers import Moment, Phase
from agents.process import run_agent
from agents.settings import load_settings


class Counter:
    """Counts passes: those that read, and those of them that had something to do or to tell."""

    def __init__(self) -> None:
        self.read = 0
        self.acting = 0
        self._acted: dict[str, str] = {}

    def notice(self, moment: Moment) -> None:
        """Take note of a boundary. A pass that finds everything as it was has only the first."""
        if moment.phase is Phase.READING:
            self.read += 1
        elif self._acted.get(moment.node) != moment.pass_id:
            self._acted[moment.node] = moment.pass_id
            self.acting += 1

    def answer(self) -> bytes:
        """What was counted until now, with the CPU clock of this process and the time."""
        counts = {"read": self.read, "acting": self.acting, "cpu_s": time.process_time(), "at_s": time.monotonic()}
        return json.dumps(counts).encode()


def _answer_questions(control: socket.socket, counter: Counter) -> None:
    while control.recv(16):
        control.send(counter.answer())


def main() -> None:
    """Run the agent until SIGTERM."""
    config, control_fd, *join = sys.argv[1:]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    counter = Counter()
    control = socket.socket(fileno=int(control_fd))
    threading.Thread(target=_answer_questions, args=(control, counter), daemon=True, name="control").start()
    join_token = Path(join[0]).read_text(encoding="ascii").strip() if join else ""
    run_agent(load_settings(Path(config)), join_token=join_token, observers=(counter,))


if __name__ == "__main__":
    main()
