"""Bytes of a terminal become the lines that a person would see."""

import pytest

from drivers.cli.screen import after_echo, rendered

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"one\r\ntwo\r\n", b"one\ntwo\n"),
        (b"\x1b[2J\x1b[1;31mred\x1b[0m\r\n", b"red\n"),
        (b"\x1b]0;title\x07sw1#", b"sw1#"),
        (b" --More-- \b\b\b\b\b\b\b\b\b\b          \b\b\b\b\b\b\b\b\b\bline\r\n", b"line\n"),
        (b"\r --More-- \r           \rline\r\n", b"line\n"),
        (b"[###   ] 50%\r[######] 100%\r\n", b"[######] 100%\n"),
        (b"a\x00b\x07c", b"abc"),
        (b"x\r\r\ny", b"x\ny"),
    ],
)
def test_what_moves_the_cursor_is_worked_in(data, shown):
    assert rendered(data) == shown


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (b"show vlan\nVLAN 1\n", b"VLAN 1\n"),
        (b"sho\nw vlan\nVLAN 1\n", b"VLAN 1\n"),
        (b"\nshow vlan  \nVLAN 1\n", b"VLAN 1\n"),
        (b"sw1#show vlan\nVLAN 1\n", b"VLAN 1\n"),
        (b"show vlan\n", b""),
        (b"show vlans\nVLAN 1\n", None),
        (b"VLAN 1\nshow vlan\n", None),
        (b"show vl", None),
        (b"", None),
    ],
)
def test_an_echo_is_taken_away_only_where_it_is_one(text, answer):
    assert after_echo(text, b"show vlan", prompt=b"sw1#") == answer


def test_a_line_that_the_device_scrolled_shows_its_end():
    sent = b"switchport trunk allowed vlan 100,102,104,106"
    assert after_echo(b"$nk allowed vlan 100,102,104,106\nfine\n", sent) == b"fine\n"
    assert after_echo(b"$ 106\nfine\n", sent) is None
