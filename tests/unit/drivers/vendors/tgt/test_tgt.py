"""tgt: what tgtadm prints is read strictly, and what is told it can neither lose data nor hit another's target."""

from collections.abc import AsyncIterator

import pytest

from device_profiles.compare import Goal
from device_profiles.profile import load_profiles
from device_profiles.state import Export, State, Volume
from drivers.conformance.memory import MemoryConnection
from drivers.errors import Garbled, Rejected, Unreachable
from drivers.vendors.tgt import reading
from drivers.vendors.tgt.driver import Tgt
from drivers.vendors.tgt.telling import entry
from pointsman.twins import shell
from pointsman.twins.arrays.tgt import Lun, Target, TgtHost

pytestmark = pytest.mark.unit

MIB = 1 << 20
HOST = "iqn.2024-01.example:web-07"

# As tgt 1.0.85 printed it.
SHOWN = """\
Target 3: iqn.2026-01.pointsman:san-1:web-07
    System information:
        Driver: iscsi
        State: ready
    I_T nexus information:
        I_T nexus: 5
            Initiator: iqn.2024-01.example:web-07 alias: none
            Connection: 1
                IP Address: 10.9.0.21
    LUN information:
        LUN: 0
            Type: controller
            SCSI ID: IET     00030000
            SCSI SN: beaf30
            Size: 0 MB, Block size: 1
            Online: Yes
            Backing store type: null
            Backing store path: None
            Backing store flags: 
        LUN: 1
            Type: disk
            SCSI ID: IET     00030001
            SCSI SN: beaf31
            Size: 17 MB, Block size: 512
            Online: Yes
            Backing store type: rdwr
            Backing store path: /srv/tgt/tank/web-07-root
            Backing store flags: 
    Account information:
    ACL information:
        10.0.0.1
        iqn.2024-01.example:web-07
"""  # noqa: W291 -- it ends some lines so


def answer(shown=SHOWN, host="san-1", *files):
    records = ["p 4096 2048 1024 /srv/tgt/tank", *(files or ("v 16777216 0 tank/web-07-root",))]
    return (shown + f"#files\n{host}\n" + "".join(f"{record}\0" for record in records)).encode()


def test_a_reading_has_targets_masks_sessions_and_files():
    seen = reading.parse(answer(), reading.Quirks()).seen
    assert seen.pools["tank"].free == 4096 * 1024
    assert seen.volumes["web-07-root"].size == 16 * MIB
    assert seen.exports["web-07"].luns == {1: "web-07-root"}
    assert seen.exports["web-07"].initiators == ("10.0.0.1", HOST)
    (session,) = seen.sessions
    assert (session.export, session.initiator, session.address, session.luns) == ("web-07", HOST, "10.9.0.21", (1,))


@pytest.mark.parametrize(
    ("found", "replaced"),
    [
        ("        LUN: 1\n", ""),
        ("            Type: disk\n", ""),
        ("    LUN information:\n", "    LUN information\n"),
        ("Backing store path: /srv", "Backing store"),
        ("Initiator: iqn.2024-01.example:web-07 alias", "Initiator iqn"),
        ("Size: 17 MB", "Size: 17"),
        ("    ACL information:\n", "   ACL information:\n"),
    ],
)
def test_what_it_does_not_print_elsewhere_is_garbled(found, replaced):
    assert found in SHOWN
    with pytest.raises(Garbled):
        reading.parse(answer(SHOWN.replace(found, replaced)), reading.Quirks())


@pytest.mark.parametrize(
    "data", [b"", SHOWN.encode(), answer()[:-1], answer().replace(b"p 4096", b"q 4096"), b"\xff" + answer()]
)
def test_half_an_answer_is_none(data):
    with pytest.raises(Garbled):
        reading.parse(data, reading.Quirks())


def test_a_target_of_others_is_shown_by_its_whole_name():
    seen = reading.parse(answer(SHOWN.replace("iqn.2026-01.pointsman:san-1:web-07", "iqn.x:y")), reading.Quirks()).seen
    assert list(seen.exports) == ["iqn.x:y"]


def test_a_target_keeps_its_export_where_the_array_was_renamed():
    found = reading.parse(answer(host="san-9"), reading.Quirks())
    assert found.target_name("web-07") == "iqn.2026-01.pointsman:san-1:web-07"
    assert found.target_name("web-08") == "iqn.2026-01.pointsman:san-9:web-08"


def test_a_second_volume_of_the_same_name_is_shown_with_its_pool():
    other = "p 4096 2048 1024 /srv/tgt/pond"
    data = answer(SHOWN, "san-1", other, "v 1 0 tank/web-07-root", "v 2 0 pond/web-07-root")
    assert set(reading.parse(data, reading.Quirks()).seen.volumes) == {"web-07-root", "tank/web-07-root"}


def test_a_volume_that_grew_behind_its_lun_has_the_size_that_its_initiators_see():
    seen = reading.parse(answer(SHOWN, "san-1", "v 67108864 0 tank/web-07-root"), reading.Quirks()).seen
    assert seen.volumes["web-07-root"].size == 17_000_000


