"""Where the service is and which token is used: options before environment before the user's own file."""

from pathlib import Path

import pytest

from pointsman.endpoint import DEFAULT_SERVICE, find_endpoint
from pointsman.problems import PointsmanError, WrongUsage

pytestmark = pytest.mark.unit


def write_config(home: Path, text: str) -> dict[str, str]:
    file = home / ".config" / "pointsman" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return {"HOME": str(home)}


def test_without_anything_it_is_this_machine_and_no_token(tmp_path: Path) -> None:
    found = find_endpoint(environment={"HOME": str(tmp_path)})
    assert (found.url, found.token) == (DEFAULT_SERVICE, None)


def test_the_users_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret-1\n")
    environment = write_config(tmp_path, f'service = "https://p.example/"\ntoken_file = "{tmp_path}/token"\n')
    found = find_endpoint(environment=environment)
    assert (found.url, found.token) == ("https://p.example", "secret-1")


def test_the_environment_goes_before_the_file_and_the_option_before_both(tmp_path: Path) -> None:
    environment = write_config(tmp_path, 'service = "https://file.example"\n')
    environment |= {"POINTSMAN_SERVICE": "unix:/run/p.sock", "POINTSMAN_TOKEN": "from-environment"}
    assert find_endpoint(environment=environment).url == "unix:/run/p.sock"
    assert find_endpoint(environment=environment).token == "from-environment"
    (tmp_path / "token").write_text("from-option")
    found = find_endpoint(service="https://option.example", token_file=tmp_path / "token", environment=environment)
    assert (found.url, found.token) == ("https://option.example", "from-option")


def test_a_token_is_not_in_the_repr() -> None:
    found = find_endpoint(environment={"HOME": "/nowhere", "POINTSMAN_TOKEN": "hush"})
    assert "hush" not in repr(found)


@pytest.mark.parametrize("url", ["ftp://x", "localhost:80", "unix", "javascript:alert(1)"])
def test_an_address_of_no_known_kind_is_wrong_usage(url: str) -> None:
    with pytest.raises(WrongUsage, match="none of"):
        find_endpoint(service=url, environment={"HOME": "/nowhere"})


@pytest.mark.parametrize("text", ['servce = "http://x"', "service = 3", "service = [", "[service]\nurl = 'http://x'"])
def test_a_mistake_in_the_file_is_told_with_its_path(tmp_path: Path, text: str) -> None:
    environment = write_config(tmp_path, text)
    with pytest.raises(PointsmanError, match=r"config\.toml"):
        find_endpoint(environment=environment)


@pytest.mark.parametrize("content", [b"", b"\n", b"two\nlines", b"\xff\xfe", b"esc\x1b[0m"])
def test_a_file_that_holds_no_token_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "token").write_bytes(content)
    with pytest.raises(PointsmanError, match="token file"):
        find_endpoint(token_file=tmp_path / "token", environment={"HOME": str(tmp_path)})


def test_a_token_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PointsmanError, match="No such file"):
        find_endpoint(token_file=tmp_path / "nothing", environment={"HOME": str(tmp_path)})
