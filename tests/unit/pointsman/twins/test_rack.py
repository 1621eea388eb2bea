"""A rack of twins: what it tells of itself, and that it leaves nothing."""

import asyncssh
import pytest

from pointsman.twins import TwinRack

pytestmark = pytest.mark.unit


async def test_each_twin_has_its_name_access_and_host_key():
    async with TwinRack(3) as rack:
        assert [twin.name for twin in rack.nodes] == ["sw1", "sw2", "sw3"]
        assert len({twin.host_key for twin in rack.nodes}) == 3
        assert len({twin.access for twin in rack.nodes}) == 3
        assert all(twin.access.startswith("ssh://root@127.0.0.1:") for twin in rack.nodes)
        assert {twin.profile for twin in rack.nodes} == {"openvswitch"}
        assert "p48" in rack["sw1"].switch.devices
        assert "p48" not in rack["sw2"].switch.devices
    assert rack.nodes == ()


async def test_one_host_key_can_serve_all():
    async with TwinRack(3, own_host_keys=False) as rack:
        assert len({twin.host_key for twin in rack.nodes}) == 1


async def test_any_ssh_client_can_talk_to_one():
    async with TwinRack(1) as rack:
        key = asyncssh.import_private_key(rack.key_text)
        port = int(rack["sw1"].access.rpartition(":")[2])
        async with asyncssh.connect(
            "127.0.0.1", port, username="root", client_keys=[key], known_hosts=None, config=None
        ) as connection:
            assert (await connection.run("ovs-vsctl get Port p48 tag")).stdout == "99\n"
            assert (await connection.run("nonsense")).exit_status == 127


async def test_a_link_is_up_when_both_ends_are():
    async with TwinRack(2) as rack:
        one, other = rack["sw1"], rack["sw2"]
        one.run("ip link set dev p23 up")
        assert not one.switch.devices["p23"].carrier
        other.run("ip link set dev p23 up")
        assert one.switch.devices["p23"].carrier
        assert "p23" in one.run("lldpcli show neighbors -f json")[0]


async def test_a_rack_with_connections_open_can_be_taken_away():
    async with TwinRack(1) as rack:
        key = asyncssh.import_private_key(rack.key_text)
        port = int(rack["sw1"].access.rpartition(":")[2])
        connection = await asyncssh.connect(
            "127.0.0.1", port, username="root", client_keys=[key], known_hosts=None, config=None
        )
        assert rack.connected == 1
    await connection.wait_closed()
