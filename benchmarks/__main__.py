"""``python -m benchmarks [ROW ...] [--list] [--json FILE]``."""

import argparse
import asyncio
import json
import shlex
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from benchmarks.figures import Result
from benchmarks.machine import cores, this_machine
from benchmarks.reference import reference_ms
from benchmarks.registry import ROWS
from benchmarks.stage import Row, Stage
from benchmarks.table import as_data, show_row, show_table

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the rows that are named, or all. 0 when each was measured or said why not; 1 when one failed."""
    arguments = _arguments(argv)
    console = Console(width=max(Console().width, 110))
    if arguments.list:
        for row in ROWS.values():
            console.print(f"{row.name:16} {row.sentence}", markup=False, highlight=False)
        return 0
    machine = this_machine()
    console.print(machine.line(), markup=False, highlight=False)
    rows = [ROWS[name] for name in arguments.rows or ROWS]
    results: dict[str, Result] = {}
    try:
        failed = asyncio.run(_run(rows, console, results))
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print("interrupted; everything that was started has ended")
        return INTERRUPTED
    console.print()
    show_table(console, results)
    if arguments.json:
        command = shlex.join(["python", "-m", "benchmarks", *(sys.argv[1:] if argv is None else argv)])
        arguments.json.write_text(json.dumps(as_data(machine, command, results), indent=2) + "\n", encoding="utf-8")
    return 1 if failed else 0


async def _run(rows: Sequence[Row], console: Console, results: dict[str, Result]) -> int:
    """Measure one row after the other; a row that fails does not keep the others from it."""
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    failed = 0
    for row in rows:
        try:
            results[row.name] = await _measured(row, console)
        except Exception as error:  # noqa: BLE001  whatever it was, it is shown as this row's result
            failed += 1
            results[row.name] = Result(skipped=f"{type(error).__name__}: {error}")
        show_row(console, row.name, results[row.name])
    return failed


async def _measured(row: Row, console: Console) -> Result:
    """One row in a folder of its own, with how fast the measured core was before and after it."""
    pinned = cores()
    with tempfile.TemporaryDirectory(prefix=f"pointsman-bench-{row.name}-", ignore_cleanup_errors=True) as folder:
        stage = Stage(folder=Path(folder), cores=pinned, tell=_teller(console, row.name))
        before_ms = await reference_ms(pinned.measured)
        result = await row.measure(stage)
        after_ms = await reference_ms(pinned.measured)
    if not result.figures:
        return result
    remark = f"the reference work took {before_ms:.0f} ms of CPU before and {after_ms:.0f} ms after"
    return replace(result, remarks=(*result.remarks, remark))


def _teller(console: Console, name: str) -> Callable[[str], None]:
    return lambda sentence: console.print(f"{name}: {sentence}", style="dim", markup=False, highlight=False)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure Pointsman as it runs.")
    parser.add_argument("rows", nargs="*", metavar="ROW", choices=[[], *ROWS], help="rows to run (default: all)")
    parser.add_argument("--list", action="store_true", help="name the rows, and run none")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as JSON, too")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
