"""Bootstrap steps as data: what a file may say, and what is filled in."""

import pytest

from device_profiles.bootstrap import BadValue, Bootstrap, Step, network
from device_profiles.profile import FOLDER, ProfileError, load_profile

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('mode = "config"\ninterface', 'mode = "nowhere"\ninterface', "no mode nowhere"),
        ('needs = ["gateway"]', 'needs = ["gate"]', "bootstrap"),
        ('needs = ["gateway"]', 'needs = ["user"]', "lacks gateway"),
        ("renames = true", "rename = true", "rename"),
        ('send = ["ip ssh version 2"]', "send = []", "send"),
    ],
)
def test_a_wrong_step_is_refused_with_its_key(tmp_path, old, new, complaint) -> None:
    text = (FOLDER / "cisco_ios.toml").read_text()
    assert old in text
    file = tmp_path / "cisco_ios.toml"
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(ProfileError, match=complaint):
        load_profile(file)


def test_a_value_is_a_text_within_a_pattern_and_never_a_pattern() -> None:
    step = Step(name="user", needs=("user",), send=("user {user}",), asks="show", shows="^user {user}$")
    (filled,) = Bootstrap(mode="config", interface="Vlan1", steps=(step,)).filled({"user": "a.b"})
    assert (filled.send, filled.is_shown("user a.b"), filled.is_shown("user axb")) == (("user a.b",), True, False)


@pytest.mark.parametrize("text", ["", "10.0.0.2", "10.0.0.2/33", "10.0.0.255/24", "10.0.0.0/24", "fe80::1/64", "x/24"])
def test_what_is_no_address_of_a_host(text) -> None:
    with pytest.raises(BadValue):
        network(text)


def test_a_link_of_two_has_two_hosts() -> None:
    assert network("10.0.0.0/31") == {"address": "10.0.0.0", "netmask": "255.255.255.254", "prefix_length": "31"}
