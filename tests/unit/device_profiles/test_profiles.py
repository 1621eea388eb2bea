"""Profile files are data that is read strictly."""

import pytest

from device_profiles.facts import digest, pick
from device_profiles.leaves import RULES, SHAPES
from device_profiles.profile import FOLDER, ProfileError, load_profile, load_profiles

pytestmark = pytest.mark.unit

GOOD = (FOLDER / "openvswitch.toml").read_text()


def load(tmp_path, text):
    file = tmp_path / "openvswitch.toml"
    file.write_text(text)
    return load_profile(file)


def test_every_profile_that_is_shipped_loads():
    profiles = load_profiles()
    assert "openvswitch" in profiles
    assert profiles["openvswitch"].kind == "switch"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("poll_s =", "pol_s ="), "pol_s: unknown key"),
        (("persistence =", "# persistence =\nkind2 ="), "kind2: unknown key"),
        (('"ports.mode"', '"ports.speed"'), "ports.speed"),
        (('kind = "switch"', 'kind = "toaster"'), "kind: "),
        (('name = "openvswitch"', 'name = "other"'), "name: "),
        (("poll_s = 30.0", "poll_s = 0"), "poll_s: "),
        (("[shell]", "[shell"), "not TOML"),
    ],
)
def test_a_wrong_profile_is_refused_with_file_and_key(tmp_path, change, complaint):
    with pytest.raises(ProfileError, match=r"openvswitch\.toml") as error:
        load(tmp_path, GOOD.replace(change[0], change[1], 1))
    assert complaint in str(error.value)


def test_a_bad_regular_expression_is_refused_at_load(tmp_path):
    with pytest.raises(ProfileError, match="regular expression"):
        load(tmp_path, GOOD + '\n[port_names]\nrules = [["(", "x"]]\n')


def test_every_field_of_the_schema_says_how_it_merges():
    assert "ports.stp.edge" in RULES
    assert set(RULES) <= SHAPES


def test_an_unchanged_device_is_an_unchanged_document_though_time_passes():
    facts = {"platform": "x", "uptime_seconds": 1}
    assert digest(facts) == digest(facts | {"uptime_seconds": 2})
    assert digest(facts) != digest(facts | {"platform": "y"})


def test_facts_are_found_by_path_also_where_a_name_has_dots():
    facts = {"network": {"interfaces": {"ge-0/0/0.0": {"mtu": "1500"}}}}
    assert pick(facts, "network.interfaces.ge-0/0/0.0.mtu") == "1500"
    with pytest.raises(KeyError, match="nope"):
        pick(facts, "network.nope.x")
