"""Topologies, traces and cabling as trees and rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pointsman.show.output import Branch
from pointsman.show.text import NOTHING, ago, value_text

Json = Mapping[str, Any]
CABLING_COLUMNS: Final = ("result", "declared", "seen", "by", "since")
_KINDS: Final = ("node", "server", "unknown")


def end_text(end: Json) -> str:
    """An end of a link: ``sw1/p1``."""
    name = next((value_text(end[kind]) for kind in _KINDS if kind in end), NOTHING)
    return f"{name}/{value_text(end['port'])}" if end.get("port") else name


def _id(end: Json) -> tuple[str, str]:
    kind = next((kind for kind in _KINDS if kind in end), "")
    return kind, str(end.get(kind))


def topology_tree(answer: Json) -> Branch:
    """What hangs on what, each machine once: from the root, or from every machine that is not below another."""
    around: dict[tuple[str, str], list[tuple[Json, Json, Json]]] = {}
    for link in answer["links"]:
        around.setdefault(_id(link["a"]), []).append((link["a"], link["b"], link))
        around.setdefault(_id(link["b"]), []).append((link["b"], link["a"], link))
    corners = [(item["type"], item["name"]) for item in answer["nodes"]]
    roots = [corner for corner in corners if corner[1] == answer["root"] and corner[0] != "unknown"][:1] or corners
    trunk = Branch(_title(answer))
    seen: set[tuple[str, str]] = set()
    for root in sorted(roots, key=lambda each: (-len(around.get(each, ())), each)):
        if root not in seen:
            _grow(trunk.add(root[1]), root, around, seen)
    return trunk.twigs[0] if answer["root"] and trunk.twigs else trunk


def _title(answer: Json) -> str:
    more = ", and more" if answer.get("more") else ""
    return f"{len(answer['nodes'])} machines, {len(answer['links'])} links{more}"


def _grow(
    branch: Branch,
    corner: tuple[str, str],
    around: Mapping[tuple[str, str], list[tuple[Json, Json, Json]]],
    seen: set[tuple[str, str]],
) -> None:
    """Breadth first, so that each machine hangs where it is nearest; links among those shown are told once."""
    seen.add(corner)
    told: set[int] = set()
    level = [(branch, corner)]
    while level:
        below = []
        for twig, here in level:
            for near, far, link in sorted(around.get(here, ()), key=lambda each: (str(each[0]["port"]), str(each[1]))):
                if id(link) in told:
                    continue
                told.add(id(link))
                leaf = twig.add(_twig(near, far, link, again=_id(far) in seen))
                if _id(far) not in seen:
                    seen.add(_id(far))
                    below.append((leaf, _id(far)))
        level = below


def _twig(near: Json, far: Json, link: Json, *, again: bool) -> str:
    kinds = ",".join(sorted({piece["kind"] for piece in link["evidence"]}))
    state = "" if link["state"] == "confirmed" else f", {link['state']}"
    return f"{value_text(near.get('port') or NOTHING)} - {end_text(far)} ({kinds}{state}){' (above)' if again else ''}"


def trace_tree(answer: Json) -> Branch:
    """The ways of a server to the core, and what it hangs on otherwise."""
    branch = Branch(", ".join(each.partition("/")[2] for each in answer["of"]))
    for path in answer["paths"]:
        to = f" to {path['core']}" if path["core"] else ""
        way = branch.add(f"{path['nic'] or 'network'}{to} ({path['state']})")
        for hop in path["hops"]:
            way.add(_hop(hop))
    for item in answer["slots"]:
        branch.add(f"slot: {_held(item)}{_on(item)}")
    for item in answer["outlets"]:
        branch.add(f"outlet: {_held(item)}{_on(item)}")
    for item in answer["storage"]:
        luns = ", ".join(f"LUN {lun}: {volume}" for lun, volume in item["luns"].items())
        branch.add(f"export: {_held(item)}{f' ({luns})' if luns else ''}")
    for item in answer["consoles"]:
        branch.add(f"console: {_held(item)}")
    if not branch.twigs:
        branch.add("nothing was seen of it")
    return branch


def _hop(hop: Json) -> str:
    out = f" -> {hop['out']}" if hop["out"] else ""
    learned = sorted({f"{each['port']} in VLAN {value_text(each['vlan'])}" for each in hop.get("learned") or ()})
    state = "" if hop["state"] == "confirmed" else f" ({hop['state']})"
    return f"{hop['node']}: {hop['in']}{out}{state}{f', learned at {learned[0]}' if learned else ''}"


def _held(item: Json) -> str:
    """The end of a link that is a node's, with its state where nobody confirmed it."""
    end = item["a"] if "node" in item["a"] else item["b"]
    far = item["b"] if end is item["a"] else item["a"]
    port = f" ({far['port']})" if far.get("port") else ""
    return f"{end_text(end)}{port}{' (stale)' if item['state'] == 'stale' else ''}"


def _on(item: Json) -> str:
    return "" if item.get("on") is None else ", on" if item["on"] else ", off"


def cabling_row(item: Json) -> tuple[str, ...]:
    """A cable of a report."""
    cable, seen = item["cable"], item["seen"]
    declared = f"{cable['a']} - {cable['b']}" if cable else NOTHING
    places = "; ".join(f"{end_text(link['a'])} - {end_text(link['b'])}" for link in seen) or NOTHING
    kinds = sorted({piece["kind"] for link in seen for piece in link["evidence"]})
    since = min((link["first_seen"] for link in seen), default=None)
    return item["result"].replace("_", " "), declared, places, ",".join(kinds) or NOTHING, ago(since)


def cabling_summary(report: Json) -> str:
    """One sentence."""
    words: Iterable[str] = ("missing", "swapped", "unexpected")
    off = ", ".join(f"{report[word]} {word}" for word in words if report[word])
    return f"{report['as_declared']} as declared, {off or 'none otherwise'}"
