"""``python -m pointsman.twins.ipmi --count N``: controllers on loopback in a process of their own, until it is told to
stop.

It prints one line of JSON when they answer: their URLs. Then each line that it is given on its input is a question,
as JSON: ``{"bmc": 0}`` is answered with what that controller was told and what its machine booted from, and what became
of its serial line; with ``set`` some of its fields are set before. It ends at the end of its input.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

import orjson

from pointsman.twins.ipmi.controller import Controller
from pointsman.twins.ipmi.serial import SerialLine
from pointsman.twins.ipmi.server import HOST, Served, serve_for_a_while
from pointsman.twins.ipmi.users import PASSWORD, USER

_SERIAL: dict[str, Callable[[SerialLine], None]] = {
    "on": lambda line: setattr(line, "is_enabled", True),
    "off": lambda line: setattr(line, "is_enabled", False),
    "cut": SerialLine.cut,
}
"""What may happen to a serial line, by what ``set`` calls it."""
_SETS = frozenset({"late", "is_deaf", "power", "temperature"})


def main() -> None:
    """Serve as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m pointsman.twins.ipmi")
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--first", type=int, default=1, help="number of the first controller")
    parser.add_argument("--off", action="store_true", help="machines are off at first")
    parser.add_argument("--suite", choices=("3", "17", "any"), default="3", help="any: take 17 and speak 3, as pyghmi")
    parser.add_argument("--serial", action="store_true", help="each has serial-over-LAN, to a vde_switch")
    arguments = parser.parse_args()
    numbers = range(arguments.first, arguments.first + arguments.count)
    made = [Controller(name=f"bmc{number}", number=number, power=not arguments.off) for number in numbers]
    served = [Served(each, {USER: PASSWORD}, suite=arguments.suite) for each in made]
    for each in served if arguments.serial else ():
        each.line = SerialLine()
    _say({"urls": [f"ipmi://{HOST}:{each.port}" for each in served], "uuids": [each.uuid for each in made]})
    threading.Thread(target=_answer, args=(served,), daemon=True).start()
    while True:
        serve_for_a_while()


def _answer(served: list[Served]) -> None:
    for line in sys.stdin.buffer:
        asked = orjson.loads(line)
        controller, serial = served[asked["bmc"]].controller, served[asked["bmc"]].line
        for name, value in asked.get("set", {}).items():
            if name in _SETS:
                setattr(controller, name, value)
            elif serial is not None and name == "serial":
                _SERIAL[value](serial)
        told = {"told": controller.told, "boots": controller.boots, "power": controller.power}
        if serial is not None:
            told |= {"writes": serial.switch.writes, "breaks": serial.breaks, "is_open": serial.is_open}
        _say(told)
    os._exit(0)


def _say(document: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(document) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
