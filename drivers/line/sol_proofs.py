"""What the boxes on the way to a line prove of themselves: words of several kinds, told apart by their shape.

A controller shows a GUID (a UUID), a TLS certificate (``SHA256:AB:CD:...``) or an SSH host key (``SHA256:...``, in
base64 as ``ssh-keygen -l`` prints it), and some ways show two of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_SHAPES: Final[Mapping[str, re.Pattern[str]]] = {
    "certificate": re.compile(r"SHA256:[0-9A-F]{2}(:[0-9A-F]{2}){31}", re.IGNORECASE),
    "host key": re.compile(r"SHA256:[A-Za-z0-9+/]{43}=?"),
    "GUID": re.compile(r"[0-9A-F]{8}(-?[0-9A-F]{4}){3}-?[0-9A-F]{12}", re.IGNORECASE),
}


def kinds(proof: str) -> dict[str, str]:
    """Each word by its kind; an empty text is the kind of what has no shape of these."""
    return {_kind(word): word for word in proof.split()}


def _kind(word: str) -> str:
    return next((kind for kind, shape in _SHAPES.items() if shape.fullmatch(word)), "")


def pinned(pin: str | None, kind: str) -> str | None:
    """What a pin says of one kind; None where it says nothing. What has no shape is what nobody can show."""
    known = kinds(pin or "")
    return known.get(kind) or known.get("")


def contradiction(pin: str, proof: str) -> str:
    """What of ``proof`` is another than the pin says; empty where nothing is. What has no shape contradicts all."""
    known = kinds(pin)
    nobody = "" in known
    return next((word for kind, word in kinds(proof).items() if nobody or not _same(kind, known.get(kind), word)), "")


def _same(kind: str, one: str | None, other: str) -> bool:
    if one is None or kind == "host key":
        return one in (None, other)
    return one.lower() == other.lower()