@pytest.mark.parametrize(
    ("name", "option"),
    [
        (HOST, "initiator_name"),
        ("ALL", "initiator_address"),
        ("10.0.0.1", "initiator_address"),
        ("10.0.0.0/8", "initiator_address"),
    ],
)
def test_an_entry_of_a_mask_is_named_as_what_it_is(name, option):
    assert entry(name) == {option: name}


@pytest.fixture
def host():
    return TgtHost()


@pytest.fixture
async def driver(host) -> AsyncIterator[Tgt]:
    def start(_command, stream):
        stream.talk = shell.talk(host)

    connection = MemoryConnection(start)
    made = Tgt(connection, load_profiles()["tgt"])
    yield made
    await made.close()
    await connection.close()


def web(**more):
    volumes = {"root": Volume(size=64 * MIB, pool="tank", **more)}
    return Goal(State(volumes=volumes, exports={"web-07": Export(initiators=(HOST,), luns={1: "root"})}))


async def converge(driver, goal):
    for step in driver.plan(goal, await driver.read(())):
        await driver.apply(step)


async def test_a_volume_has_a_name_of_its_own_whatever_number_its_target_gets(host, driver):
    await converge(driver, web())
    before = host.target_of("web-07").luns[1].scsi_id
    host.restart()
    host.targets[1] = Target("iqn.another:first")
    await converge(driver, web())
    assert before
    assert host.targets[2].luns[1].scsi_id == before


async def test_a_number_that_is_anothers_by_now_is_left_alone(host, driver):
    await converge(driver, web())
    goal = Goal(State(exports={"web-07": Export(initiators=(HOST, "iqn.2024-01.example:new"))}))
    (step,) = driver.plan(goal, await driver.read(()))
    host.restart()
    host.targets[1] = Target("iqn.another:first")
    with pytest.raises(Rejected, match=r"iqn\.another:first"):
        await driver.apply(step)
    assert host.targets[1].names == []


async def test_a_lun_that_shows_something_else_by_now_is_left_alone(host, driver):
    await converge(driver, web())
    goal = Goal(
        State(
            volumes={"data": Volume(size=MIB, pool="tank")},
            exports={"web-07": Export(luns={1: "root", 2: "data"})},
        )
    )
    made, shown = driver.plan(goal, await driver.read(()))
    await driver.apply(made)
    host.targets[1].luns[2] = Lun("/dev/sdb", MIB)
    with pytest.raises(Rejected, match="/dev/sdb"):
        await driver.apply(shown)
    assert host.targets[1].luns[2].path == "/dev/sdb"


async def test_a_volume_that_grows_is_attached_again_with_its_new_size(host, driver):
    await converge(driver, web())
    await converge(driver, Goal(State(volumes={"root": Volume(size=128 * MIB)})))
    assert host.target_of("web-07").luns[1].size == 128 * MIB


async def test_who_may_lose_a_session_loses_it_with_its_entry(host, driver):
    await converge(driver, web())
    assert host.log_in("web-07", HOST)
    (step,) = driver.plan(Goal(State(exports={"web-07": Export(initiators=())})), await driver.read(()))
    assert step.needs == ("live_session",)
    await driver.apply(step)
    assert host.target_of("web-07").sessions == {}


async def test_two_exports_of_one_plan_get_numbers_of_their_own(host, driver):
    exports = {name: Export(initiators=(), luns={}) for name in ("a", "b")}
    await converge(driver, Goal(State(exports=exports)))
    assert {target.name.split(":")[-1] for target in host.targets.values()} == {"a", "b"}


async def test_a_daemon_that_does_not_run_is_told_from_an_array_that_refuses(host, driver):
    host.running = False
    with pytest.raises(Unreachable, match="tgtd"):
        await driver.read(())


async def test_what_is_saved_comes_back_as_it_was_and_opens_nothing(host):
    def start(_command, stream):
        stream.talk = shell.talk(host)

    connection = MemoryConnection(start)
    driver = Tgt(connection, load_profiles()["tgt_saved"])
    luns = {5: "root", 2: "data"}
    volumes = {name: Volume(size=MIB, pool="tank") for name in luns.values()}
    exports = {"web-07": Export(initiators=(HOST,), luns=luns), "nobody": Export(initiators=(), luns={})}
    await converge(driver, Goal(State(volumes=volumes, exports=exports)))
    before = await driver.read(())
    await driver.save()
    host.restart()
    after = await driver.read(())
    assert after.exports == {"web-07": before.exports["web-07"]}
    assert not host.log_in("nobody", "iqn.2024-01.example:anybody")
    await driver.close()
    await connection.close()


async def test_facts_tell_what_the_array_holds(driver):
    await converge(driver, web())
    facts = await driver.facts()
    assert facts["storage"]["exports"]["web-07"]["target"] == "iqn.2026-01.pointsman:san-1:web-07"
    assert facts["storage"]["volumes"]["root"]["size"] == 64 * MIB
    assert facts["platform_version"] == "1.0.85"
