"""The rows, in the order in which they run: what is quick first."""

from benchmarks.rows import (
    agent_memory,
    change_cpu,
    facts_post,
    graph,
    lab_up,
    many_bmcs,
    many_pdus,
    no_change_cpu,
    parse_cost,
    put_converged,
    redfish_chassis,
    serial_line,
    side_by_side,
    slow_cli,
    snmp_walk,
    start,
    usable,
)
from benchmarks.stage import Row

ROWS: dict[str, Row] = {
    row.name: row
    for row in (
        start.ROW,
        slow_cli.ROW,
        serial_line.ROW,
        parse_cost.ROW,
        snmp_walk.ROW,
        redfish_chassis.ROW,
        facts_post.ROW,
        graph.ROW,
        lab_up.ROW,
        put_converged.ROW,
        usable.ROW,
        no_change_cpu.ROW,
        change_cpu.ROW,
        agent_memory.ROW,
        many_pdus.ROW,
        many_bmcs.ROW,
        side_by_side.ROW,
    )
}
