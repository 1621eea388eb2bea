"""The rules by which an array's data is never lost: what is planned, in which order, and what is not, and why."""

import pytest

from device_profiles.compare import Goal
from device_profiles.leaves import SHAPES
from device_profiles.operation import SessionOperation
from device_profiles.state import Export, State, Volume
from drivers.errors import Unsupported
from drivers.storage.planning import changes
from drivers.storage.seen import Limits, Pool, Seen, SeenExport, SeenVolume
from drivers.storage.steps import steps

pytestmark = pytest.mark.unit

GIB = 1 << 30
ONE, TWO = "iqn.2024-01.example:one", "iqn.2024-01.example:two"
CAPABLE = frozenset(shape for shape in SHAPES if shape.startswith(("volumes", "exports")))
SEEN = Seen(
    pools={"tank": Pool(size=100 * GIB, free=10 * GIB)},
    volumes={"a": SeenVolume(size=2 * GIB, pool="tank"), "b": SeenVolume(size=GIB, pool="tank")},
    exports={"web": SeenExport(initiators=(ONE,), luns={1: "a"})},
)


def session(export="web", initiator=ONE):
    return SessionOperation(export=export, initiator=initiator)


def with_sessions(*sessions):
    return Seen(pools=SEEN.pools, volumes=SEEN.volumes, exports=SEEN.exports, sessions=sessions)


def planned(state=None, *, absent=(), seen=SEEN, limits=Limits(luns=range(1, 256))):  # noqa: B008 -- frozen
    goal = Goal(state or State(), frozenset(absent))
    return changes(goal, seen.state, seen=seen, limits=limits, capabilities=CAPABLE)


def volume(name, **values):
    return State(volumes={name: Volume(**values)})


def export(name, initiators=(), luns=None, **volumes):
    return State(exports={name: Export(initiators=initiators, luns=luns or {})}, volumes=volumes)


def refusal(found):
    (change,) = [change for change in found if change.refused is not None]
    return change.refused.reason


class TestVolumes:
    def test_one_that_is_not_there_is_made(self):
        (change,) = planned(volume("c", size=GIB, pool="tank"))
        assert (change.kind, change.name, change.size, change.pool) == ("create", "c", GIB, "tank")

    def test_one_that_is_there_is_taken_as_it_is(self):
        assert planned(volume("a", size=2 * GIB, pool="tank")) == ()

    def test_the_only_pool_needs_no_name(self):
        (change,) = planned(volume("c", size=GIB))
        assert change.pool == "tank"
        assert change.refused is None

    def test_a_smaller_one_grows(self):
        (change,) = planned(volume("b", size=3 * GIB))
        assert (change.kind, change.before, change.size, change.needs) == ("grow", GIB, 3 * GIB, ())

    def test_a_larger_one_stays_unless_data_may_be_lost(self):
        (change,) = planned(volume("a", size=GIB))
        assert (change.kind, change.needs) == ("shrink", ("data_loss",))

    def test_one_goes_only_where_data_may_be_lost(self):
        (change,) = planned(absent=[("volumes", "b")])
        assert (change.kind, change.needs) == ("remove", ("data_loss",))

    @pytest.mark.parametrize(
        ("wanted", "reason"),
        [
            (volume("c", size=11 * GIB, pool="tank"), "PoolFull"),
            (volume("b", size=12 * GIB), "PoolFull"),
            (volume("c", size=GIB, pool="pond"), "NoSuchPool"),
            (volume("c", pool="tank"), "NoSuchVolume"),
            (volume("a", size=2 * GIB, pool="pond"), "OtherPool"),
        ],
    )
    def test_what_cannot_be_is_named(self, wanted, reason):
        assert refusal(planned(wanted)) == reason

    def test_two_share_the_room_of_a_pool(self):
        found = planned(State(volumes={name: Volume(size=6 * GIB, pool="tank") for name in ("c", "d")}))
        assert [(change.name, change.refused is None) for change in found] == [("c", True), ("d", False)]

    def test_one_that_is_shown_does_not_go(self):
        assert refusal(planned(absent=[("volumes", "a")])) == "InUse"

    def test_one_is_grown_under_a_session_only_where_the_array_can(self):
        seen, wanted = with_sessions(session()), volume("a", size=3 * GIB)
        assert planned(wanted, seen=seen)[0].needs == ()
        assert planned(wanted, seen=seen, limits=Limits(grows_online=False))[0].needs == ("live_session",)


