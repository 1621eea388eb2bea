"""`pointsman driver`: the list, and what is refused before anything is tried."""

import json
from pathlib import Path

import pytest

from pointsman.cli.app import run

pytestmark = pytest.mark.unit

ZETA = Path(__file__).parents[2] / "drivers" / "conformance" / "zeta"


def test_the_list_shows_levels_and_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["driver", "list"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["PROFILE", "DRIVER", "VENDOR", "KIND", "LEVEL", "RECORDINGS", "PROMISES"]
    assert any(line.startswith("openvswitch ") for line in lines)


def test_platforms_that_no_file_describes_are_listed_and_a_plug_in_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POINTSMAN_PLUGINS", str(ZETA))
    assert run(["driver", "list", "--json"]) == 0
    names = [entry["name"] for entry in json.loads(capsys.readouterr().out)]
    assert {"openvswitch", "zeta_os", "vyos"} <= set(names)
    assert names == sorted(names)


def test_one_promise_is_tried_on_the_twin(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["driver", "test", "openvswitch", "--promise", "gives-the-same-object", "--json"]) == 0
    (outcome,) = json.loads(capsys.readouterr().out)
    assert (outcome["promise"], outcome["verdict"]) == ("gives-the-same-object", "kept")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nobody"], "there is no profile 'nobody'"),
        (["openvswitch", "--promise", "beauty"], "there is no promise 'beauty'"),
        (["openvswitch", "--ports", "p1,p2,p3,p4"], "name it by --against"),
        (["openvswitch", "--against", "nowhere"], "an access is a URL"),
        (["openvswitch", "--against", "ssh://a", "--credentials", "/nonexistent"], "No such file"),
        (["redfish", "--slots", "3"], "name it by --against"),
        (["openvswitch", "--against", "ssh://a", "--ports", "p1"], "--ports needs four or more"),
        (["openvswitch", "--against", "ssh://a", "--lag", "lag1"], "name them by --ports"),
        (["openvswitch", "--against", "ssh://a", "--ports", "a,b,c,d", "--vlans", "1,1,2,3"], "--vlans needs four"),
        (["openvswitch", "--promise", "saves", "--evidence", "x"], "leave out --promise"),
    ],
)
def test_what_cannot_be_meant_is_refused(words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["driver", "test", *words]) == 2
    assert sentence in capsys.readouterr().err


def test_a_device_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    password = tmp_path / "password"
    password.write_text("hush")
    words = ["--against", "ssh://admin@127.0.0.1:1", "--credentials", str(password), "--promise", "tells-facts"]
    assert run(["driver", "test", "openvswitch", *words]) == 1
    told = capsys.readouterr()
    assert "Unreachable" in told.out
    assert "hush" not in told.out + told.err
