"""One run by several workers (`-n`): one of them takes what needs a lab or a server, the others all else.

What needs a lab or a server keeps its order and its worker: such a thing is made once, by the worker that has it. All
else goes to whoever is free, file by file, the suite of promises device by device. Without `-n` this does nothing.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

SUITE_FOLDER = "tests/conformance/"
FREE_FOLDERS = ("tests/unit/", "tests/system/", SUITE_FOLDER, "tests/faults/", "tests/recordings/")
"""Where tests lie that need nothing. Who hands out the work collects nothing: it knows a test by its path alone."""
LONG = ("tests/system/test_twins_demo.py", "tests/faults/")
"""What takes longest, begun before the others, so that no worker has it left when they are done."""
TOGETHER = ("tests/recordings/",)
"""Folders whose files share what takes longest, so that one worker has them all."""
REST = "the rest"


def is_free(nodeid: str) -> bool:
    """Whether a test lies where tests lie that need nothing."""
    return nodeid.startswith(FREE_FOLDERS)


class Parted(LoadScopeScheduling):
    """The rest is one piece of work, and begins first; the worker that has done it takes of what is left."""

    def __init__(self, config: pytest.Config, log: Any = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # the order of the collection is the one that we want

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(SUITE_FOLDER):
            return nodeid.split("-", maxsplit=1)[0]
        for folder in TOGETHER:
            if nodeid.startswith(folder):
                return folder
        return nodeid.split("::", maxsplit=1)[0] if is_free(nodeid) else REST


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Parted:
    return Parted(config, log)


@pytest.hookimpl(trylast=True)  # the order by marker, which others make, is kept within each part
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: (is_free(item.nodeid), not item.nodeid.startswith(LONG)))
