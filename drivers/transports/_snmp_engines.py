"""Engines of pysnmp, made without compiling its MIB modules for each of them.

pysnmp executes some fifteen modules for every engine, because their objects belong to it, and compiles each of them
from its source twice before (pysnmp 7.1, ``smi/builder.py``): 40 ms in which the event loop stands still, at every
session of a device that speaks SNMPv3. Here a module's code comes from Python's own cache of compiled files.
"""

from __future__ import annotations

import functools
from importlib.machinery import SOURCE_SUFFIXES, SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

from pysnmp.entity.engine import SnmpEngine
from pysnmp.proto.rfc1902 import OctetString
from pysnmp.proto.rfc3412 import MsgAndPduDispatcher
from pysnmp.smi.builder import MibBuilder
from pysnmp.smi.instrum import MibInstrumController


def new_engine(engine_id: str | None = None) -> Any:
    """An engine with an id of its own, or under ``engine_id``, in hexadecimal digits."""
    known = None if engine_id is None else OctetString(hexValue=engine_id)
    return SnmpEngine(known, msgAndPduDsp=MsgAndPduDispatcher(MibInstrumController(_Builder())))


class _Builder(MibBuilder):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self._loaded: set[str] = set()

    def load_module(self, modName: str, **userCtx: Any) -> _Builder:  # noqa: N803 -- pysnmp's names
        """Execute a module, unless it was; as pysnmp does without debugging."""
        if modName in self._loaded:
            return self
        files = (source.full_path(modName, suffix) for source in self.get_mib_sources() for suffix in SOURCE_SUFFIXES)
        code = next(filter(None, map(_compiled, files)), None)
        if code is None:  # in an archive, say
            super().load_module(modName, **userCtx)
        else:
            exec(code, {"__name__": modName, "mibBuilder": self, "userCtx": userCtx})  # noqa: S102 -- pysnmp's own
        self._loaded.add(modName)
        return self


@functools.cache
def _compiled(file: str) -> CodeType | None:
    """The code of a file; None where there is none."""
    return SourceFileLoader(Path(file).stem, file).get_code(Path(file).stem) if Path(file).is_file() else None
