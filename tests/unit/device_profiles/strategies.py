"""States as hypothesis makes them: valid declarations of every kind of device."""

from datetime import UTC, datetime
from string import ascii_letters, digits

from hypothesis import strategies as st

from device_profiles.state import Export, Lag, Outlet, Port, Slot, State, Stp, Vlan, Volume

names = st.builds(  # the same from a regular expression takes ten times as long
    str.__add__, st.sampled_from(ascii_letters), st.text(ascii_letters + digits + "/._-", max_size=8)
)
vlan_ids = st.integers(1, 4094)
flags = st.none() | st.booleans()
times = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- bounds are naive


def absent_or(strategy):
    return st.none() | strategy


words = st.lists(names, min_size=1, max_size=4, unique=True).map(lambda items: tuple(sorted(items)))
vlan_sets = st.just("all") | st.lists(vlan_ids, min_size=1, max_size=6, unique=True).map(lambda v: tuple(sorted(v)))
stps = st.builds(Stp, edge=st.booleans(), bpdu_guard=flags)

ports = st.builds(
    Port,
    description=absent_or(names),
    enabled=flags,
    mode=absent_or(st.sampled_from(["access", "trunk"])),
    access_vlan=absent_or(vlan_ids),
    native_vlan=absent_or(st.just("none") | vlan_ids),
    trunk_vlans=absent_or(vlan_sets),
    mtu=absent_or(st.integers(576, 9216)),
    stp=absent_or(stps),
).filter(lambda port: port != Port())
lags = st.builds(Lag, members=absent_or(words), lacp=absent_or(st.sampled_from(["active", "off"])), fallback=flags)
outlets = st.builds(Outlet, name=absent_or(names), power=st.sampled_from(["on", "off"]), cycled_at=absent_or(times))
slots = st.builds(
    Slot, power=st.sampled_from(["on", "off"]), identify=flags, off=absent_or(st.sampled_from(["soft", "hard"]))
)
volumes = st.builds(Volume, size=absent_or(st.integers(1, 10**15)), pool=absent_or(names))
exports = st.builds(
    Export,
    initiators=absent_or(words),
    luns=absent_or(st.dictionaries(st.integers(0, 255), names, min_size=1, max_size=3)),
)


def keyed(items):
    return st.dictionaries(names, items, max_size=3)


states = st.builds(
    State,
    vlans=st.dictionaries(vlan_ids, st.builds(Vlan, name=absent_or(names)), max_size=4),
    ports=keyed(ports),
    lags=keyed(lags),
    outlets=keyed(outlets),
    slots=keyed(slots),
    volumes=keyed(volumes),
    exports=keyed(exports),
)
