"""The lab's array under an agent: machines see their volumes, and nothing that they wrote is ever lost."""

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.lab import initiator
from tests.lab.site import LOCATION, Site, until
from tests.plugins import leaks

pytestmark = pytest.mark.lab

PORTAL = "10.9.0.41:3260"
BLADE1, OTHER = "iqn.2024-01.example:blade1", "iqn.2024-01.example:other"
TARGET = "iqn.2026-01.pointsman:san:blade1"
SIZE = 16 << 20
VOLUME = {"blade1-root": {"size": SIZE, "pool": "tank"}}
EXPORT = {"blade1": {"initiators": [BLADE1], "luns": {"1": "blade1-root"}}}
PROGRAM = Path(initiator.__file__)


@contextmanager
def array_over(lab, folder):
    """A service and an agent that know the array."""
    site = Site(lab, folder)
    node = {
        "profile": "tgt",
        "location": LOCATION,
        "access": ["ssh://root@10.8.0.41"],
        "credentials": "file:lab.key",
        "identity": {"ssh_host_key": lab.host_keys["san"]},
    }
    try:
        site.start_service()
        site.apply({"locations": {LOCATION: {}}, "nodes": {"san-1": node}}, wait=False)
        site.start_agent()
        until(lambda: site.http.get("/nodes/san-1/observed").is_success, what="the array is read")
        yield site
    finally:
        site.stop()


@pytest.fixture(scope="module")
def blade1(lab):
    """blade1, running and reachable across the switches."""
    lab.reset()
    login = ["-I", "lanplus", "-C", "3", "-U", "admin", "-P", "secret", "-H", "10.8.0.31"]
    lab.run("mgmt", ["ipmitool", *login, "chassis", "power", "on"], check=True)
    ping = ["ping", "-q", "-n", "-c", "1", "-W", "1", PORTAL.partition(":")[0]]
    until(lambda: lab.run("blade1", ping).returncode == 0, what="blade1 reaches the array")
    yield
    lab.run("mgmt", ["ipmitool", *login, "chassis", "power", "off"])


@pytest.fixture(scope="module")
def site(lab, blade1, tmp_path_factory):
    with array_over(lab, tmp_path_factory.mktemp("site")) as made, leaks.owning(made.children):
        yield made


def argv(name, *words):
    return [sys.executable, str(PROGRAM), PORTAL, name, TARGET, "1", *words]


def use(lab, name, *words):
    """What a machine of that name reads or writes on LUN 1; None where it is not let in."""
    done = lab.run("blade1", argv(name, *words))
    assert done.returncode in (0, initiator.NOT_LET_IN), done.stderr
    return done.stdout.strip() if done.returncode == 0 else None


def sees(lab, name):
    return lab.run("blade1", ["iscsi-ls", "-s", "-i", name, f"iscsi://{PORTAL}"]).stdout


def declare(site, *, volumes=None, exports=None, wait=True):
    state = {"volumes": VOLUME if volumes is None else volumes, "exports": EXPORT if exports is None else exports}
    site.apply({"roles": {"blade1-storage": {"attach": {"nodes": ["san-1"]}, "state": state}}}, wait=wait)


def converged(site):
    """Have the agent look now; the condition."""
    answer = site.http.post("/nodes/san-1/converge", params={"wait": 10})
    assert answer.is_success, answer.text
    conditions = site.get("/nodes/san-1")["status"]["conditions"]
    return next(each for each in conditions if each["type"] == "Converged")


def test_a_machine_sees_its_volume_and_another_sees_none(site, lab):
    declare(site)
    assert "Lun:1" in sees(lab, BLADE1)
    assert "Lun:1" not in sees(lab, OTHER)
    assert use(lab, OTHER, "read") is None
    count = lab.writes("san")
    assert converged(site)["reason"] == "Verified"
    assert lab.writes("san") == count


def test_what_was_written_is_there_after_the_array_restarted_empty(site, lab):
    declare(site)
    use(lab, BLADE1, "write", "blade1 was here")
    lab.restart("san")
    assert use(lab, BLADE1, "read") is None
    assert until(lambda: converged(site)["reason"] == "Verified", what="the array is as declared again")
    assert use(lab, BLADE1, "read") == "blade1 was here"
    assert use(lab, OTHER, "read") is None


def test_a_volume_grows_with_all_that_is_on_it_and_does_not_shrink(site, lab):
    declare(site)
    use(lab, BLADE1, "write", "before it grew")
    declare(site, volumes={"blade1-root": {"size": 2 * SIZE, "pool": "tank"}})
    capacity = lab.run("blade1", ["iscsi-readcapacity16", "-i", BLADE1, f"iscsi://{PORTAL}/{TARGET}/1"]).stdout
    assert str(2 * SIZE) in capacity
    declare(site, wait=False)
    until(lambda: converged(site)["reason"] == "NotAllowed", what="shrinking is refused")
    assert "data_loss" in converged(site)["message"]
    assert use(lab, BLADE1, "read") == "before it grew"


@contextmanager
def logged_in(lab, name):
    held = subprocess.Popen(
        lab.argv("blade1", argv(name, "hold")), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert held.stdout.readline() == "in\n"
        yield
    finally:
        held.communicate(timeout=10)


def test_a_session_holds_a_release_back_and_the_volume_stays_in_any_case(site, lab):
    declare(site, volumes={"blade1-root": {"size": 2 * SIZE, "pool": "tank"}})
    with logged_in(lab, BLADE1):
        operation = lambda: site.get("/nodes/san-1/operation").get("sessions", [])  # noqa: E731 -- asked again
        until(lambda: [each["initiator"] for each in operation()] == [BLADE1], what="the session is told")
        answer = site.http.delete("/roles/blade1-storage")
        assert answer.is_success, answer.text
        found = until(
            lambda: (seen := converged(site))["reason"] == "ReleaseBlocked" and seen, what="the release waits"
        )
        assert BLADE1 in found["message"]
        assert TARGET in lab.run("san", ["tgtadm", "--lld", "iscsi", "--mode", "target", "--op", "show"]).stdout
    until(lambda: converged(site)["reason"] == "Verified", what="the release is done")
    assert TARGET not in lab.run("san", ["tgtadm", "--lld", "iscsi", "--mode", "target", "--op", "show"]).stdout
    assert "blade1-root" in converged(site)["message"]
    assert lab.run("san", ["head", "-c", "14", "/srv/tgt/tank/blade1-root"]).stdout == "before it grew"
