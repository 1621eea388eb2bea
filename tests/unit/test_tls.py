"""TLS between service, agents and people: who is believed, what is said where a certificate is not good."""

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agents.client import ServiceAway, ServiceClient
from agents.console.dialling import dialler
from agents.process import Agent
from agents.settings import Settings as AgentSettings
from agents.starting import AgentError
from agents.tls import NoAuthorities, is_exposed
from pointsman.client import Client
from pointsman.console.stream import open_stream
from pointsman.endpoint import Endpoint, find_endpoint
from pointsman.problems import PointsmanError, ServiceRefused, WrongUsage
from proxy_service.serve import Service
from proxy_service.settings import Settings
from proxy_service.tls import BadCertificate, Certificate
from tests.unit.certificates import HOUR, Pair

pytestmark = pytest.mark.unit

AUTHORITY = Pair.made("authority", authority=True)
OTHER = Pair.made("somebody else", authority=True)


@pytest.fixture
def serving(tmp_path: Path, empty_database: Path) -> Callable[[Pair], Service]:
    """A service with a certificate."""

    def serving(pair: Pair) -> Service:
        shutil.copy(empty_database, tmp_path / "pointsman.db")
        cert = pair.write(tmp_path / "cert.pem", key=tmp_path / "key.pem")
        settings = Settings(
            data_dir=tmp_path, port=0, unix_socket=tmp_path / "s.sock", tls_cert=cert, tls_key=tmp_path / "key.pem"
        )
        return Service(settings)

    return serving


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    return AUTHORITY.write_public(tmp_path / "ca.pem")


async def test_people_and_agents_talk_to_a_service_whose_authority_they_were_told(
    serving: Any, ca: Path, tmp_path: Path
) -> None:
    async with serving(Pair.made("service", by=AUTHORITY)) as service:
        assert service.url.startswith("https://")
        async with Client(Endpoint(service.url, service.admin_token, ca)) as client:
            await client.put("locations", "row", {})
            join = await client.call("POST", "/tokens", json={"name": "join", "scopes": ["join"], "location": "row"})
            settings = AgentSettings(
                name="a1", location="row", service=service.url, ca_file=ca, data_dir=tmp_path / "agent"
            )
            agent = Agent(settings, join_token=join["token"])
            running = asyncio.create_task(agent.run())
            async for event in client.events(since=0):
                if event.name == "agent.connected":
                    break
            agent.stop()
            await running
        # On this machine nobody needs a certificate.
        async with Client(Endpoint(f"unix:{service.socket_path}", service.admin_token)) as client:
            assert await client.list("nodes") == []


async def test_consoles_go_by_the_same_authority(serving: Any, ca: Path, tmp_path: Path) -> None:
    other = OTHER.write_public(tmp_path / "other.pem")
    async with serving(Pair.made("service", by=AUTHORITY)) as service:
        with pytest.raises(ServiceRefused):
            async with open_stream(Endpoint(service.url, service.admin_token, ca), "sw1"):
                pass
        with pytest.raises(PointsmanError, match="nobody who is known here"):
            async with open_stream(Endpoint(service.url, service.admin_token, other), "sw1"):
                pass
        with pytest.raises(ServiceAway, match="HTTP 40"):
            async with dialler(service.url, lambda: service.admin_token, ca_file=ca)("/agents/a1/streams/1"):
                pass
        with pytest.raises(ServiceAway, match="nobody who is known here"):
            async with dialler(service.url, lambda: service.admin_token, ca_file=other)("/agents/a1/streams/1"):
                pass


async def test_a_certificate_that_is_its_own_authority_is_a_pin(serving: Any, tmp_path: Path) -> None:
    pair = Pair.made("service")
    pin = pair.write_public(tmp_path / "pin.pem")
    async with serving(pair) as service, Client(Endpoint(service.url, service.admin_token, pin)) as client:
        assert await client.list("nodes") == []


async def test_the_certificate_alone_is_a_pin_too_where_somebody_else_has_signed_it(
    serving: Any, tmp_path: Path
) -> None:
    pair = Pair.made("service", by=AUTHORITY)
    pin = pair.write_public(tmp_path / "pin.pem")
    async with serving(pair) as service, Client(Endpoint(service.url, service.admin_token, pin)) as client:
        assert await client.list("nodes") == []


async def test_plain_http_where_tls_is_spoken_is_said(serving: Any) -> None:
    async with (
        serving(Pair.made("service", by=AUTHORITY)) as service,
        Client(Endpoint(service.url.replace("https:", "http:"), "token")) as client,
    ):
        with pytest.raises(PointsmanError, match="does it speak https:// there"):
            await client.list("nodes")


@pytest.mark.parametrize(
    ("pair", "sentence"),
    [
        (Pair.made("service", by=AUTHORITY, names=("pointsman.example.org",)), "it is for another name"),
        (Pair.made("service", by=AUTHORITY, ends_in=-HOUR), "it has expired"),
        (Pair.made("service", by=OTHER), "nobody who is known here has signed it"),
        (Pair.made("service"), "nobody who is known here has signed it"),
    ],
)
async def test_what_is_wrong_with_a_certificate_is_one_sentence_for_people_and_for_agents(
    serving: Any, ca: Path, pair: Pair, sentence: str
) -> None:
    async with serving(pair) as service:
        async with Client(Endpoint(service.url, "token", ca)) as client:
            with pytest.raises(PointsmanError) as told:
                await client.list("nodes")
        agent = ServiceClient(service.url, ca_file=ca)
        with pytest.raises(ServiceAway) as heard:
            await agent.send_reports("a1", b"{}")
        await agent.close()
    for said in (str(told.value), str(heard.value)):
        assert sentence in said
        assert "certificate" in said
        assert "\n" not in said
    if "signed" in sentence:
        assert "--ca-file" in str(told.value)
        assert "ca_file" in str(heard.value)


