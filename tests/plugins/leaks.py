"""A test that leaves a task, thread, socket, file descriptor or child process behind fails, and the leak is named.

Before a test's fixtures are set up we look at what the process holds, and again after all of them are torn down. What a
fixture of a wider scope (module, session) opened while it was set up is not held against the test that happened to ask
for it first; if it starts child processes later (a lab that restarts a switch), it says which are its own by
`owning`. A test that failed anyway is not judged: its traceback keeps things alive.

Tasks cannot be found afterwards, because closing an event loop cancels what is still pending; so they are looked at in
the moment before, whoever closes the loop: the test runner's, or an `asyncio.run` in the code under test.
"""

import asyncio
import contextlib
import gc
from asyncio import runners
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any

import pytest
import uvloop

from tests.plugins.resources import Resources, added_since, look

GRACE_S = 1.0
HELD = pytest.StashKey[Resources]()
FAILED = pytest.StashKey[bool]()


class Watch:
    """What the running test may hold, and the tasks that were found pending when a loop was closed."""

    def __init__(self) -> None:
        self.allowed = Resources()
        self.tasks: list[str] = []
        self.owners: list[Callable[[], Iterable[int]]] = []

    def begin(self) -> None:
        self.allowed = look()

    @contextlib.contextmanager
    def wider_fixture(self) -> Iterator[None]:
        before = look()
        try:
            yield
        finally:
            self.allowed |= look() - before

    def leaked(self) -> list[str]:
        """Names of what was left. Rubbish is collected only when something seems left: that is the costly part."""
        tasks, self.tasks = self.tasks, []
        if not (look() - self.allowed):
            return tasks
        gc.collect()
        owned = frozenset(pid for owner in self.owners for pid in owner())
        return tasks + added_since(self.allowed | Resources(children=owned), grace_s=GRACE_S).describe()


watch = Watch()
original_cancel_all_tasks = runners._cancel_all_tasks  # type: ignore[attr-defined]


@contextlib.contextmanager
def owning(pids: Callable[[], Iterable[int]]) -> Iterator[None]:
    """For a fixture of a wider scope: children that `pids` names after a test are the fixture's, not the test's."""
    watch.owners.append(pids)
    try:
        yield
    finally:
        watch.owners.remove(pids)


def note_pending_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Called by `asyncio.Runner.close` in place of its own function, which it then calls."""
    watch.tasks += [
        f"task {task.get_name()!r} running {getattr(task.get_coro(), '__qualname__', task.get_coro())}"
        for task in asyncio.all_tasks(loop)
        if not task.done()
    ]
    original_cancel_all_tasks(loop)


def pytest_configure() -> None:
    runners._cancel_all_tasks = note_pending_tasks  # type: ignore[attr-defined]
    # Else the first asynchronous test makes the main thread's implicit loop, which nobody closes.
    asyncio.set_event_loop(None)
    # libuv keeps a pipe for signals from a process's first loop to its end: no test's leak.
    uvloop.new_event_loop().close()


def pytest_unconfigure() -> None:
    runners._cancel_all_tasks = original_cancel_all_tasks  # type: ignore[attr-defined]


def pytest_collection_finish() -> None:
    # What the imports made lives to the end; without it a collection takes a millisecond instead of a hundred.
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
    if fixturedef.scope == "function":
        return (yield)
    with watch.wider_fixture():
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup() -> Generator[None, None, None]:
    watch.begin()
    yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    yield
    leaked = watch.leaked()
    if leaked and not item.stash.get(FAILED, False):
        pytest.fail("left behind: " + "; ".join(leaked), pytrace=False)
