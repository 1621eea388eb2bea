"""The leak detector bites: each kind of leak fails its test by name, and nothing innocent is blamed."""

import re

import pytest

pytestmark = pytest.mark.system

QUICK = """
pytest_plugins = ["tests.plugins.leaks"]

def pytest_configure():
    from tests.plugins import leaks
    leaks.GRACE_S = 0.3
"""

HEAD = """
import asyncio, os, socket, subprocess, threading
import pytest
from tests.plugins import leaks

pytestmark = pytest.mark.unit
kept = []
"""

# What leaks, and words of the message that name it.
LEAKY = {
    """
async def test_task():
    kept.append(asyncio.create_task(asyncio.Event().wait(), name="stray"))
""": "task 'stray' running Event.wait",
    """
def test_task_of_asyncio_run():
    async def main():
        kept.append(asyncio.create_task(asyncio.Event().wait(), name="inner"))
    asyncio.run(main())
""": "task 'inner' running Event.wait",
    """
@pytest.fixture
async def worker():
    yield kept.append(asyncio.create_task(asyncio.Event().wait(), name="worker"))

async def test_task_of_fixture(worker):
    pass
""": "task 'worker' running Event.wait",
    """
def test_thread():
    threading.Thread(target=threading.Event().wait, name="stray", daemon=True).start()
""": "thread 'stray'",
    """
def test_socket_that_is_held():
    kept.append(socket.create_server(("127.0.0.1", 0)))
""": "AF_INET SOCK_STREAM at ('127.0.0.1'",
    """
def test_socket_that_was_dropped():
    socket.socket()
""": "unclosed <socket.socket",
    """
async def test_server():
    kept.append(await asyncio.start_server(print, "127.0.0.1", 0))
""": "AF_INET SOCK_STREAM at ('127.0.0.1'",
    """
def test_file(tmp_path):
    kept.append((tmp_path / "diary").open("w"))
""": "/diary",
    """
def test_bare_descriptor():
    os.pipe()
""": "pipe:",
    """
def test_child():
    kept.append(subprocess.Popen(["cat"], stdin=subprocess.PIPE))
""": ": cat",
    """
def test_zombie():
    kept.append(subprocess.Popen(["true"]))
""": "nobody waited for it",
}

WIDE = """
@pytest.fixture(scope="session")
def wide():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server
"""

INNOCENT = (
    WIDE
    + """
@pytest.fixture(scope="module")
def asked_late():
    child = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    yield child
    child.communicate()

@pytest.fixture
async def narrow():
    server = await asyncio.start_server(print, "127.0.0.1", 0)
    yield server
    server.close()
    await server.wait_closed()

@pytest.fixture(scope="session")
def rack():
    children = []
    with leaks.owning(lambda: [child.pid for child in children]):
        yield children
    for child in children:
        child.kill()
        child.wait()

def test_a_child_that_a_wider_fixture_owns(rack):
    rack.append(subprocess.Popen(["sleep", "60"]))

def test_wide(wide): pass
def test_asked_late(request): request.getfixturevalue("asked_late")
async def test_narrow(narrow): pass
async def test_wide_and_narrow(wide, narrow): await asyncio.to_thread(len, "")
async def test_finished_tasks():
    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.to_thread(len, ""))
async def test_child():
    child = await asyncio.create_subprocess_exec("true")
    await child.wait()
def test_thread_that_ends_soon():
    threading.Timer(0.05, print).start()
"""
)


@pytest.fixture
def project(pytester: pytest.Pytester, pytestconfig: pytest.Config) -> pytest.Pytester:
    """A small project with the plug-in under test and this project's way of running."""
    pytester.makeconftest(QUICK)
    pytester.makeini(f"""
        [pytest]
        addopts = -p no:anyio -p no:hypothesispytest -p no:cacheprovider
        pythonpath = {pytestconfig.rootpath}
        asyncio_mode = auto
        asyncio_default_fixture_loop_scope = function
        filterwarnings = error
        markers = unit
    """)
    return pytester


@pytest.mark.parametrize("workers", [(), ("-n1",)], ids=["alone", "in a worker"])
def test_each_leak_fails_its_test_and_is_named(project: pytest.Pytester, workers: tuple[str, ...]) -> None:
    project.makepyfile(test_leaky=HEAD + "".join(LEAKY))
    result = project.runpytest_subprocess("-rEf", *workers)
    unnamed = [body for body, words in LEAKY.items() if not blamed(result.outlines, body, words)]
    assert unnamed == [], result.stdout.str()


def blamed(lines: list[str], body: str, words: str) -> bool:
    """Whether the test in `body` failed with a report that holds `words`."""
    name = re.findall(r"def (test_\w+)", body)[0]
    report = "\n".join(lines).split(f" {name} ___", 1)[-1].split("\n___", 1)[0]
    summary = (f"ERROR test_leaky.py::{name} ", f"FAILED test_leaky.py::{name} ")
    return any(line.startswith(summary) for line in lines) and words in report


def test_what_is_closed_or_belongs_to_a_wider_fixture_is_not_blamed(project: pytest.Pytester) -> None:
    project.makepyfile(test_innocent=HEAD + INNOCENT)
    result = project.runpytest_subprocess()
    result.assert_outcomes(passed=8)


def test_a_leak_is_found_also_beside_a_wider_fixture(project: pytest.Pytester) -> None:
    project.makepyfile(
        test_both=HEAD + WIDE + "def test_it(wide):\n    kept.append(socket.socket())",
    )
    result = project.runpytest_subprocess()
    result.assert_outcomes(passed=1, errors=1)
