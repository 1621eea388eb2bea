"""An open console: everything that the line says is told once, and one person at a time types."""

import pytest

from agents.client import ServiceAway
from device_profiles.console import CLOSE_NO_STREAM, Break, Hold, Release
from drivers.errors import Unreachable
from drivers.line.holding import Holder
from tests.unit.agents.console.stage import a_session
from tests.unit.drivers.line.endpoint import MemoryEndpoint

pytestmark = pytest.mark.unit

AGENT = Holder("the agent")


async def test_what_the_line_says_is_told_and_kept_until_it_is_stored():
    async with a_session() as stage:
        stage.end.say(b"vde$ ")
        await stage.service.until(lambda: stage.service.shown == b"vde$ ")
        assert stage.session.spool.after(0)
        stage.service.store()
        await stage.service.until(lambda: not stage.session.spool.after(0))


async def test_a_stream_that_broke_goes_on_where_the_service_has_stored():
    async with a_session() as stage:
        service = stage.service
        stage.end.say(b"one ")
        await service.until(lambda: service.shown == b"one ")
        service.store()
        await service.until(lambda: not stage.session.spool.after(0))
        stage.end.say(b"two ")
        await service.until(lambda: service.shown == b"one two ")
        service.away = True
        service.end(1012)
        stage.end.say(b"three")
        service.records = [record for record in service.records if record.seq <= service.stored]
        service.away = False
        stage.session.dial_now()
        await service.until(lambda: service.shown == b"one two three")
        assert len(service.hellos) == 2
        assert service.hellos[1].first == service.stored + 1


async def test_a_new_session_numbers_on_from_what_the_service_has():
    async with a_session(stored=57) as stage:
        stage.end.say(b"x")
        await stage.service.until(lambda: stage.service.shown == b"x")
        assert stage.service.hellos[0].first == 0
        assert [record.seq for record in stage.service.records] == [58]


async def test_who_writes_types_and_sends_a_break_and_automation_waits():
    async with a_session() as stage:
        service = stage.service
        service.type(b"nobody holds the line\r")
        service.say(Hold(who="ana"))
        await service.until(lambda: service.marks("holder")[-1:] == ["ana has the line"])
        service.type(b"vlan/print\r")
        service.say(Break())
        service.type(b"after")
        await service.until(lambda: stage.end.sent == b"vlan/print\rafter")
        assert len(stage.end.breaks) == 1
        with pytest.raises(Exception, match="ana has held the line"):
            await stage.line.acquire(AGENT, wait_s=0.01)
        await service.until(lambda: service.marks("wanted") == ["the agent waits for the line"])
        service.say(Release())
        await service.until(lambda: stage.freed == 1)
        async with stage.line.hold(AGENT, wait_s=1) as stream:
            service.type(b"nobody hears this")
            await stream.send(b"\n")
            await service.until(lambda: service.marks("holder")[-1] == "the agent has the line")
        assert stage.end.sent == b"vlan/print\rafter\n"


async def test_a_person_waits_until_automation_makes_way():
    async with a_session() as stage:
        service = stage.service
        async with stage.line.hold(AGENT, wait_s=1) as stream:
            await stream.send(b"show vlan\n")
            service.say(Hold(who="ana"))
            await service.until(lambda: service.marks("waiting") == ["ana waits until the agent makes way"])
            service.type(b"too early")
            await stream.send(b"exit\n")
        await service.until(lambda: service.marks("holder")[-1] == "ana has the line")
        service.type(b"now")
        await service.until(lambda: stage.end.sent.endswith(b"now"))
        assert stage.end.sent == b"show vlan\nexit\nnow"


async def test_a_person_who_takes_over_ends_automations_session_and_anothers_typing():
    async with a_session() as stage:
        service = stage.service
        async with stage.line.hold(AGENT, wait_s=1) as stream:
            service.say(Hold(who="ana", take=True))
            await service.until(lambda: service.marks("holder")[-1:] == ["ana took the line over from the agent"])
            with pytest.raises(Unreachable, match="ana took the line over"):
                await stream.send(b"exit\n")
        service.say(Hold(who="ben"))
        await service.until(lambda: service.marks("holder")[-1] == "ben took the line over from ana")
        service.type(b"ben")
        await service.until(lambda: stage.end.sent == b"ben")


async def test_a_line_that_is_lost_comes_back_and_both_are_told():
    async with a_session() as stage:
        service = stage.service
        service.say(Hold(who="ana"))
        await service.until(lambda: service.marks("holder"))
        old = stage.end
        stage.ends.append(MemoryEndpoint())
        old.unplug()
        await service.until(lambda: "the line is back" in service.marks("note"))
        assert service.marks("note")[0] == "the line was lost: the adapter was unplugged"
        await service.until(lambda: service.marks("holder")[-1] == "ana has the line")
        assert service.marks("holder") == ["ana has the line", "nobody has the line", "ana has the line"]
        service.type(b"again")
        await service.until(lambda: stage.end.sent == b"again")


async def test_who_waits_for_automation_gets_the_line_although_it_ends_with_automations_session():
    async with a_session() as stage:
        service = stage.service
        await stage.line.acquire(AGENT, wait_s=1)
        service.say(Hold(who="ana"))
        await service.until(lambda: service.marks("waiting"))
        stage.ends.append(MemoryEndpoint())
        stage.ends[0].unplug()  # as a device's own telnet hangs up on who logs out
        await service.until(lambda: service.marks("holder")[-1:] == ["ana has the line"])
        assert "the line is back" in service.marks("note")
        assert service.marks("refused") == []


async def test_a_secret_that_a_device_sends_back_to_automation_never_leaves_the_agent():
    async with a_session(texts=("hunter2",)) as stage:
        service = stage.service
        async with stage.line.hold(AGENT, wait_s=1) as stream:
            await stream.send(b"hunter2\n")
            for piece in (b"Password: hun", b"ter", b"2\r\nhu", b"m"):
                stage.end.say(piece)
            await service.until(lambda: service.shown.endswith(b"hum"))
        assert service.shown == b"Password: ********\r\nhum"


async def test_it_ends_when_nobody_waits_for_it_any_more():
    async with a_session() as stage:
        stage.service.end(CLOSE_NO_STREAM)
        await stage.service.until(lambda: stage.end.closed)


async def test_a_service_that_is_away_is_dialled_again():
    async with a_session() as stage:
        stage.service.away = True
        stage.service.end(1006)
        with pytest.raises(ServiceAway):
            async with stage.service.dial(""):
                pass
        stage.service.away = False
        stage.session.dial_now()
        await stage.service.until(lambda: len(stage.service.hellos) == 2)


async def test_what_automation_sends_to_a_silent_device_is_told_beside_without_secrets():
    async with a_session(texts=("pw1",), silent=True) as stage:
        service = stage.service
        async with stage.line.hold(AGENT, wait_s=1) as stream:
            await stream.send(b"vlan/create 30\npw1\n\n# begun")
            await service.until(lambda: len(service.marks("sent")) == 2)
            await stream.send(b" and ended\n")
            await service.until(lambda: len(service.marks("sent")) == 3)
        assert service.marks("sent") == ["vlan/create 30", "(a secret)", "# begun and ended"]
        service.say(Hold(who="ana"))
        await service.until(lambda: service.marks("holder")[-1:] == ["ana has the line"])
        service.type(b"typed\n")
        await service.until(lambda: stage.end.sent.endswith(b"typed\n"))
        assert len(service.marks("sent")) == 3
