"""Twins to talk to, and what connects to one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from device_profiles.profile import Profile, load_profiles
from drivers.access import parse_access
from drivers.contract import Connection
from drivers.credentials import Credential
from drivers.transports import open_connection
from pointsman.twins import Twin, TwinRack

Until = Callable[[Callable[[], object]], Awaitable[None]]
Connect = Callable[[Twin], Awaitable[Connection]]


@pytest.fixture
def until() -> Until:
    """Lets the loop run until a condition holds."""

    async def until(condition: Callable[[], object]) -> None:
        async with asyncio.timeout(5):
            while not condition():  # noqa: ASYNC110 -- conditions of others' objects, which tell nobody
                await asyncio.sleep(0)

    return until


@pytest.fixture
def profile() -> Profile:
    return load_profiles()["openvswitch"]


@pytest.fixture
async def rack() -> AsyncIterator[TwinRack]:
    async with TwinRack(2) as rack:
        yield rack


@pytest.fixture
def twin(rack: TwinRack) -> Twin:
    return rack["sw1"]


@pytest.fixture
def credential(rack: TwinRack) -> Credential:
    return Credential(name="file:twins.key", text=rack.key_text)


@pytest.fixture
async def connect(credential: Credential) -> AsyncIterator[Connect]:
    made = []

    async def connect(twin: Twin) -> Connection:
        made.append(
            await open_connection(parse_access(twin.access), credential=credential, pin=twin.host_key, timeout_s=5.0)
        )
        return made[-1]

    yield connect
    for connection in made:
        await connection.close()
