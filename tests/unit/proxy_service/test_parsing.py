"""Bodies: JSON, and YAML as YAML 1.2, within limits."""

import time

import pytest

from proxy_service.declare.parsing import parse_now
from proxy_service.problems import Refused, Slug

pytestmark = pytest.mark.unit


def refusal(body: bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        parse_now(body)
    assert caught.value.slug == Slug.INVALID_DOCUMENT
    return caught.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("power: on", {"power": "on"}),
        ("a: [yes, no, off]", {"a": ["yes", "no", "off"]}),
        ("a: [true, False, ~, null]", {"a": [True, False, None, None]}),
        ("a: [1, -2, 0x10, 0o17, 1.5, 1e3]", {"a": [1, -2, 16, 15, 1.5, 1000.0]}),
        ("at: 2026-11-20T10:00:00Z", {"at": "2026-11-20T10:00:00Z"}),
        ('a: "100"', {"a": "100"}),
        ("a: !!str 100", {"a": "100"}),
        ("100: {name: blue}", {"100": {"name": "blue"}}),
        ("on: 1", {"on": 1}),
        ("a: &x {b: 1}\nc: *x", {"a": {"b": 1}, "c": {"b": 1}}),
        ("a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}", {"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 3}}),
        ("a: |\n  x\n  y\n", {"a": "x\ny\n"}),
        ("{a: 1, b: [2]}", {"a": 1, "b": [2]}),
        ('{"a": {"b": [1, 2.5, null, true]}}', {"a": {"b": [1, 2.5, None, True]}}),
        ("", {}),
        ("# nothing\n", {}),
        ("\ufeffa: 1", {"a": 1}),
        ("12:30:45: x", {"12:30:45": "x"}),
    ],
)
def test_values_are_those_of_yaml_1_2(text: str, value: object) -> None:
    assert parse_now(text.encode()) == value


def test_a_yaml_bomb_is_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    started_s = time.process_time()
    assert "aliases" in refusal("\n".join(lines).encode()).detail
    assert time.process_time() - started_s < 0.5


@pytest.mark.parametrize("text", ["a: 1\na: 2", '{"a": 1, "a": 2}', "x: {a: 1, 'a': 2}", "1: x\n0x1: y"])
def test_a_key_that_stands_twice_is_refused_and_named(text: str) -> None:
    assert "twice" in refusal(text.encode()).detail


def test_a_key_that_stands_twice_among_very_many_is_found_quickly() -> None:
    pairs = ",".join(f'"k{number}": 1' for number in range(200_000))
    started_s = time.process_time()
    refusal(f'{{{pairs}, "k0": 2}}'.encode())
    assert time.process_time() - started_s < 2


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"- " * 100 + b"x",
        b"a: !!python/object/apply:os.system [id]",
        b"a: !secret x",
        b"a: *nowhere",
        b"&a [*a]",
        b"a: !!int x",
        b'"\\ud800"',
        b'["\\ud800"]',
        b'{"\\ud800": 1}',
        b"a: \x00",
        b"\xff\xfe",
        b"--- 1\n--- 2",
        b"[NaN]",
        b"[" + b"1" * 10_000 + b"]",
        b"? [a]\n: b",
        b"a: b: c",
        b"a: {<<: 1}",
        b'"a',
    ],
)
def test_what_is_no_document_is_refused(body: bytes) -> None:
    refusal(body)


def test_no_value_is_repeated_in_a_refusal() -> None:
    assert "hunter2" not in refusal(b"password: 'hunter2\nx: [hunter2").detail
