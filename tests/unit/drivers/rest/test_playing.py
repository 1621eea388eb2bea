"""Recordings of resources: trees of index.json, read as a device is, and made of one without its secrets."""

import orjson
import pytest

from drivers.access import Access
from drivers.errors import Unsupported
from drivers.rest.messages import asking
from drivers.rest.playing import find, play
from drivers.rest.recorder import RecordingServed
from drivers.rest.served import served_of
from drivers.transports import open_connection
from tests.unit.drivers.rest.served import PASSWORD, Device

pytestmark = pytest.mark.unit


@pytest.fixture
def tree(tmp_path):
    pages = {"": {"RedfishVersion": "1.6.0"}, "Systems": {"Members": []}, "Systems/Self": {"Id": "Self"}}
    for path, document in pages.items():
        folder = tmp_path / "case" / "redfish" / "v1" / path
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "index.json").write_bytes(orjson.dumps(document))
    (tmp_path / "secret.json").write_text("{}")
    return tmp_path / "case"


async def status(played, path):
    return (await played.exchange(asking("GET", path))).status


async def test_a_tree_is_played(tree):
    played = play(tree)
    assert await status(played, "/redfish/v1/") == 200
    assert await status(played, "/redfish/v1/systems/self/?$expand=.") == 200
    assert await status(played, "/redfish/v1/Chassis") == 404
    assert played.missing == ("/redfish/v1/chassis",)


async def test_nothing_outside_is_read_and_nothing_is_written(tree):
    played = play(tree)
    assert await status(played, "/redfish/v1/../../../secret.json") == 404
    assert await status(played, "/redfish/v1/%2e%2e/%2e%2e/%2e%2e") == 404
    assert (await played.exchange(asking("PATCH", "/redfish/v1/Systems/Self", {}))).status == 405


def test_a_tree_is_found_from_above_and_from_within(tree):
    assert find(tree.parent) == tree
    assert find(tree / "redfish" / "v1") == tree
    assert find(tree / "nothing") is None
    with pytest.raises(Unsupported):
        play(tree / "nothing")


async def test_a_mockup_of_the_short_form_is_one_as_well(tree, tmp_path):
    short = (tree / "redfish" / "v1").rename(tmp_path / "short")
    assert find(short) == short
    played = play(short)
    assert await status(played, "/redfish/v1") == 200
    assert await status(played, "/redfish/v1/Systems/Self") == 200


async def test_replay_opens_it(tree):
    access = Access(scheme="replay", host=str(tree), port=0)
    connection = await open_connection(access, credential=None, pin=None, timeout_s=1.0)
    assert (await served_of(connection).exchange(asking("GET", "/redfish/v1/Systems/Self"))).body
    await connection.close()


async def test_what_is_recorded_can_be_played_and_holds_no_secret(tmp_path):
    blade = {"@odata.id": "/redfish/v1/Systems/1", "Id": "1", "Note": f"is {PASSWORD}"}
    device = Device(
        pages={
            "/redfish/v1/": {"RedfishVersion": "1.6.0"},
            "/redfish/v1/Systems?$expand=.": {"Members": [blade]},
            "/redfish/v1/Accounts/1": {"Password": "hunter2", "PasswordChangeRequired": False, "SNMP": {"Token": "t"}},
            "/../up": {"a": 1},
        }
    )
    recorder = RecordingServed(device, secrets=(PASSWORD,))
    for path in device.pages:
        await recorder.exchange(asking("GET", path))
    await recorder.save(tmp_path)
    played = play(tmp_path)
    assert await status(played, "/redfish/v1/Systems/1") == 200
    text = b"".join(file.read_bytes() for file in tmp_path.rglob("*.json"))
    assert PASSWORD.encode() not in text
    assert b"hunter2" not in text
    assert b'"PasswordChangeRequired": false' in text
    assert not (tmp_path.parent / "up").exists()
