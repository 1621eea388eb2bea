"""Values as people read them, and nothing of a device that a terminal would obey."""

from datetime import UTC, datetime, timedelta

import pytest

from pointsman.show.text import ago, safe, value_text

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("hostile", ["\x1b]0;owned\x07", "a\nb", "\x9b31m", "\u202egnp", "a\u2028b", "nul\x00"])
def test_control_and_direction_characters_are_escaped(hostile: str) -> None:
    assert safe(hostile).isprintable()
    assert value_text([hostile]).isprintable()
    assert value_text({hostile: hostile}).isprintable()


def test_endless_text_is_cut() -> None:
    assert len(safe("x" * 1_000_000)) <= 2000


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (True, "true"),
        ([10, 20, 21, 22, 30], "10,20-22,30"),
        ([], "none"),
        (["p23", "p24"], "p23,p24"),
        ({"rack": "demo"}, "rack=demo"),
        (9000, "9000"),
    ],
)
def test_values_are_short(value: object, text: str) -> None:
    assert value_text(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "now"), (12, "12 s ago"), (600, "10 min ago"), (7300, "2 h ago"), (200_000, "2 d ago"), (-90, "in 1 min")],
)
def test_times_are_told_from_now(seconds: float, text: str) -> None:
    assert ago((NOW - timedelta(seconds=seconds)).isoformat(), now=NOW) == text


@pytest.mark.parametrize("value", [None, "", "yesterday", 7])
def test_no_time_is_a_dash(value: object) -> None:
    assert ago(value, now=NOW) == "-"
