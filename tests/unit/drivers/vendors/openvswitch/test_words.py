"""Nothing that anybody wrote reaches a shell as anything but a word."""

import contextlib
import json
import shlex
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_profiles.state import Port
from drivers.errors import Unsupported
from drivers.vendors.openvswitch import columns, words
from pointsman.twins import values
from pointsman.twins.shell import _parsed

pytestmark = pytest.mark.unit

HOSTILE = [
    "p1; reboot", "p1\nreboot", "$(reboot)", "`reboot`", "p1'", 'p1"', "p1\\", "p1 p2", "-x", "--", "@p1", "", "p1\x00",
    "p1\x1b[2J", "p" * 10_000, "p1&&x", "p1|x", "p1>x", "{p1}", "p1#", "é", "p1=1", "[p1]", "p1,p2", "\r", "~", "*",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_never_sent(name):
    with pytest.raises(Unsupported) as refused:
        words.name(name)
    assert len(str(refused.value)) < 200
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("name", ["p1", "Port-Channel1", "eth0.100", "ge-0/0/0", "br_int", "1", "a:b"])
def test_a_name_of_a_port_is_sent_as_it_is(name):
    assert words.name(name) == name


@given(st.text(min_size=1))
def test_a_name_is_refused_or_is_its_own_quoted_form(text):
    with contextlib.suppress(Unsupported):
        assert shlex.quote(words.name(text)) == text


@given(st.text())
@settings(max_examples=300)
def test_free_text_reaches_the_switchs_grammar_whole_through_both_grammars(text):
    """As two readers see it that are not ours: the shell's splitting, and JSON strings."""
    line = words.transaction([columns.description("Port", "p1", text)])
    assert line.isascii()
    assert line.isprintable()
    last = shlex.split(line)[-1]
    assert len(shlex.split(line)) == 7
    assert json.loads(last.removeprefix("external_ids:description=")) == text


@given(st.text(alphabet="ab,=:\"'\\[]{} ;$`&|<>()*?!#~-\n", max_size=40))
@settings(max_examples=300)
def test_free_text_is_one_value_to_a_twin_as_well(text):
    ((_, argv),) = _parsed(words.transaction([columns.description("Port", "p1", text)]))
    assert values.pair(argv[-1].removeprefix("external_ids:")) == ("description", text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_real_shell_sees_one_word(text):
    """What sh makes of the line, printed back word by word."""
    line = columns.description("Port", "p1", text)
    printed = subprocess.run(
        ["sh", "-c", f"printf '%s\\0' {words.line(*line)}"], capture_output=True, text=True, check=True, timeout=10
    ).stdout
    assert tuple(printed.split("\0")[:-1]) == line


def test_a_control_character_in_any_word_is_refused():
    for word in ("a\nb", "a\x00b", "a\x1bb", "é"):
        with pytest.raises(Unsupported):
            words.line("ovs-vsctl", word)


def test_names_are_checked_wherever_a_command_is_made():
    for made in (
        lambda: columns.vlans("p1;x", Port()),
        lambda: columns.description("Port", "p1;x", "ok"),
        lambda: columns.edge("p1;x", value=True),
        lambda: columns.mtu("p1;x", 1500),
        lambda: columns.plain("br0", "p1;x", Port()),
        lambda: columns.plain("br0;x", "p1", Port()),
        lambda: columns.members("lag1", kept=("p1;x",), fresh=(), descriptions={}),
        lambda: columns.members("lag1", kept=(), fresh=("p1;x",), descriptions={}),
        lambda: words.admin_state(["p1;x"], up=True),
    ):
        with pytest.raises(Unsupported):
            made()
