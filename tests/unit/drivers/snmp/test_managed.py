"""Walks end, whatever the agent does; what is not believed names the variable."""

import asyncio

import pytest

from drivers.errors import AuthFailed, Garbled, Rejected, Unreachable
from drivers.snmp.managed import Limits, Manager
from drivers.snmp.pdu import Kind, Response, Status
from drivers.snmp.records import Tree
from drivers.snmp.values import Integer, Missing, Octets, oid

pytestmark = pytest.mark.unit

TABLE = oid("1.3.6.1.2.1.2.2.1")
NAME, STATE = (*TABLE, 2), (*TABLE, 8)


class Agent(Manager):
    """Answers by a function."""

    def __init__(self, answer, **settings):
        super().__init__(**settings)
        self.answer = answer
        self.asked = []

    async def exchange(self, request):
        self.asked.append(request)
        return self.answer(request)


def ports(count):
    rows = {(*NAME, number): Octets(b"p%d" % number) for number in range(1, count + 1)}
    return Tree(rows | {(*STATE, number): Integer(1) for number in range(1, count + 1)} | {(1, 3, 7, 1): Integer(1)})


def version_1(tree):
    """As an agent that speaks SNMPv1 only: errors in the place of values."""

    def answer(request):
        found = tree.answer(request)
        for place, (_, value) in enumerate(found.bindings, start=1):
            if isinstance(value, Missing):
                return Response(Status.NO_SUCH_NAME, place, request.bindings)
        return found

    return answer


async def test_columns_are_read_side_by_side_in_few_requests():
    agent = Agent(ports(100).answer)
    found = await agent.walk([NAME, STATE])
    assert found[NAME][(7,)] == b"p7"
    assert len(found[STATE]) == 100
    assert len(agent.asked) <= 5


async def test_columns_with_holes_and_of_unequal_length():
    tree = Tree({(*NAME, 1): Octets(b"a"), (*NAME, 9): Octets(b"b"), (*STATE, 9): Integer(2)})
    found = await Agent(tree.answer).walk([NAME, STATE, (*TABLE, 99)])
    assert found == {NAME: {(1,): b"a", (9,): b"b"}, STATE: {(9,): 2}, (*TABLE, 99): {}}


async def test_rows_that_are_shown_again_for_each_later_time_are_read_once():
    rows = {(*NAME, time, number): Octets(b"p%d" % number) for time in range(7, 400) for number in (1, 2, 3)}
    agent = Agent(Tree(rows).answer, limits=Limits(rows=100, variables=10))
    found = await agent.walk([NAME], timed=frozenset({NAME}))
    assert set(found[NAME]) == {(7, 1), (7, 2), (7, 3)}


async def test_rows_of_other_times_are_rows():
    rows = {(*NAME, 7, 1): Octets(b"a"), (*NAME, 8, 2): Octets(b"b"), (*NAME, 900, 1): Octets(b"c")}
    found = await Agent(Tree(rows).answer).walk([NAME], timed=frozenset({NAME}))
    assert set(found[NAME]) == {(7, 1), (8, 2), (900, 1)}


async def test_version_1_is_walked_to_its_end():
    agent = Agent(version_1(ports(5)), has_bulk=False)
    found = await agent.walk([NAME, (1, 3, 7)])
    assert (len(found[NAME]), len(found[(1, 3, 7)])) == (5, 1)
    assert {request.kind for request in agent.asked} == {Kind.NEXT}


async def test_version_1_tells_which_of_several_is_missing():
    agent = Agent(version_1(ports(2)), has_bulk=False)
    assert await agent.get([(*NAME, 1), (*NAME, 7), (*NAME, 2)]) == (b"p1", Missing.INSTANCE, b"p2")


async def test_an_answer_that_is_too_big_is_asked_for_in_parts():
    tree = ports(50)

    def answer(request):
        if max(1, request.repetitions) * len(request.bindings) > 3:
            return Response(Status.TOO_BIG, 0, [])
        return tree.answer(request)

    agent = Agent(answer)
    assert len((await agent.walk([NAME, STATE]))[STATE]) == 50
    assert len(await agent.get([(*NAME, number) for number in range(1, 9)])) == 8


async def test_too_big_without_end_is_garbled():
    with pytest.raises(Garbled, match="tooBig"):
        await Agent(lambda request: Response(Status.TOO_BIG, 0, [])).walk([NAME])


@pytest.mark.parametrize("after", [(*NAME, 1), NAME, (*NAME, 2)])
async def test_a_walk_that_loops_names_the_variable(after):
    def answer(request):
        at = request.bindings[0][0]
        return Response(0, 0, [((*NAME, 2) if at == NAME else after, Integer(1))])

    with pytest.raises(Garbled, match=r"1\.3\.6\.1\.2\.1\.2\.2\.1\.2.* never end"):
        await Agent(answer).walk([NAME])


async def test_a_table_of_too_many_rows_is_not_believed():
    def answer(request):
        at = request.bindings[0][0]
        start = at[-1] if len(at) > len(NAME) else 0
        return Response(0, 0, [((*NAME, start + number), Integer(1)) for number in range(1, 61)])

    with pytest.raises(Garbled, match=r"1\.3\.6\.1\.2\.1\.2\.2\.1\.2: has more than 65536 rows"):
        await Agent(answer).walk([NAME])


async def test_a_walk_has_a_deadline():
    async def never(request):
        await asyncio.Event().wait()

    agent = Agent(None, limits=Limits(walk_s=0.01))
    agent.exchange = never
    with pytest.raises(Unreachable, match=r"1\.3\.6\.1\.2\.1\.2\.2\.1\.2: the walk did not end"):
        await agent.walk([NAME])


async def test_an_answer_about_something_else_is_garbled():
    with pytest.raises(Garbled, match="something else"):
        await Agent(lambda request: Response(0, 0, [((1, 3, 9), Integer(1))])).get([(*NAME, 1)])


async def test_an_answer_without_anything_is_garbled():
    with pytest.raises(Garbled, match="nothing"):
        await Agent(lambda request: Response(0, 0, [])).walk([NAME])


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (Status.WRONG_TYPE, Rejected),
        (Status.NOT_WRITABLE, Rejected),
        (Status.NO_SUCH_NAME, Rejected),
        (Status.GEN_ERR, Rejected),
        (Status.AUTHORIZATION_ERROR, AuthFailed),
    ],
)
async def test_what_the_device_refuses_names_the_variable(status, error):
    agent = Agent(lambda request: Response(status, 2, request.bindings))
    with pytest.raises(error, match=r"1\.3\.6\.1\.2\.1\.2\.2\.1\.8\.4: writing it, the device says " + status.word):
        await agent.set([((*STATE, 3), Integer(1)), ((*STATE, 4), Integer(1))])
