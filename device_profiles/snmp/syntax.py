"""How values and indexes of SNMP tables are written (RFC 2578, section 7.7; textual conventions of RFC 2579)."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Final, Literal, get_args

from pydantic import AfterValidator

ValueSyntax = Literal[
    "integer", "gauge", "counter", "ticks", "enum", "bool", "text", "octets", "mac", "bits", "oid", "ip", "float_text"
]
"""integer, gauge, counter: int. ticks: seconds. enum: its word. bool: TruthValue, 1 is true and 2 is false. text: str,
on one line. octets: bytes. mac: ``00:11:22:33:44:55``. bits: the numbers of the bits that are set, from the highest bit
of the first octet. oid: a tuple. ip: ``192.0.2.1``. float_text: a number that is sent as text."""

IndexSyntax = Literal[
    "integer", "mac", "ip", "string", "implied_string", "octets", "implied_octets", "oid", "implied_oid", "inet_address"
]
"""integer: one number. mac: six. ip: four. string, octets: as many as the number before them says, implied_...: all
that is left. oid likewise. inet_address: type, length and octets (RFC 4001), as text."""

VALUES: Final[tuple[str, ...]] = get_args(ValueSyntax)
INDEXES: Final[tuple[str, ...]] = get_args(IndexSyntax)
NUMBERS: Final = frozenset({"integer", "gauge", "counter", "float_text"})
"""Values that can have a scale."""
IMPLIED: Final = frozenset({"implied_string", "implied_octets", "implied_oid"})
"""Indexes that can only be the last."""


@lru_cache(maxsize=8192)
def numbers(text: str) -> tuple[int, ...]:
    """``1.3.6.1`` as numbers; none for an empty text. Raises ValueError. Profiles' names are asked for at each poll."""
    try:
        found = tuple(int(part) for part in text.split(".")) if text else ()
    except ValueError:
        raise ValueError("an OID is numbers with dots between them") from None
    if any(not 0 <= part <= 0xFFFFFFFF for part in found):
        raise ValueError("a number of an OID has 32 bits, and no sign")
    return found


def _oid(text: str) -> str:
    if len(numbers(text)) < 2:
        raise ValueError("an OID has two numbers at least, like 1.3.6.1.2.1")
    return text


def _part(text: str) -> str:
    if not numbers(text):
        raise ValueError("a column is a number below the table's entry")
    return text


OidText = Annotated[str, AfterValidator(_oid)]
OidPart = Annotated[str, AfterValidator(_part)]
