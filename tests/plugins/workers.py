"""One run by several workers (`-n`), in two parts: what needs nothing on all of them, then all else on one.

Tests go file by file, the suite of promises device by device. What needs a lab or a server has the machine to
itself and keeps its order: such a thing is made once, by the worker that stays, and what is timed there has nothing
beside it. Without `-n` this does nothing.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

SUITE_FOLDER = "tests/conformance/"
FREE_FOLDERS = ("tests/unit/", "tests/system/", SUITE_FOLDER, "tests/faults/", "tests/recordings/")
"""Where tests lie that need nothing. Who hands out the work collects nothing: it knows a test by its path alone."""
LONG = ("tests/system/test_twins_demo.py", "tests/faults/")
"""What takes longest, begun before others of its marker, so that no worker has it left when the others are done."""
TOGETHER = ("tests/recordings/",)
"""Folders whose files share what takes longest, so that one worker has them all."""
REST = "the rest"


def is_free(nodeid: str) -> bool:
    """Whether a test lies where tests lie that need nothing."""
    return nodeid.startswith(FREE_FOLDERS)


class FreeFirst(LoadScopeScheduling):
    """What needs nothing goes to whoever is free; when all of them are done, one worker gets the rest."""

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

    def _assign_work_unit(self, node: WorkerController) -> None:
        others = (self._pending_of(work) for each, work in self.assigned_work.items() if each is not node)
        if next(iter(self.workqueue)) != REST or not any(others):
            super()._assign_work_unit(node)

    def _reschedule(self, node: WorkerController) -> None:
        free = [each for each in self.nodes if not each.shutting_down]
        if list(self.workqueue) != [REST] or not free:
            super()._reschedule(node)
            return
        for other in free[1:]:
            other.shutdown()  # ends after the tests that it has
        self._assign_work_unit(free[0])


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FreeFirst:
    return FreeFirst(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: (not is_free(item.nodeid), not item.nodeid.startswith(LONG)))
