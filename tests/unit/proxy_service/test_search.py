"""Search tells what holds a text and where, in declarations and in what was found."""

import pytest

from tests.unit.proxy_service.site import Site

pytestmark = pytest.mark.unit

FACTS = {
    "hostname": "leaf-1",
    "dmi": {"system": {"serial_number": "OVS-1 50%_"}},
    "network": {"interfaces": {"p1": {"mtu": "1500", "addresses": {"52:54:00:00:00:07": {"family": "lladdr"}}}}},
    "inventory": [{"name": 'PSU "A"', "serial": "ABC123"}],
}


@pytest.fixture
async def found(site: Site):
    await site.rack("sw1", labels={"tier": "leaf"}, annotations={"netbox": "dcim/17"})
    await site.rack("sw2", labels={"tier": "spine"})
    agent = await site.agent()
    await agent.send(agent.report(facts=FACTS, facts_hash="1"))

    async def ask(text: str, **query: int) -> list[tuple[str, str, object]]:
        items = (await site.admin.get("search", q=text, **query))["items"]
        return [(item["name"], item["at"], item["value"]) for item in items]

    return ask


@pytest.mark.parametrize(
    ("text", "place", "value"),
    [
        ("ovs-1", "facts.dmi.system.serial_number", "OVS-1 50%_"),
        ("50%_", "facts.dmi.system.serial_number", "OVS-1 50%_"),
        ("dcim/17", "spec.annotations.netbox", "dcim/17"),
        ("leaf", "spec.labels.tier", "leaf"),
        ("abc123", "facts.inventory.0.serial", "ABC123"),
        ('PSU "A"', "facts.inventory.0.name", 'PSU "A"'),
        *(
            (mac, "facts.network.interfaces.p1.addresses.52:54:00:00:00:07", None)
            for mac in ("52:54:00:00:00:07", "5254.0000.0007", "52-54-00-00-00-07", "525400000007")
        ),
    ],
)
async def test_a_text_is_found_where_it_stands(found, text, place, value) -> None:
    assert ("sw1", place, value) in await found(text)


async def test_what_is_nowhere_is_not_found_and_signs_of_the_database_stand_for_themselves(found) -> None:
    for text in ("nothing like it", "%%", "__", "OVS_1"):
        assert await found(text) == []


async def test_a_search_is_cut_and_says_so(site: Site, found) -> None:
    assert len(await found("sw")) > 1
    assert len(await found("sw", limit=1)) == 1
    assert (await site.admin.get("search", q="sw", limit=1))["more"] is True


async def test_a_text_of_one_letter_is_refused(site: Site) -> None:
    assert (await site.admin.refused("GET", "search", params={"q": "x"}))["status"] == 422
