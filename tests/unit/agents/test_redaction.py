"""What a site keeps to itself never leaves the agent; all else does, as it was."""

from dataclasses import replace

import pytest

from agents.redaction import parse_redaction, redacted
from agents.settings import SettingsError, load_settings
from device_profiles.state import Port, State
from tests.unit.agents.agent import desired, running
from tests.unit.agents.devices import PROFILE, FakeSwitch, Rack
from tests.unit.agents.services import FakeService

pytestmark = pytest.mark.unit

BARE = State(ports={"p1": Port()})
WANTED = State(ports={"p1": Port(description="h1")})
FACTS = {
    "hostname": "sw1",
    "dmi": {"system": {"serial_number": "S1", "product_name": "P"}},
    "network": {"interfaces": {"ge-0/0/0.0": {"mtu": "1500", "addresses": {"10.0.0.1": {}}}, "p2": {"mtu": "9000"}}},
    "inventory": [{"name": "a", "serial": "X"}, {"name": "b"}],
}


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("dmi.system.serial_number", {"dmi": {"system": {"product_name": "P"}}}),
        ("dmi", {"dmi": None}),
        ("sw1/hostname", {"hostname": None}),
        ("inventory.*.serial", {"inventory": [{"name": "a"}, {"name": "b"}]}),
        ("inventory.*", {"inventory": []}),
        (
            "network.interfaces.*.addresses",
            {"network": {"interfaces": {"ge-0/0/0.0": {"mtu": "1500"}, "p2": {"mtu": "9000"}}}},
        ),
        ("network.interfaces[ge-0/0/0.0]", {"network": {"interfaces": {"p2": {"mtu": "9000"}}}}),
    ],
)
def test_what_a_path_names_is_gone_and_nothing_else(text: str, gone: dict) -> None:
    expected = {key: value for key, value in {**FACTS, **gone}.items() if value is not None}
    assert redacted(FACTS, [text], node="sw1") == expected


def test_what_is_not_there_or_of_another_node_changes_nothing() -> None:
    assert redacted(FACTS, ["nothing.here", "sw2/hostname", "hostname.below"], node="sw1") == FACTS


@pytest.mark.parametrize("text", ["", "/dmi", "sw1/", "a..b", "a["])
def test_what_is_no_path_is_refused_with_the_file(text: str, tmp_path) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_redaction(text)
    file = tmp_path / "agent.toml"
    file.write_text(f'name = "a"\nlocation = "l"\nservice = "http://x"\ndata_dir = "d"\nredact = ["{text}"]\n')
    with pytest.raises(SettingsError, match=r"redact"):
        load_settings(file)


async def test_it_never_reaches_the_service_and_still_tells_which_device_it_is(tmp_path):
    switch, service = FakeSwitch(BARE), FakeService()
    switch.facts = {"dmi": {"system": {"serial_number": "S1", "product_name": "P"}}}
    service.assign(desired("sw1", 1, WANTED), profile=replace(PROFILE, identity=("serial",)))
    async with running(tmp_path, Rack(sw1=switch), service, redact=("dmi.system.serial_number",)):
        await service.until(lambda: any(report.facts for report in service.of("sw1")))
    told = [report.facts for report in service.of("sw1") if report.facts]
    assert [facts["dmi"] for facts in told] == [{"system": {"product_name": "P"}}]
    other = FakeSwitch(BARE)
    other.facts = {"dmi": {"system": {"serial_number": "S2", "product_name": "P"}}}
    async with running(tmp_path, Rack(sw1=other), service, redact=("dmi.system.serial_number",)):
        await service.until(lambda: service.condition("sw1", "Identified") == (False, "WrongDevice"))
    assert other.writes == 0