async def test_tls_where_nobody_speaks_it_is_said(tmp_path: Path, empty_database: Path, ca: Path) -> None:
    shutil.copy(empty_database, tmp_path / "pointsman.db")
    async with (
        Service(Settings(data_dir=tmp_path, port=0)) as service,
        Client(Endpoint(service.url.replace("http:", "https:"), "token", ca)) as client,
    ):
        with pytest.raises(PointsmanError, match="does not speak TLS there"):
            await client.list("nodes")


async def test_a_renewed_certificate_is_shown_and_half_of_one_is_not(tmp_path: Path) -> None:
    file, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    Pair.made("one", by=AUTHORITY).write(file, key=key)
    certificate = Certificate(file, key)
    assert not certificate.reload()
    new = Pair.made("two", by=AUTHORITY)
    new.write_public(file)
    os.utime(file, ns=(1, 1))
    with pytest.raises(BadCertificate, match="do not belong together"):
        certificate.reload()
    new.write(file, key=key)
    os.utime(file, ns=(2, 2))
    assert certificate.reload()


@pytest.mark.parametrize(
    ("cert", "key", "sentence"),
    [
        ("none.pem", None, "No such file"),
        ("text.pem", None, "are no PEM"),
        ("cert.pem", "other.pem", "do not belong together"),
    ],
)
def test_what_cannot_be_shown_is_said_at_the_start(tmp_path: Path, cert: str, key: str | None, sentence: str) -> None:
    (tmp_path / "text.pem").write_text("hello")
    Pair.made("one").write(tmp_path / "cert.pem", key=tmp_path / "key.pem")
    Pair.made("two").write(tmp_path / "x.pem", key=tmp_path / "other.pem")
    with pytest.raises(BadCertificate, match=sentence):
        Certificate(tmp_path / cert, None if key is None else tmp_path / key)


def test_authorities_that_are_none_are_said(tmp_path: Path) -> None:
    (tmp_path / "text.pem").write_text("hello")
    for file, sentence in ((tmp_path / "text.pem", "holds no certificates"), (tmp_path / "none.pem", "cannot be read")):
        with pytest.raises(NoAuthorities, match=sentence):
            ServiceClient("https://127.0.0.1:1", ca_file=file)
        with pytest.raises(PointsmanError, match=sentence):
            Client(Endpoint("https://127.0.0.1:1", "token", file))


@pytest.mark.parametrize(
    ("url", "exposed"),
    [
        ("http://127.0.0.1:8765", False),
        ("http://127.9.9.9", False),
        ("http://[::1]:8765", False),
        ("http://localhost:8765", False),
        ("unix:/run/pointsman.sock", False),
        ("https://pointsman.example.org", False),
        ("http://pointsman.example.org", True),
        ("HTTP://10.0.0.1:8765", True),
        ("http://0.0.0.0:8765", True),
        ("http://localhost.example.org", True),
    ],
)
def test_plain_http_to_another_machine_shows_a_token_to_all_between(tmp_path: Path, url: str, exposed: bool) -> None:
    assert is_exposed(url) is exposed


def test_a_token_is_not_sent_to_another_machine_unencrypted_unless_that_is_said(tmp_path: Path) -> None:
    far: dict[str, Any] = {"service": "http://192.0.2.1:8765"}
    (tmp_path / "token").write_text("pm_a_b")
    known = {"HOME": str(tmp_path), "POINTSMAN_TOKEN_FILE": str(tmp_path / "token")}
    with pytest.raises(WrongUsage, match=r"unencrypted.*--insecure-http"):
        find_endpoint(**far, environment=known)
    assert find_endpoint(**far, insecure_http=True, environment=known).token == "pm_a_b"
    assert find_endpoint(**far, environment=known | {"POINTSMAN_INSECURE_HTTP": "1"}).token == "pm_a_b"
    assert find_endpoint(**far, environment={"HOME": str(tmp_path)}).token is None
    settings: dict[str, Any] = {"name": "a1", "location": "row", **far, "data_dir": tmp_path}
    with pytest.raises(AgentError, match=r"unencrypted.*insecure_http"):
        Agent(AgentSettings(**settings))
    Agent(AgentSettings(**settings, insecure_http=True))


def test_the_authority_is_named_by_option_environment_or_file(tmp_path: Path) -> None:
    (tmp_path / "pointsman").mkdir()
    (tmp_path / "pointsman" / "config.toml").write_text('ca_file = "/file.pem"\n')
    environment = {"XDG_CONFIG_HOME": str(tmp_path)}
    assert find_endpoint(environment=environment).ca_file == Path("/file.pem")
    environment |= {"POINTSMAN_CA_FILE": "/environment.pem"}
    assert find_endpoint(environment=environment).ca_file == Path("/environment.pem")
    assert find_endpoint(ca_file=Path("/option.pem"), environment=environment).ca_file == Path("/option.pem")
