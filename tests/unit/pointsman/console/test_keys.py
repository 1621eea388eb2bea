"""Keys: everything goes to the line but what follows the escape key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.console.keys import MEANINGS, Command, Keys, help_text

pytestmark = pytest.mark.unit


def fed(*pieces: bytes) -> list[bytes | Command]:
    keys = Keys()
    return [item for piece in pieces for item in keys.feed(piece)]


def test_commands_stand_behind_the_escape_key():
    assert fed(b"show\r\x1dbmore\x1dQ") == [b"show\r", Command.BREAK, b"more", Command.QUIT]
    assert fed(b"\x1d", b"t") == [Command.TAKE_OVER]
    assert fed(b"\x1d.") == [Command.QUIT]
    assert fed(b"\x1d\x1d") == [b"\x1d"]
    assert fed(b"\x1dz") == [Command.HELP]


@given(st.binary(), st.integers(0, 20))
def test_what_is_no_escape_goes_out_as_it_is(data, cut):
    plain = data.replace(b"\x1d", b"")
    assert b"".join(fed(plain[:cut], plain[cut:])) == plain


def test_the_help_has_every_command():
    assert [command for command in Command if command not in MEANINGS] == []
    assert "Ctrl-] t" in help_text()