class TestExports:
    def test_mask_and_mapping_are_one_change(self):
        (change,) = planned(export("db", [TWO], {1: "b"}))
        assert (change.kind, change.new_initiators, dict(change.new_luns)) == ("create", (TWO,), {1: "b"})

    def test_a_volume_is_made_before_it_is_shown(self):
        found = planned(export("db", [TWO], {1: "c"}, c=Volume(size=GIB, pool="tank")))
        assert [(change.kind, change.name) for change in found] == [("create", "c"), ("create", "db")]

    @pytest.mark.parametrize(
        ("wanted", "reason"),
        [
            (export("db", [TWO], {0: "b"}), "NoSuchLun"),
            (export("db", [TWO], {256: "b"}), "NoSuchLun"),
            (export("db", [TWO], {1: "c"}), "NoSuchVolume"),
            (export("db", [TWO], {1: "a"}), "VolumeInUse"),
            (export("db", [TWO], {1: "b", 2: "b"}), "VolumeInUse"),
            (export("db", [ONE.upper().replace("IQN", "iqn")], {1: "b"}), "InitiatorInUse"),
            (export("db", ["10.0.0.1"], {1: "b"}), "NoSuchInitiator"),
        ],
    )
    def test_what_cannot_be_is_named(self, wanted, reason):
        assert refusal(planned(wanted)) == reason

    def test_a_volume_that_is_shared_is_shown_twice(self):
        found = planned(export("db", [TWO], {1: "a"}, a=Volume(size=2 * GIB, shared=True)))
        assert [change.refused for change in found] == [None]

    def test_what_leans_on_a_volume_that_cannot_be_made_is_not_made(self):
        found = planned(export("db", [TWO], {1: "c"}, c=Volume(size=99 * GIB, pool="tank")))
        assert [change.refused.reason for change in found] == ["PoolFull", "NoSuchVolume"]

    def test_one_that_goes_frees_what_it_had(self):
        goal = export("db", [ONE], {1: "a"})
        found = planned(goal, absent=[("exports", "web")])
        assert [(change.kind, change.name, change.refused) for change in found] == [
            ("remove", "web", None),
            ("create", "db", None),
        ]

    def test_one_that_loses_something_comes_before_the_one_that_gains_it(self):
        goal = State(
            exports={
                "another": Export(initiators=(ONE,), luns={1: "a"}),
                "web": Export(initiators=(), luns={}),
            }
        )
        assert [change.name for change in planned(goal)] == ["web", "another"]


class TestSessions:
    def test_a_live_one_holds_a_release_back(self):
        found = planned(absent=[("exports", "web")], seen=with_sessions(session()))
        assert refusal(found) == "ReleaseBlocked"
        assert ONE in found[0].refused.message

    def test_what_a_release_that_waits_still_has_is_not_free(self):
        found = planned(export("db", [ONE], {1: "a"}), absent=[("exports", "web")], seen=with_sessions(session()))
        assert [change.refused.reason for change in found] == ["ReleaseBlocked", "VolumeInUse"]

    @pytest.mark.parametrize(
        ("after", "needs"),
        [
            (([ONE], {2: "a"}), ("live_session",)),
            (([ONE], {1: "b"}), ("live_session",)),
            (([], {1: "a"}), ("live_session",)),
            (([ONE, TWO], {1: "a", 2: "b"}), ()),
        ],
    )
    def test_nothing_is_taken_from_under_one(self, after, needs):
        (change,) = planned(export("web", *after), seen=with_sessions(session()))
        assert change.needs == needs

    def test_an_initiator_that_is_not_logged_in_may_leave(self):
        seen = Seen(
            pools=SEEN.pools,
            volumes=SEEN.volumes,
            exports={"web": SeenExport(initiators=(ONE, TWO), luns={1: "a"})},
            sessions=(session(),),
        )
        (change,) = planned(export("web", [ONE], {1: "a"}), seen=seen)
        assert change.needs == ()


def test_a_name_that_a_command_line_could_take_amiss_is_refused():
    with pytest.raises(Unsupported):
        planned(export("db", ["iqn.a;reboot"], {1: "b"}))


class Words:
    """Tells nothing but what it was asked."""

    def volume(self, change):
        return (f"volume {change.name}",), ("an undo that is never used",)

    def export(self, change):
        return (f"export {change.name}",), (f"unexport {change.name}",)


def test_a_step_has_the_paths_for_the_ledger_and_no_undo_where_data_is_concerned():
    made, shown = steps(planned(export("db", [TWO], {1: "c"}, c=Volume(size=GIB, pool="tank"))), Words())
    assert (made.creates, made.undo) == ((("volumes", "c"),), ())
    assert ("exports", "db") in shown.creates
    assert ("exports", "db", "luns", "1") in shown.creates
    assert shown.undo == ("unexport db",)


def test_a_change_that_is_refused_has_no_commands():
    (step,) = steps(planned(export("db", [TWO], {0: "b"})), Words())
    assert (step.commands, step.refused.reason) == ((), "NoSuchLun")
