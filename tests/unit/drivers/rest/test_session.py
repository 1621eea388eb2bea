"""Reading and writing resources: nothing is worked on twice, and every refusal says what the device said."""

import asyncio

import pytest

from drivers.errors import AuthFailed, Busy, Garbled, Rejected, Unreachable, Unsupported
from drivers.rest.failures import Missing
from drivers.rest.messages import Response, path_of
from drivers.rest.session import Session
from drivers.rest.tasks import finished
from tests.unit.drivers.rest.served import PASSWORD, Device, document

pytestmark = pytest.mark.unit


def session_of(device, **options):
    return Session(device, timeout_s=2.0, **options)


async def test_the_same_answer_is_the_same_object_and_parsed_once():
    device = Device(pages={"/x": {"a": 1}})
    session = session_of(device)
    first = await session.get("/x")
    assert await session.get("/x") is first
    assert session.parsed == 1
    device.pages["/x"] = {"a": 2}
    assert (await session.get("/x"))["a"] == 2


async def test_a_strong_etag_is_asked_by_and_304_is_the_same_object():
    def answer(request):
        if request.headers.get("if-none-match") == '"7"':
            return Response(status=304)
        return document({"a": 1}, etag='"7"')

    device = Device(answer)
    session = session_of(device)
    first = await session.get("/x")
    assert await session.get("/x") is first
    assert device.asked[1].headers["if-none-match"] == '"7"'


@pytest.mark.parametrize(("etag", "conditional"), [('W/"7"', True), ('"7"', False), ("", True)])
async def test_a_tag_that_proves_nothing_is_not_asked_by(etag, conditional):
    device = Device(lambda _: document({"a": 1}, **({"etag": etag} if etag else {})))
    session = session_of(device, conditional=conditional)
    assert await session.get("/x") is await session.get("/x")
    assert "if-none-match" not in device.asked[1].headers


async def test_what_was_written_is_read_anew():
    device = Device(lambda request: document({"a": 1}, etag='"7"') if request.method == "GET" else Response(status=204))
    session = session_of(device)
    await session.get("/x")
    await session.send("PATCH", "/x", {"a": 2}, doing="test", etag=session.etag("/x"))
    await session.get("/x")
    assert device.asked[1].headers["if-match"] == '"7"'
    assert "if-none-match" not in device.asked[2].headers


async def test_somebody_else_was_faster():
    device = Device(lambda _: Response(status=412))
    with pytest.raises(Busy, match="somebody else"):
        await session_of(device).send("PATCH", "/x", {}, doing="test", etag='"7"')


async def test_a_service_that_gives_weak_tags_and_takes_strong_ones():
    device = Device(lambda request: Response(status=204 if request.headers["if-match"] == '"7"' else 412))
    await session_of(device).send("PATCH", "/x", {}, doing="test", etag='W/"7"')
    assert len(device.asked) == 2


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, Rejected),
        (401, AuthFailed),
        (403, Rejected),
        (404, Missing),
        (405, Unsupported),
        (409, Rejected),
        (429, Busy),
        (500, Garbled),
        (503, Busy),
    ],
)
async def test_a_status_is_an_error(status, expected):
    with pytest.raises(expected):
        await session_of(Device(lambda _: Response(status=status))).get("/x")


async def test_the_words_of_the_device_are_kept_and_its_secrets_are_not():
    info = [
        {"MessageId": "Base.1.8.GeneralError", "Message": "See ExtendedInfo"},
        {
            "MessageId": "Base.1.8.ActionParameterNotSupported",
            "Message": f"%1 is not for {PASSWORD}\x07",
            "MessageArgs": ["Nap"],
        },
    ]
    body = {"error": {"code": "Base.1.8.GeneralError", "message": "general", "@Message.ExtendedInfo": info}}
    with pytest.raises(Rejected) as caught:
        await session_of(Device(lambda _: document(body, status=400))).send("POST", "/x", {}, doing="slot 3: power on")
    said = str(caught.value)
    assert said.startswith("slot 3: power on: POST /x: the device says 400: Nap is not for")
    assert PASSWORD not in said
    assert said.isprintable()


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b"\xff\xfe", b'"x"'])
async def test_what_is_no_document_is_garbled(body):
    with pytest.raises(Garbled):
        await session_of(Device(lambda _: Response(status=200, body=body))).get("/x")


async def test_no_more_than_a_few_requests_are_under_way():
    most = under = 0

    class Slow(Device):
        async def exchange(self, request):
            nonlocal most, under
            under += 1
            most = max(most, under)
            await asyncio.sleep(0)
            under -= 1
            return document({})

    session = session_of(Slow(), at_once=3)
    await asyncio.gather(*(session.get(f"/{number}") for number in range(20)))
    assert most == 3


async def test_silence_ends():
    class Silent(Device):
        async def exchange(self, request):
            await asyncio.Event().wait()

    with pytest.raises(Unreachable, match="no answer"):
        await Session(Silent(), timeout_s=0.01).get("/x")


@pytest.mark.parametrize("location", ["//evil/x", "https://evil/x"])
def test_links_lead_nowhere_else(location):
    with pytest.raises(Garbled):
        path_of(location, host="192.0.2.1")


def test_a_link_keeps_its_query_and_loses_its_place_within():
    assert path_of("https://192.0.2.1/redfish/v1/Systems?$skip=5#/Members/1", host="192.0.2.1") == (
        "/redfish/v1/Systems?$skip=5"
    )
    with pytest.raises(Garbled):
        path_of("/redfish v1")


ACCEPTED = Response(status=202, headers={"location": "/redfish/v1/TaskService/TaskMonitors/1"})


async def test_a_task_is_awaited():
    answers = [document({"TaskState": "Running"}, status=202), Response(status=204)]
    device = Device(lambda _: answers.pop(0))
    response = await finished(session_of(device), ACCEPTED, within_s=5.0, doing="slot 3: power on")
    assert response.status == 204


async def test_a_task_that_is_named_itself_is_awaited():
    answers = [document({"TaskState": "Running"}), document({"TaskState": "Completed", "TaskStatus": "OK"})]
    started = document({"@odata.id": "/redfish/v1/TaskService/Tasks/1", "TaskState": "New"}, status=202)
    await finished(session_of(Device(lambda _: answers.pop(0))), started, within_s=5.0, doing="x")
    assert answers == []


async def test_a_task_that_fails_says_why():
    task = {"TaskState": "Exception", "Messages": [{"Message": "no fans"}]}
    with pytest.raises(Rejected, match=r"slot 3: power on: the task .*TaskMonitors/1 ended as Exception: no fans"):
        await finished(session_of(Device(lambda _: document(task))), ACCEPTED, within_s=5.0, doing="slot 3: power on")


async def test_a_task_that_never_ends_is_named():
    device = Device(lambda _: document({"TaskState": "Suspended"}, status=202))
    with pytest.raises(Rejected, match=r"TaskMonitors/1 has not ended after 0.15 s: it is Suspended"):
        await finished(session_of(device), ACCEPTED, within_s=0.15, doing="slot 3: power on")


async def test_a_task_that_is_forgotten_already_is_over():
    await finished(session_of(Device()), ACCEPTED, within_s=5.0, doing="x")


async def test_what_is_no_task_is_left_as_it_is():
    response = Response(status=204)
    assert await finished(session_of(Device()), response, within_s=5.0, doing="x") is response
