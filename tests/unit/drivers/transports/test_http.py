"""HTTP as a connection: who answers is looked at before a secret is sent, and nothing leads elsewhere."""

import asyncio
import gzip

import orjson
import pytest

from drivers.access import parse_access
from drivers.credentials import Credential
from drivers.errors import AuthFailed, Garbled, SecretRefused, Unreachable, Unsupported, WrongDevice
from drivers.rest.messages import Request, Response, asking
from drivers.sending import only_while
from drivers.transports import open_connection, schemes
from pointsman.twins.web import Web, certificate

pytestmark = pytest.mark.unit

PASSWORD = "a-secret-of-bmc1"
ROOT = orjson.dumps({"RedfishVersion": "1.15.0", "Systems": {"@odata.id": "/redfish/v1/Systems"}})


class Bmc:
    """A service that logs in by session, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked = []
        self.tokens = {}
        self.sessions = True
        self.pages = {}

    def __call__(self, request: Request) -> Response | None:
        self.asked.append(request)
        if request.path == "/redfish/v1/":
            return Response(status=200, body=ROOT)
        if request.path.endswith("/Sessions"):
            return self.log_in(request)
        if request.method == "DELETE" and self.tokens.pop(request.path.rpartition("/")[2], None):
            return Response(status=204)
        if not self.knows(request):
            return Response(status=401)
        return self.pages.get(request.path, Response(status=404))

    def log_in(self, request: Request) -> Response:
        if not self.sessions:
            return Response(status=404)
        said = orjson.loads(request.body)
        if said != {"UserName": "admin", "Password": PASSWORD}:
            return Response(status=401)
        number = str(len(self.asked))
        self.tokens[number] = f"token-{number}"
        place = f"/redfish/v1/SessionService/Sessions/{number}"
        return Response(status=201, headers={"X-Auth-Token": self.tokens[number], "Location": place})

    def knows(self, request: Request) -> bool:
        told = request.headers
        return told.get("x-auth-token") in self.tokens.values() or "authorization" in told

    @property
    def secrets(self) -> list[Request]:
        return [each for each in self.asked if PASSWORD.encode() in each.body or "authorization" in each.headers]


@pytest.fixture
def bmc() -> Bmc:
    return Bmc()


async def connect(web, *, scheme="redfish+https", pin=None, password=PASSWORD, user="admin", options="", timeout_s=3.0):
    credential = Credential(name="file:bmc1", text=password) if password else None
    who = f"{user}@" if user else ""
    access = parse_access(f"{scheme}://{who}{web.address}{options}")
    return await open_connection(access, credential=credential, pin=pin, timeout_s=timeout_s)


def test_what_carries_redfish_is_in_its_scheme():
    assert {"redfish+https", "redfish+http", "https", "http"} <= set(schemes())
    assert parse_access("redfish+https://admin@192.0.2.1").port == 443


async def test_a_session_is_made_used_and_deleted(bmc):
    bmc.pages["/redfish/v1/Systems"] = Response(status=200, body=b"{}")
    async with Web(bmc, secure=True) as web:
        connection = await connect(web, pin=web.identity)
        response = await connection.exchange(asking("GET", "/redfish/v1/Systems"))
        assert response.status == 200
        assert connection.identity == web.identity
        assert len(bmc.tokens) == 1
        await connection.close()
    assert bmc.tokens == {}
    assert connection.closed


async def test_many_requests_at_once_make_one_session(bmc):
    bmc.pages["/x"] = Response(status=200)
    async with Web(bmc, secure=True) as web:
        connection = await connect(web)
        bmc.tokens.clear()
        answers = await asyncio.gather(*(connection.exchange(asking("GET", "/x")) for _ in range(8)))
        assert {each.status for each in answers} == {200}
        assert len(bmc.tokens) == 1
        await connection.close()


async def test_a_session_that_ran_out_is_made_anew(bmc):
    bmc.pages["/x"] = Response(status=200)
    async with Web(bmc, secure=True) as web:
        connection = await connect(web)
        bmc.tokens.clear()
        assert (await connection.exchange(asking("GET", "/x"))).status == 200
        await connection.close()


async def test_another_certificate_gets_no_secret(bmc):
    async with Web(bmc, secure=True) as web:
        with pytest.raises(WrongDevice) as caught:
            await connect(web, pin=certificate("somebody else").fingerprint)
        assert caught.value.shown == web.identity
    assert bmc.asked == []


async def test_a_certificate_that_changes_under_way_gets_no_secret(bmc):
    async with Web(bmc, secure=True) as web:
        connection = await connect(web)
        port = web.port
    other = Bmc()
    server = await asyncio.get_running_loop().create_server(
        Web(other)._protocol, "127.0.0.1", port, ssl=certificate("somebody else").context
    )
    with pytest.raises(WrongDevice):
        await connection.exchange(asking("GET", "/redfish/v1/Systems"))
    assert other.asked == []
    server.close()
    await connection.close()


async def test_a_wrong_password_is_told_at_once_and_not_repeated(bmc):
    async with Web(bmc, secure=True) as web:
        with pytest.raises(AuthFailed) as caught:
            await connect(web, password="another-secret")
    assert "another-secret" not in str(caught.value)
    assert len([each for each in bmc.asked if each.method == "POST"]) == 1


async def test_without_sessions_the_password_goes_along(bmc):
    bmc.sessions = False
    bmc.pages["/x"] = Response(status=200)
    async with Web(bmc, secure=True) as web:
        connection = await connect(web)
        assert (await connection.exchange(asking("GET", "/x"))).status == 200
        await connection.close()


async def test_basic_can_be_asked_for(bmc):
    async with Web(bmc) as web:
        connection = await connect(web, scheme="redfish+http", options="?auth=basic")
        await connection.exchange(asking("GET", "/x"))
        await connection.close()
    assert [each.method for each in bmc.asked] == ["GET", "GET"]
    assert "authorization" not in bmc.asked[0].headers


async def test_redirects_are_followed_on_the_device_only(bmc):
    bmc.pages = {
        "/a": Response(status=308, headers={"Location": "/b"}),
        "/b": Response(status=200, body=b'{"b": 1}'),
        "/away": Response(status=302, headers={"Location": "https://192.0.2.99/b"}),
        "/plain": Response(status=302, headers={"Location": "http://127.0.0.1/b"}),
        "/round": Response(status=302, headers={"Location": "/round"}),
    }
    async with Web(bmc, secure=True) as web:
        connection = await connect(web)
        assert (await connection.exchange(asking("GET", "/a"))).body == b'{"b": 1}'
        for path in ("/away", "/plain", "/round"):
            with pytest.raises(Garbled):
                await connection.exchange(asking("GET", path))
        assert (await connection.exchange(asking("POST", "/a", {}))).status == 308
        await connection.close()


async def test_an_answer_without_end_is_not_taken(bmc):
    bmc.pages["/bomb"] = Response(
        status=200, headers={"content-encoding": "gzip"}, body=gzip.compress(b"0" * (17 << 20), compresslevel=1)
    )
    async with Web(bmc, secure=True) as web:
        connection = await connect(web)
        with pytest.raises(Garbled, match="larger"):
            await connection.exchange(asking("GET", "/bomb"))
        await connection.close()


async def test_a_connection_that_the_device_closed_is_opened_again(bmc):
    bmc.pages["/x"] = Response(status=200)
    async with Web(bmc) as web:
        connection = await connect(web, scheme="redfish+http")
        web.hang_up()
        assert (await connection.exchange(asking("GET", "/x"))).status == 200
        await connection.close()


async def test_a_device_that_says_nothing_is_unreachable():
    async with Web(lambda _: None, secure=True) as web:
        with pytest.raises(Unreachable):
            await connect(web, timeout_s=0.1)


async def test_nothing_is_sent_once_it_may_not_be(bmc):
    def lost():
        raise Unreachable("the lease is over")

    async with Web(bmc) as web:
        connection = await connect(web, scheme="redfish+http")
        sent = len(bmc.asked)
        with only_while(lost), pytest.raises(Unreachable, match="lease"):
            await connection.exchange(asking("GET", "/x"))
        assert len(bmc.asked) == sent
        await connection.close()


async def test_what_is_no_redfish_is_told(bmc):
    async with Web(lambda _: Response(status=200, body=b"<html>"), secure=True) as web:
        with pytest.raises(Garbled, match="no Redfish"):
            await connect(web)


async def test_a_server_that_speaks_something_else_is_told():
    async def talk(reader, writer):
        writer.write(b"SSH-2.0-x\r\n")
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    for scheme in ("redfish+http", "redfish+https"):
        with pytest.raises((Garbled, Unreachable)):
            await open_connection(
                parse_access(f"{scheme}://127.0.0.1:{port}"), credential=None, pin=None, timeout_s=2.0
            )
    server.close()
    with pytest.raises(Unreachable):
        await open_connection(parse_access(f"https://127.0.0.1:{port}"), credential=None, pin=None, timeout_s=2.0)


@pytest.mark.parametrize(
    ("options", "user"), [("?auth=digest", "admin"), ("?colour=red", "admin"), ("?tls=9", "admin")]
)
async def test_options_are_checked(bmc, options, user):
    async with Web(bmc, secure=True) as web:
        with pytest.raises(Unsupported):
            await connect(web, options=options, user=user)


async def test_user_and_password_may_both_be_in_the_credential(bmc):
    async with Web(bmc, secure=True) as web:
        connection = await connect(web, user="", password=f"admin:{PASSWORD}")
        assert connection.login.user == "admin"
        assert connection.login.texts[0] == PASSWORD
        await connection.close()


async def test_where_others_hold_all_sessions_the_password_goes_along(bmc):
    full = orjson.dumps({"error": {"@Message.ExtendedInfo": [{"MessageId": "Base.1.8.SessionLimitExceeded"}]}})
    bmc.log_in = lambda _: Response(status=400, body=full)
    bmc.pages["/x"] = Response(status=200)
    async with Web(bmc, secure=True) as web:
        connection = await connect(web)
        assert (await connection.exchange(asking("GET", "/x"))).status == 200
        await connection.close()


async def test_a_password_needs_a_user(bmc):
    async with Web(bmc, secure=True) as web:
        with pytest.raises(SecretRefused):
            await connect(web, user="")
    assert bmc.secrets == []
