"""How figures look: one line as each is found, a table at the end, and the same as data."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figure, Result
from benchmarks.machine import Machine

_VERDICT = {True: "met", False: "MISSED", None: ""}


def show_row(console: Console, name: str, result: Result) -> None:
    """Print what one row found, at once."""
    if result.skipped:
        console.print(f"{name}: not measured: {result.skipped}", markup=False, highlight=False)
    for figure in result.figures:
        goal = f"   goal {figure.goal:g} {figure.unit}: {_VERDICT[figure.met]}" if figure.goal is not None else ""
        line = f"{name}: {figure.name}: {_number(figure.value)} {figure.unit}{goal}"
        console.print(line, markup=False, highlight=False)
    for remark in result.remarks:
        console.print(f"    {remark}", markup=False, highlight=False)


def show_table(console: Console, results: Mapping[str, Result]) -> None:
    """Print all figures in one table."""
    table = Table("row", "figure", "value", "unit", "goal", "", box=None, pad_edge=False)
    for index in (2, 4):
        table.columns[index].justify = "right"
    for name, result in results.items():
        if result.skipped:
            table.add_row(name, "not measured", "", "", "", "")
        for position, figure in enumerate(result.figures):
            table.add_row(name if position == 0 else "", *_cells(figure))
    console.print(table)


def as_data(machine: Machine, command: str, results: Mapping[str, Result]) -> dict[str, Any]:
    """The run as JSON: ``{"machine", "command", "rows": {name: {"figures", "remarks", "skipped"}}}``."""
    return {
        "machine": {each: getattr(machine, each) for each in machine.__slots__},
        "command": command,
        "rows": {
            name: {
                "skipped": result.skipped,
                "remarks": list(result.remarks),
                "figures": [
                    {"name": f.name, "value": f.value, "unit": f.unit, "goal": f.goal, "met": f.met}
                    for f in result.figures
                ],
            }
            for name, result in results.items()
        },
    }


def _cells(figure: Figure) -> tuple[str, ...]:
    goal = "" if figure.goal is None else f"{figure.goal:g}"
    return figure.name, _number(figure.value), figure.unit, goal, _VERDICT[figure.met]


def _number(value: float) -> str:
    """Three figures that count, without an exponent."""
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
