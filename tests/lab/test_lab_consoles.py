"""Serial lines of the lab: reached through the console server, again and again."""

import re
from typing import Self

import pytest

from pointsman.lab import Lab, reach
from pointsman.lab.waiting import until

pytestmark = pytest.mark.lab


class Line:
    """A raw telnet client that refuses every option, which leaves plain bytes."""

    def __init__(self, lab: Lab, port: int) -> None:
        self._socket = reach.connect(lab.namespace_path("mgmt"), ("10.8.0.254", port), timeout_s=5.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, line: str, pattern: str) -> str:
        """Type a line and read until the pattern shows."""
        self._socket.sendall(line.encode() + b"\n")
        seen = b""

        def shown() -> bool:
            nonlocal seen
            seen += self._socket.recv(4096)
            return re.search(pattern, seen.decode("ascii", "replace"), re.DOTALL) is not None

        until(shown, what=f"the line shows {pattern!r} after {line!r}")
        return re.sub(rb"\xff[\xfb-\xfe].|\xff\xfa.*?\xff\xf0", b"", seen).decode("ascii", "replace")


def test_the_serial_shell_of_sw1_is_a_root_shell_on_sw1(lab: Lab) -> None:
    before = lab.writes("sw1")
    for _ in range(2):  # a line survives the session
        with Line(lab, 2003) as line:
            assert "sw1" in line.ask("hostname; echo en''d", "end")
            assert "br0" in line.ask("ovs-vsctl list-br; echo en''d", "end")
    assert lab.writes("sw1") == before
    with Line(lab, 2003) as line:
        line.ask("ovs-vsctl set Port p6 tag=6; ovs-vsctl clear Port p6 tag; echo en''d", "end")
    assert lab.writes("sw1") == before + 2


def test_con1_is_configured_over_its_line_and_counts_what_changes_it(lab: Lab) -> None:
    before = lab.writes("con1")
    with Line(lab, 2001) as line:
        line.ask("vlan/print", "1000 Success")
        assert lab.writes("con1") == before
        line.ask("vlan/create 30", "1000 Success")
    with Line(lab, 2001) as line:
        line.ask("port/setvlan 1 30", "1000 Success")
        until(lambda: lab.run("h5", ["ping", "-c1", "-W1", "10.9.0.6"]).returncode != 0, what="h5 is alone in VLAN 30")
        line.ask("port/setvlan 1 0", "1000 Success")
        line.ask("vlan/remove 30", "1000 Success")
    until(lambda: lab.run("h5", ["ping", "-c1", "-W1", "10.9.0.6"]).returncode == 0, what="h5 reaches h6 again")
    assert lab.writes("con1") == before + 4


def test_the_router_takes_commands_over_its_line(lab: Lab) -> None:
    before = lab.writes("rt1")
    with Line(lab, 2002) as line:
        assert "FRRouting" in line.ask("show version", "FRRouting.*rt1#")
        line.ask("configure terminal", r"rt1\(config\)#")
        line.ask("ip route 198.51.100.0/24 Null0", r"rt1\(config\)#")
        line.ask("end", "rt1#")
    until(lambda: "198.51.100.0/24" in lab.run("rt1", ["ip", "route"]).stdout, what="the route is in the kernel")
    assert lab.writes("rt1") == before + 1
    with Line(lab, 2002) as line:
        line.ask("configure terminal", r"rt1\(config\)#")
        line.ask("no ip route 198.51.100.0/24 Null0", r"rt1\(config\)#")
        line.ask("end", "rt1#")
