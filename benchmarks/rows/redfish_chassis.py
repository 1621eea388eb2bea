"""Requests, time and CPU of one pass on a Redfish chassis of 32 blades, over TLS.

The chassis is a twin in another process, which answers at once: what a real one takes, is its answer time for each
request, four of them at a time. It is read by a fresh driver (all is parsed), by one that read it before (ETags:
nothing is), and by one that is offered no ``$expand``, as older services; a pass that acts switches one blade and sees
it done.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from time import perf_counter, process_time
from typing import Final

from benchmarks.figures import Figure, Result, median
from benchmarks.stage import Row, Stage
from benchmarks.twins import running_twins
from device_profiles.compare import Goal
from device_profiles.profile import Profile, load_profiles
from device_profiles.state import Power, Slot, State
from drivers.access import parse_access
from drivers.contract import Connection
from drivers.credentials import Credential
from drivers.transports import open_connection
from drivers.vendors.redfish.driver import Redfish

_BLADES: Final = 32
_ROUNDS: Final = 15
_GOAL_REQUESTS: Final = 4


@dataclass(frozen=True, slots=True)
class _Cost:
    """Of one pass: medians."""

    requests: float
    wall_ms: float
    cpu_ms: float


async def _measure(stage: Stage) -> Result:
    profile = load_profiles()["redfish"]
    one_by_one = replace(profile, quirks={**profile.quirks, "expand": False})
    more = ("--blades", str(_BLADES))
    async with running_twins(stage, 1, profile="redfish", more=more) as twins:
        (node,) = twins.documents.values()
        credential = Credential(name="file:twins.key", text=twins.key)
        connection = await open_connection(
            parse_access(node["access"][0]), credential=credential, pin=None, timeout_s=10.0
        )
        try:
            stage.tell("a chassis of 32 blades")
            costs = {
                "first reading": await _first(connection, profile),
                "nothing changed": await _again(connection, profile),
                "nothing changed, without $expand": await _again(connection, one_by_one),
                "a blade is switched": await _switched(connection, profile),
            }
        finally:
            await connection.close()
    return Result(figures=tuple(figure for name, cost in costs.items() for figure in _figures(name, cost)))


def _figures(name: str, cost: _Cost) -> tuple[Figure, ...]:
    goal = _GOAL_REQUESTS if name == "nothing changed" else None
    return (
        Figure(name=f"{name}: requests", value=cost.requests, unit="", goal=goal),
        Figure(name=f"{name}: time", value=cost.wall_ms, unit="ms"),
        Figure(name=f"{name}: our CPU", value=cost.cpu_ms, unit="ms"),
    )


async def _first(connection: Connection, profile: Profile) -> _Cost:
    async def read(driver: Redfish) -> None:
        await driver.read(())

    return await _cost(lambda: Redfish(connection, profile), read)


async def _again(connection: Connection, profile: Profile) -> _Cost:
    driver = Redfish(connection, profile)
    seen = await driver.read(())

    async def read(driver: Redfish) -> None:
        if await driver.read(()) is not seen:
            raise LookupError("nothing changed, and it is another state")

    return await _cost(lambda: driver, read)


async def _switched(connection: Connection, profile: Profile) -> _Cost:
    """Read, plan, switch, read again: off and on in turn."""

    async def act(driver: Redfish) -> None:
        observed = await driver.read(())
        power: Power = "off" if observed.slots["2"].power == "on" else "on"
        goal = Goal(State(slots={"2": Slot(power=power, off="hard")}))
        for step in driver.plan(goal, observed):
            await driver.apply(step)
        if (await driver.read(())).slots["2"].power != power:
            raise LookupError("the blade was not switched")

    driver = Redfish(connection, profile)
    await driver.read(())
    return await _cost(lambda: driver, act)


async def _cost(make: Callable[[], Redfish], work: Callable[[Redfish], Awaitable[None]]) -> _Cost:
    requests, wall, cpu = [], [], []
    for _ in range(_ROUNDS):
        driver = make()
        before, began, used = driver.requests, perf_counter(), process_time()
        await work(driver)
        wall.append((perf_counter() - began) * 1000)
        cpu.append((process_time() - used) * 1000)
        requests.append(float(driver.requests - before))
    return _Cost(median(requests), median(wall), median(cpu))


ROW = Row(
    name="redfish-chassis",
    sentence="requests, time and CPU of one pass on a Redfish chassis of 32 blades",
    measure=_measure,
)
