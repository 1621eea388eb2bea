"""What makes the tests quick and takes nothing from what they prove.

Compiled modules are kept even where the environment says otherwise: the tests start dozens of processes, and each
would compile everything anew. Temporary folders lie in memory where there is enough of it: the databases sync at every
commit, as they should, and no test pulls the plug.
"""

import os
import shutil
import sys
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 2**30


def pytest_configure() -> None:
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.fixture
def short_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A temporary folder without the test's name: the path of a Unix socket has room for 107 bytes."""
    return tmp_path_factory.mktemp("t")
