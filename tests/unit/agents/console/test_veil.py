"""Secrets in what a device says are masked, in whatever pieces they come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.console.veil import Veil

pytestmark = pytest.mark.unit


@given(
    words=st.lists(st.sampled_from([b"hunter2", b"hunt", b"x", b"hu", b"\n"]), max_size=8),
    cuts=st.lists(st.integers(0, 40), max_size=6),
)
def test_no_cut_shows_a_secret(words, cuts):
    text = b"".join(words)
    veil, shown, start = Veil(["hunter2"]), b"", 0
    for cut in sorted({cut for cut in cuts if cut < len(text)}):
        shown += veil.pass_through(text[start:cut], hold_back=True)
        start = cut
    shown += veil.pass_through(text[start:], hold_back=True) + veil.rest()
    assert shown == text.replace(b"hunter2", b"********")


def test_what_a_person_types_is_seen_key_by_key():
    veil = Veil(["secret"])
    assert [veil.pass_through(key, hold_back=False) for key in (b"s", b"e", b"t")] == [b"s", b"e", b"t"]
    assert not veil.holds


def test_without_secrets_nothing_is_changed():
    assert Veil([]).pass_through(b"\x00hunter2", hold_back=True) == b"\x00hunter2"
    assert Veil(["abc"]).pass_through(b"abc", hold_back=True) == b"abc"
