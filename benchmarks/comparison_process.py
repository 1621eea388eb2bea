"""The same pass by somebody else's tools: a process that holds connections and asks, measured by its own CPU clock.

    python -m benchmarks.comparison_process LIBRARY ORDER.json

``ORDER.json`` is ``{"nodes": [{"name", "host", "port", "user", "password"}], "commands": [...], "passes": n, "parse":
bool}``. A pass sends the commands over connections that were opened before, has the answers parsed by ntc-templates
where it has a template, as both libraries offer (``use_textfsm``), and compares with what came last time. One line of
JSON tells CPU seconds and seconds of the passes.
"""

import json
import logging
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

Pass = Callable[[], int]
"""One pass over all devices; how many of them were found changed."""


def _netmiko(order: dict[str, Any]) -> Pass:
    from netmiko import ConnectHandler  # noqa: PLC0415 -- only the library that is measured is loaded

    nodes, commands = order["nodes"], order["commands"]
    pool = ThreadPoolExecutor(len(nodes))

    def dial(node: dict[str, Any]) -> Any:
        return ConnectHandler(
            device_type="cisco_ios",
            host=node["host"],
            port=node["port"],
            username=node["user"],
            password=node["password"],
        )

    connections = list(pool.map(dial, nodes))
    last: dict[int, Any] = {}

    def check(number: int) -> bool:
        found = [connections[number].send_command(command, use_textfsm=order["parse"]) for command in commands]
        changed = last.get(number) != found
        last[number] = found
        return changed

    return lambda: sum(pool.map(check, range(len(nodes))))


def _nornir(order: dict[str, Any]) -> Pass:
    from nornir import InitNornir  # noqa: PLC0415
    from nornir.core.task import Result, Task  # noqa: PLC0415
    from nornir_netmiko.tasks import netmiko_send_command  # noqa: PLC0415

    last: dict[str, Any] = {}

    def check(task: Task) -> Result:
        found = [
            task.run(task=netmiko_send_command, command_string=command, use_textfsm=order["parse"]).result
            for command in order["commands"]
        ]
        changed = last.get(task.host.name) != found
        last[task.host.name] = found
        return Result(host=task.host, result=changed)

    nornir = InitNornir(
        runner={"plugin": "threaded", "options": {"num_workers": len(order["nodes"])}},
        inventory={"plugin": "SimpleInventory", "options": {"host_file": _hosts(order)}},
        logging={"enabled": False},
    )

    def run() -> int:
        answer = nornir.run(task=check)
        if answer.failed:
            raise RuntimeError(f"nornir failed on {sorted(answer.failed_hosts)[:3]}")
        return sum(bool(each[0].result) for each in answer.values())

    return run


def _hosts(order: dict[str, Any]) -> str:
    """The inventory; JSON is YAML."""
    file = Path(order["folder"]) / "hosts.yaml"
    hosts = {
        node["name"]: {
            "hostname": node["host"],
            "port": node["port"],
            "username": node["user"],
            "password": node["password"],
            "platform": "cisco_ios",
        }
        for node in order["nodes"]
    }
    file.write_text(json.dumps(hosts), encoding="utf-8")
    return str(file)


def main() -> None:
    """Open all, pass twice for warming up, and measure."""
    logging.disable(logging.CRITICAL)
    library, file = sys.argv[1:]
    order = json.loads(Path(file).read_text(encoding="utf-8"))
    order["folder"] = str(Path(file).parent)
    run = {"netmiko": _netmiko, "nornir": _nornir}[library](order)
    for _ in range(2):
        run()
    cpu_s, began = time.process_time(), time.monotonic()
    changed = sum(run() for _ in range(order["passes"]))
    found = {"cpu_s": time.process_time() - cpu_s, "seconds": time.monotonic() - began, "changed": changed}
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
