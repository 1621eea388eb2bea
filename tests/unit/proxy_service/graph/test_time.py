"""Whatever happens, the graph as of a time is the graph that was shown at that time."""

import random

import pytest

from tests.unit.proxy_service.graph.sights import HOST, OTHER, World, ends, lldp

pytestmark = pytest.mark.unit
HOSTS = {"h1": HOST, "h2": OTHER, "h3": "52:54:00:00:00:09"}


def cables(chance: random.Random) -> dict[str, list[dict]]:
    """Somebody has been at the rack: hosts at any ports of both switches, or nowhere, and one cable between them."""
    found: dict[str, list[dict]] = {"sw1": [], "sw2": []}
    places = [(switch, f"p{number}") for switch in found for number in (1, 2, 3)]
    for (switch, port), (name, mac) in zip(chance.sample(places, 3), HOSTS.items(), strict=True):
        if chance.random() < 0.8:
            found[switch].append(lldp(port, name, mac))
    if chance.random() < 0.8:
        here, there = (chance.choice(("p23", "p24")) for _ in range(2))
        found["sw1"].append(lldp(here, "sw2", remote=there))
        found["sw2"].append(lldp(there, "sw1", remote=here))
    return found


async def shown(world: World, **query: str) -> set[tuple]:
    return {(*ends(link), link["state"], link["first_seen"]) for link in await world.links(**query)}


@pytest.mark.parametrize("seed", range(6))
async def test_the_past_is_as_it_was_shown(world: World, seed: int) -> None:
    chance = random.Random(seed)
    history: dict[str, set[tuple]] = {}
    for _ in range(9):
        seen = cables(chance)
        for switch in chance.sample(["sw1", "sw2"], 2):  # read one after the other: in between they disagree
            at = await world.see(switch, *seen[switch])
            history[at] = await shown(world)
    for at, then in history.items():
        assert await shown(world, at=at) == then, at
