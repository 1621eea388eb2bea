"""What a profile says of an enclosure's controller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, Literal

from annotated_types import Gt
from pydantic import ConfigDict, TypeAdapter

from drivers.enclosures.planning import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """The language of the controller, its words, and how long a slot may take to show what it was told."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    language: Literal["hp_oa", "dell_cmc"]
    words: Words
    done_within_s: Annotated[float, Gt(0)] = 60.0


QUIRKS: Final = TypeAdapter(Quirks)
