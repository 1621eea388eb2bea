"""Who of several agents gets which node: evenly, few moves, and never before the other's lease is over."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy_service.agents.sharing import FOR_EVER, RELEASED, Change, Held, Member, Scene, settle

pytestmark = pytest.mark.unit

NODES = tuple(f"sw{number}" for number in range(10))


def moment(second: float) -> str:
    return f"2026-11-20T10:{int(second) // 60:02}:{second % 60:09.6f}Z"


def member(name: str, ends: float | None, *, shares: bool = True) -> Member:
    return Member(name=name, ends_at=None if ends is None else moment(ends), shares=shares)


def scene(*members: Member, now: float = 100, nodes=NODES, held=(), shared: bool = True, steady: bool = True) -> Scene:
    return Scene(
        location="row-a",
        shared=shared,
        nodes=nodes,
        members=members,
        held={row.node: row for row in held},
        ends={each.name: each.ends_at or RELEASED for each in members},
        now=moment(now),
        over_before=moment(now - 5) if steady else None,
        fence=7,
    )


def after(scene: Scene, change: Change) -> dict[str, Held]:
    rows = {**scene.held, **{row.node: row for row in change.put}}
    return {node: row for node, row in rows.items() if node not in change.drop}


def settled(*members: Member, **more) -> tuple[Held, ...]:
    first = scene(*members, **more)
    return tuple(after(first, settle(first)).values())


def of(rows, agent: str | None) -> set[str]:
    return {row.node for row in rows if row.agent == agent}


def test_nodes_are_spread_evenly_and_settling_once_more_changes_nothing():
    rows = settled(member("a", 130), member("b", 130))
    assert (len(of(rows, "a")), len(of(rows, "b"))) == (5, 5)
    assert not settle(scene(member("a", 130), member("b", 130), held=rows))


def test_who_does_not_renew_gets_nothing():
    assert of(settled(member("a", 130), member("b", None), member("c", 99)), "a") == set(NODES)


def test_a_newcomer_gets_what_the_other_gives_up_once_that_one_has_let_go():
    both = scene(member("a", 130), member("b", 130), held=settled(member("a", 130)))
    rows = after(both, settle(both))
    given_up = {node for node, row in rows.items() if row.left_by == "a"}
    assert len(given_up) == 5
    assert of(rows.values(), "b") == set()
    # The first one goes on renewing what it keeps; what it gave up ends when it would have ended then.
    later = scene(member("a", 160), member("b", 160), now=134, held=rows.values())
    assert not settle(later)
    rows = {node: replace(row, ends_at=RELEASED) if node in given_up else row for node, row in rows.items()}
    told = scene(member("a", 160), member("b", 160), now=134, held=rows.values())
    rows = after(told, settle(told))
    assert of(rows.values(), "b") == given_up
    assert all(rows[node].fence > later.held[node].fence for node in given_up)


def test_what_is_not_let_go_of_is_given_when_the_lease_and_a_margin_are_over():
    rows = settled(member("a", 130))
    for now, free in ((131, False), (134.9, False), (135.1, True)):
        gone = scene(member("a", 130), member("b", 160), now=now, held=rows)
        assert bool(of(after(gone, settle(gone)).values(), "b")) is free


def test_where_the_clock_cannot_be_trusted_nothing_is_over():
    rows = settled(member("a", 130))
    gone = scene(member("a", 130), member("b", 2000), now=1900, held=rows, steady=False)
    assert not settle(gone)


def test_nodes_of_the_dead_move_and_no_others():
    rows = settled(member("a", 130), member("b", 130), member("c", 130))
    before = {row.node: row.agent for row in rows}
    gone = scene(member("a", 130), member("b", 160), member("c", 160), now=140, held=rows)
    found = after(gone, settle(gone))
    moved = {node for node, row in found.items() if row.agent != before[node]}
    assert moved == of(rows, "a")
    assert all(found[node].fence > gone.held[node].fence for node in moved)


def test_the_agent_that_had_it_alone_keeps_all_until_it_has_heard_of_leases():
    before = scene(member("a", None, shares=False), member("b", 130), now=100)
    rows = after(before, settle(before)).values()
    assert of(rows, "a") == set(NODES)
    assert {row.ends_at for row in rows} == {FOR_EVER}
    away = scene(member("a", None), member("b", 5000), now=3500, held=rows)
    assert not settle(away)


def test_the_lease_on_a_deleted_node_outlives_it():
    rows = settled(member("a", 130), nodes=("sw1",))
    gone = scene(member("a", 130), nodes=(), held=rows)
    (row,) = after(gone, settle(gone)).values()
    assert (row.agent, row.left_by, row.ends_at) == (None, "a", moment(130))
    again = scene(member("a", 160), member("b", 160), now=131, nodes=("sw1",), held=[row])
    assert not settle(again)
    forgotten = scene(member("a", 160), now=136, nodes=(), held=[row])
    assert after(forgotten, settle(forgotten)) == {}


def test_alone_again_all_is_for_ever_once_nobody_else_can_hold_anything():
    rows = settled(member("a", 130), member("b", 130))
    still = scene(member("a", 160), now=131, held=rows, shared=False)
    still = replace(still, ends={"a": moment(160), "b": moment(130)})
    assert not settle(still)
    later = replace(still, now=moment(136), over_before=moment(131))
    change = settle(later)
    assert (set(change.drop), change.shares, change.flagged) == (set(NODES), False, True)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), max_size=12), st.integers(0, 12))
def test_however_agents_come_and_go_a_node_never_has_two(turns, count):
    """Each turn an agent renews or goes silent; what each believes to hold is compared with what the service gave."""
    nodes = tuple(f"n{number}" for number in range(count))
    ends = dict.fromkeys("abcd", 0.0)
    believes: dict[str, tuple[str, float]] = {}
    rows: dict[str, Held] = {}
    for turn, (name, renews) in enumerate(turns):
        now = 100.0 + 12 * turn
        if renews:
            ends[name] = now + 30
            for node, row in rows.items():
                if row.agent == name:
                    other, until = believes.get(node, (name, 0.0))
                    assert other == name or until < now
                    believes[node] = (name, now + 30)
        place = scene(*(member(each, until) for each, until in ends.items()), now=now, nodes=nodes, held=rows.values())
        rows = after(place, settle(place))


def test_what_an_agent_knows_more_about_goes_to_it_and_stays_until_it_is_settled():
    claims = dict.fromkeys(NODES[:8], "a")
    first = replace(scene(member("a", 130), member("b", 130)), claims=claims)
    rows = tuple(after(first, settle(first)).values())
    assert of(rows, "a") == set(NODES[:8])
    again = replace(scene(member("a", 130), member("b", 130), held=rows), claims=claims)
    assert not settle(again)
    # Nothing is claimed any more: what is too much for one is given up again.
    assert len([row for row in settle(scene(member("a", 130), member("b", 130), held=rows)).put if not row.agent]) == 3


def test_who_claims_and_is_gone_leaves_it_to_others():
    first = replace(scene(member("a", 99), member("b", 130)), claims=dict.fromkeys(NODES, "a"))
    assert of(after(first, settle(first)).values(), "b") == set(NODES)
