"""The suite's own tools: what it takes for a safe order, its clock, and what it makes go wrong on a wire."""

import asyncio

import pytest

from device_profiles.state import Lag, Port, State, Vlan
from drivers.conformance.faults import Cancel, Cut, CutAfter, Garbled, Looking, Paged, Silence, Slow
from drivers.conformance.memory import MemoryConnection
from drivers.conformance.promises.order import Passage, carried
from drivers.conformance.wire import Clock, Fault, Wire
from drivers.errors import Unreachable

pytestmark = pytest.mark.unit

ANSWER = b"one\ntwo\nthree\nfour\nfive\nsix\nseven\nend>"


async def stream_under(fault: Fault):
    """A stream to something that answers the same to everything, with a fault on the way."""

    def start(_command, stream):
        stream.talk = lambda _: ANSWER

    wire = Wire(MemoryConnection(start), Clock(), fault)
    return wire, await wire.stream("")


async def test_a_stream_without_a_fault_is_as_it_was() -> None:
    wire, stream = await stream_under(Fault())
    await stream.send(b"show")
    assert (await stream.receive(), bytes(wire.sent)) == (ANSWER, b"show")


async def test_a_cut_comes_at_its_event_and_lasts() -> None:
    _, stream = await stream_under(Cut(at=1))
    with pytest.raises(Unreachable):
        await stream.send(b"show")
    with pytest.raises(Unreachable):
        await stream.send(b"show")
    assert await stream.receive() == b""


async def test_half_an_answer_ends_after_its_bytes() -> None:
    _, stream = await stream_under(CutAfter(at=5))
    await stream.send(b"show")
    assert [await stream.receive(), await stream.receive()] == [ANSWER[:5], b""]


async def test_silence_is_as_long_as_somebody_waits_and_takes_no_time() -> None:
    fault = Silence(at=4, patience_s=1000)
    wire, stream = await stream_under(fault)
    await stream.send(b"show")
    assert await stream.receive() == ANSWER[:4]
    with wire.clock.driving(), pytest.raises(TimeoutError):
        async with asyncio.timeout(600):
            await stream.receive()
    assert 600 <= fault.waited_s < 610
    assert not fault.endless


async def test_silence_without_a_deadline_is_noticed() -> None:
    fault = Silence(patience_s=30)
    wire, stream = await stream_under(fault)
    with wire.clock.driving():
        assert await stream.receive() == b""
    assert fault.endless


async def test_a_slow_answer_is_whole_and_took_its_time() -> None:
    wire, stream = await stream_under(Slow(size=4, delay_s=0.5))
    await stream.send(b"show")
    got = b""
    while got != ANSWER:
        got += await stream.receive()
    assert wire.clock.ahead_s == 0.5 * -(-len(ANSWER) // 4)


async def test_garbage_leaves_the_prompt() -> None:
    _, stream = await stream_under(Garbled(lambda data: b"?" * len(data), spare=4))
    await stream.send(b"show")
    assert await stream.receive() == b"?" * (len(ANSWER) - 4) + b"end>"


async def test_pages_are_turned_by_their_key() -> None:
    _, stream = await stream_under(Paged(prompt=b"--More--", key=b" ", lines=3))
    await stream.send(b"show")
    pages = []
    for _ in range(3):
        pages.append(await stream.receive())
        if not pages[-1].endswith(b"--More--"):
            break
        await stream.send(b" ")
    assert pages == [b"one\ntwo\nthree\n--More--", b"four\nfive\nsix\n--More--", b"seven\nend>"]


async def test_lines_that_are_sent_together_are_looked_at_one_by_one() -> None:
    sent: list[int] = []
    wire, stream = await stream_under(Fault())

    async def look():
        sent.append(1)

    wire.fault = Looking(look)
    await stream.send(b"interface x\nswitchport\nend\n")
    assert len(sent) == 3


async def test_who_waits_is_cancelled_at_the_event() -> None:
    fault = Cancel(at=2)
    _, stream = await stream_under(fault)

    async def work():
        await stream.send(b"show")
        await stream.receive()

    fault.task = asyncio.ensure_future(work())
    await asyncio.wait({fault.task})
    assert fault.task.cancelled()


def test_what_a_port_carries() -> None:
    state = State(
        ports={
            "a": Port(mode="access", access_vlan=10),
            "shut": Port(mode="access", access_vlan=10, enabled=False),
            "t": Port(mode="trunk", trunk_vlans=(10, 20), native_vlan=5),
            "nobody": Port(),
            "member": Port(),
            "lag": Port(mode="trunk", trunk_vlans=(), native_vlan="none"),
        },
        lags={"lag": Lag(members=("member",))},
    )
    assert [carried(state, port) for port in ("a", "shut", "t", "member")] == [{10}, set(), {5, 10, 20}, set()]
    assert len(carried(state, "nobody")) == 4094


def port(vlan: int, *vlans: int) -> State:
    return State(vlans={number: Vlan() for number in vlans}, ports={"p": Port(mode="access", access_vlan=vlan)})


@pytest.mark.parametrize(
    ("between", "wrong"),
    [
        (port(10, 10), ""),
        (port(10, 10, 20), ""),
        (port(20, 10, 20), ""),
        (port(20, 10), "p uses VLAN 20"),
        (port(10, 20), "p uses VLAN 10"),
        (port(1, 10, 20), "p carries VLAN 1,"),
    ],
)
def test_the_way_from_one_vlan_to_another(between: State, wrong: str) -> None:
    found = Passage(port(10, 10), port(20, 20), objects=True).wrong(between)
    assert found.startswith(wrong)
    assert bool(found) == bool(wrong)
