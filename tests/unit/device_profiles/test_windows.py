"""When windows are open, and which never would be."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import TypeAdapter, ValidationError

from device_profiles.documents import Document
from device_profiles.problems import problems_of
from device_profiles.windows import Window

pytestmark = pytest.mark.unit

WINDOWS = TypeAdapter(Window)
DOCUMENTS = TypeAdapter(Document)


def window(**more):
    return WINDOWS.validate_python({"cron": "0 2 * * *", "duration": "2h", **more})


def at(text):
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("time", "is_open"),
    [
        ("2026-11-20T00:59:59+00:00", False),
        ("2026-11-20T01:00:00+00:00", True),
        ("2026-11-20T02:59:59+00:00", True),
        ("2026-11-20T03:00:00+00:00", False),
        ("2026-07-20T00:00:00+00:00", True),
        ("2026-07-20T02:00:00+00:00", False),
    ],
)
def test_a_window_opens_by_the_clocks_of_its_timezone(time, is_open):
    assert window(timezone="Europe/Berlin").is_open(at(time)) is is_open


def test_the_next_opening_is_told_in_the_windows_timezone():
    found = window(timezone="Europe/Berlin").next_opening(at("2026-11-20T12:00:00+00:00"))
    assert found.isoformat() == "2026-11-21T02:00:00+01:00"


@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24"])
def test_a_night_in_which_clocks_change_has_a_window_of_its_full_length(day):
    chosen = window(cron="30 2 * * *", timezone="Europe/Berlin")
    opening = chosen.next_opening(at(f"{day}T12:00:00+00:00")).astimezone(UTC)
    assert not chosen.is_open(opening - timedelta(seconds=1))
    assert chosen.is_open(opening)
    assert chosen.is_open(opening + timedelta(hours=2, seconds=-1))
    assert not chosen.is_open(opening + timedelta(hours=2))


def test_openings_that_overlap_are_one_long_window():
    chosen = window(cron="*/30 * * * *", duration="1h")
    assert all(chosen.is_open(at("2026-11-20T10:07:31+00:00") + timedelta(minutes=17 * n)) for n in range(20))


@pytest.mark.parametrize(
    ("written", "seconds"), [("2h", 7200), ("90m", 5400), ("1d12h", 129_600), ("45s", 45), (60, 60)]
)
def test_durations_are_written_as_people_say_them(written, seconds):
    assert window(duration=written).duration == seconds


def test_what_was_read_can_be_written_and_read_again():
    chosen = window(impacts=["outage"], timezone="Asia/Kathmandu")
    assert WINDOWS.validate_json(WINDOWS.dump_json(chosen)) == chosen


@pytest.mark.parametrize(
    ("part", "value", "sentence"),
    [
        ("cron", "0 2 30 2 *", "the window never opens: no day is ever like that"),
        ("cron", "0 0 31 4,6,9,11 *", "the window never opens: no day is ever like that"),
        ("cron", "61 2 * * *", "is no cron: bad minute"),
        ("cron", "* * * * * *", "a cron expression has five fields: minute, hour, day, month, weekday, like 0 2 * * *"),
        ("duration", "0h", "the window never opens: its duration is nothing; say how long it is, like 2h"),
        ("duration", 0, "the window never opens: its duration is nothing; say how long it is, like 2h"),
        ("duration", "", "a duration is like 90m, 2h or 1d12h"),
        ("duration", "2 hours", "a duration is like 90m, 2h or 1d12h"),
        ("duration", "40d", "a window is open for at most 31 days"),
        ("timezone", "Europe/Atlantis", "no such timezone is known here; one is like Europe/Berlin"),
        ("timezone", "../../etc/passwd", "no such timezone is known here; one is like Europe/Berlin"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused_with_a_sentence(part, value, sentence):
    node = {"profile": "p", "location": "l", "access": ["ssh://h"]}
    node["window"] = {"cron": "0 2 * * *", "duration": "2h", part: value}
    with pytest.raises(ValidationError) as error:
        DOCUMENTS.validate_python({"nodes": {"sw1": node}})
    (problem,) = problems_of(error.value)
    assert (problem.path, problem.message) == (f"nodes.sw1.window.{part}", sentence)


def test_a_word_to_allow_that_names_nothing_is_refused_with_those_that_do():
    node = {"profile": "p", "location": "l", "access": ["ssh://h"], "allow": ["own_path", "everything"]}
    with pytest.raises(ValidationError) as error:
        DOCUMENTS.validate_python({"nodes": {"sw1": node}})
    (problem,) = problems_of(error.value)
    assert problem.path == "nodes.sw1.allow.1"
    assert "own_path" in problem.message
