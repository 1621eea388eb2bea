"""The topology as pictures' sources: Graphviz DOT, Mermaid flowcharts, and NetJSON's NetworkGraph.

Sources: the DOT language (graphviz.org/doc/info/lang.html), Mermaid's flowchart syntax and its entity codes
(mermaid.js.org/syntax/flowchart.html), NetJSON (netjson.org/rfc.html, section 5).
"""

from __future__ import annotations

import re
from typing import Any, Final

import orjson

from proxy_service.exports.gathered import Cable, End, Gathered

_SHAPES: Final = {"switch": "box", "pdu": "cds", "chassis": "folder", "san": "cylinder", "server": "ellipse"}
_PLAIN: Final = re.compile(r"[A-Za-z0-9 _./,:()-]")


def dot(site: Gathered) -> str:
    """An undirected graph; what is no longer confirmed is drawn dashed."""
    lines = ["graph pointsman {", "  node [fontname=sans];", "  edge [fontname=sans, fontsize=9];"]
    for end, kind in _corners(site):
        lines.append(f"  {_quoted(_id(end))} [label={_quoted(end.name)}, shape={_SHAPES.get(kind, 'plaintext')}];")
    for cable in site.cables:
        style = "solid" if cable.state in {"confirmed", "one_sided"} else "dashed"
        ports = f"taillabel={_quoted(cable.a.port)}, headlabel={_quoted(cable.b.port)}"
        lines.append(f"  {_quoted(_id(cable.a))} -- {_quoted(_id(cable.b))} [{ports}, style={style}];")
    return "\n".join([*lines, "}", ""])


def mermaid(site: Gathered) -> str:
    """A flowchart from left to right."""
    corners = _corners(site)
    numbers = {_id(end): f"n{number}" for number, (end, _) in enumerate(corners)}
    lines = ["graph LR"]
    lines += [f'  {numbers[_id(end)]}["{_entities(end.name)}"]' for end, _ in corners]
    for cable in site.cables:
        line = "---" if cable.state in {"confirmed", "one_sided"} else "-.-"
        ports = _entities(" - ".join(port for port in (cable.a.port, cable.b.port) if port))
        label = f'|"{ports}"|' if ports else ""
        lines.append(f"  {numbers[_id(cable.a)]} {line}{label} {numbers[_id(cable.b)]}")
    return "\n".join([*lines, ""])


def netjson(site: Gathered) -> str:
    """A NetworkGraph. Every link costs 1: what one is worth is not ours to say."""
    found: dict[str, Any] = {
        "type": "NetworkGraph",
        "protocol": "pointsman",
        "version": "1",
        "metric": None,
        "nodes": [{"id": _id(end), "label": end.name, "properties": {"kind": kind}} for end, kind in _corners(site)],
        "links": [_netjson_link(cable) for cable in site.cables],
    }
    return orjson.dumps(found, option=orjson.OPT_INDENT_2).decode() + "\n"


def _netjson_link(cable: Cable) -> dict[str, Any]:
    ports = {"source_port": cable.a.port, "target_port": cable.b.port}
    more = {"medium": cable.medium, "state": cable.state, "evidence": list(cable.kinds)}
    return {"source": _id(cable.a), "target": _id(cable.b), "cost": 1.0, "properties": ports | more}


def _corners(site: Gathered) -> list[tuple[End, str]]:
    """Every node, and every other end of a link, once; with its kind."""
    found = {_id(End("node", node.name, "")): (End("node", node.name, ""), node.kind) for node in site.nodes}
    for cable in site.cables:
        for end in (cable.a, cable.b):
            found.setdefault(_id(end), (end, end.kind))
    return list(found.values())


def _id(end: End) -> str:
    """A server may bear the name of a node, and something unknown may claim to."""
    return end.name if end.kind == "node" else f"{end.kind}:{end.name}"


def _quoted(text: str) -> str:
    """A quoted string of DOT: a backslash begins an escape there."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _entities(text: str) -> str:
    """A text in Mermaid: all that could mean something there as its entity code."""
    return "".join(char if _PLAIN.match(char) else f"#{ord(char)};" for char in text)
