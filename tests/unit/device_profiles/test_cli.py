"""A command line as data is read strictly: what is wrong in it is found when it is loaded."""

import re

import pytest

from device_profiles.cli import Cli, LoginPrompts, Mode
from device_profiles.patterns import at_line_start
from device_profiles.profile import FOLDER, PortNames, ProfileError, load_profile, load_profiles

pytestmark = pytest.mark.unit

GOOD = (FOLDER / "cisco_ios.toml").read_text()


def complaint(tmp_path, *change):
    assert change[0] in GOOD
    file = tmp_path / "cisco_ios.toml"
    file.write_text(GOOD.replace(change[0], change[1], 1))
    with pytest.raises(ProfileError) as error:
        load_profile(file)
    return str(error.value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("prompt = '{host}#'", "prompt = '{host}('"), "cisco_ios.toml: cli.modes.1.prompt: not a regular expression"),
        (("prompt = '{host}#'", "prompt = '{host}{host}'"), "a prompt names {host} once at most"),
        (("prompt = '{host}#'", "prompt = '.*'"), "must not match an empty line"),
        (("'Command rejected'", "'(Command'"), "cisco_ios.toml: cli.failures.1: not a regular expression"),
        (('home = "exec"', 'home = "nowhere"'), "there is no mode nowhere"),
        (('parent = "exec"', 'parent = "nowhere"'), "its parent stands before it"),
        (('leave = "end"', ""), "leave leads back there"),
        (("silent = true", "silent = true\nsilnt = true"), "silnt: unknown key"),
        (("host_cut = 10", "host_cut = -1"), "cli.host_cut"),
        (("columns = 240", "columns = 4"), "cli.columns"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_key(tmp_path, change, says):
    assert says in complaint(tmp_path, *change)


def test_the_way_up_leads_through_all_parents():
    modes = (
        Mode(name="a", prompt="a"),
        Mode(name="b", prompt="b", parent="a", leave="x"),
        Mode(name="c", prompt="c", parent="b", leave="x"),
    )
    assert [mode.name for mode in Cli(modes=modes).way_up("c")] == ["c", "b", "a"]
    assert Cli(modes=modes).home_mode == "a"


def test_flags_of_a_pattern_hold_for_that_pattern_alone():
    assert at_line_start("(?i)error") == "^(?i:error)"
    assert at_line_start("a|b") == "^(?:a|b)"


def test_names_of_ports_have_one_spelling_and_unknown_ones_stay():
    names = PortNames(rules=(("gi(?:gabitethernet)?(.+)", r"GigabitEthernet\1"),))
    assert names.canonical("Gi1/0/1") == names.canonical("GIGABITETHERNET1/0/1") == "GigabitEthernet1/0/1"
    assert names.canonical("xe-0/0/0") == "xe-0/0/0"


def test_the_last_login_is_a_question_of_no_device():
    every = [profile.cli.login for profile in load_profiles().values() if profile.cli is not None]
    for prompts in (LoginPrompts(), LoginPrompts(user="(.* )?login:|Who?"), *every):
        assert re.fullmatch(prompts.asks_user, "Last login:") is None
    assert re.fullmatch(LoginPrompts().asks_user, "sw1 login: ")
    assert re.fullmatch(LoginPrompts(user="(.* )?login:|Who?").asks_user, "Who")
