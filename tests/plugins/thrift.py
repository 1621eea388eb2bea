"""What makes the tests quick and takes nothing from what they prove.

Compiled modules are kept even where the environment says otherwise: the tests start dozens of processes, and each
would compile everything anew. Temporary folders lie in memory where there is enough of it: the databases sync at every
commit, as they should, and no test pulls the plug.
"""

import gc
import importlib
import os
import shutil
import sys
import time
import types
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 2**30


RUBBISH = 10_000
"""After how many new objects Python looks for rubbish: at its own 700 that is a twentieth of a run."""


def pytest_configure() -> None:
    gc.set_threshold(RUBBISH, 10, 10)
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.fixture
def short_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A temporary folder without the test's name: the path of a Unix socket has room for 107 bytes."""
    return tmp_path_factory.mktemp("t")


@pytest.fixture
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """netmiko sleeps between looking whether something came; for the length of a test a hundredth of that."""
    hurried = types.SimpleNamespace(time=time.time, sleep=lambda seconds: time.sleep(min(seconds / 100, 0.0005)))
    for module in ("base_connection", "cisco_base_connection"):
        monkeypatch.setattr(importlib.import_module(f"netmiko.{module}"), "time", hurried)
