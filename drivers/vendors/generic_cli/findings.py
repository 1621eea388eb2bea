"""What several tables say of one port, put together; the first table that says something of a thing is believed.

A port's switching comes in three forms: a mode with its VLANs (``switchport``), the VLANs of a port with their tags,
or the ports of a VLAN with theirs. From tags alone it follows: one untagged VLAN is an access port, tagged ones are a
trunk; everything else is ``other`` with what the device said. A table that names VLANs and not how they are carried
(``multi``) gives a mode and no list.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from device_profiles.names import printable
from device_profiles.operation import PortOperation, StpState
from device_profiles.state import LacpMode, Lag, Port, PortMode, State, Stp, Vlan

Vlans = tuple[int, ...] | Literal["all"]


@dataclass(slots=True, kw_only=True)
class Switching:
    """How one port switches, as far as tables say. ``words`` is the mode in the device's own words."""

    mode: PortMode | None = None
    words: str | None = None
    access: int | None = None
    native: int | None = None
    allowed: Vlans | None = None
    tagged: set[int] = field(default_factory=set)
    untagged: set[int] = field(default_factory=set)
    partly: bool = False
    """Whether there are tagged VLANs that were not named."""
    drops_untagged: bool = False

    def note(self, **found: Any) -> None:
        """Take over what was not said before."""
        for name, value in found.items():
            if value is not None and getattr(self, name) is None:
                setattr(self, name, value)

    def fields(self) -> dict[str, Any]:
        """The fields of a :class:`~device_profiles.state.Port`."""
        mode = self.mode or self._from_tags()
        if mode == "access":
            found = self.access or (self.native if self.native is not None else self._one_untagged())
            return {"mode": "access", "access_vlan": found}
        if mode == "trunk":
            return {"mode": "trunk", "native_vlan": self._native(), "trunk_vlans": self._trunk()}
        if mode == "other":
            return {"mode": "other", "native": self._told()}
        return {}

    def _from_tags(self) -> PortMode | None:
        if self.tagged or self.partly:
            return "trunk" if len(self.untagged) <= 1 else "other"
        if self.untagged:
            return "access" if len(self.untagged) == 1 else "other"
        return None

    def _one_untagged(self) -> int | None:
        return next(iter(self.untagged)) if len(self.untagged) == 1 else None

    def _native(self) -> int | Literal["none"] | None:
        if self.drops_untagged:
            return "none"
        if self.native is not None:
            carried = self.allowed in (None, "all") or self.native in (self.allowed or ())
            return self.native if carried else "none"
        if self.untagged:
            return self._one_untagged()
        return "none" if self.tagged or self.partly else None

    def _trunk(self) -> Vlans | None:
        if self.allowed is not None:
            return self.allowed
        if self.partly:
            return None
        return tuple(sorted(self.tagged)) if self.tagged or self.untagged else None

    def _told(self) -> str:
        parts = [self.words] if self.words else []
        parts += [f"untagged {','.join(map(str, sorted(self.untagged)))}"] if self.untagged else []
        parts += [f"tagged {','.join(map(str, sorted(self.tagged)))}"] if self.tagged else []
        return printable("; ".join(parts), most=500)


@dataclass(slots=True, kw_only=True)
class PortFinding:
    """One port."""

    description: str | None = None
    enabled: bool | None = None
    mtu: int | None = None
    bpdu_guard: bool | None = None
    up: bool | None = None
    reason: str | None = None
    speed: int | None = None
    duplex: Literal["full", "half"] | None = None
    stp: StpState | None = None
    bundled: bool | None = None
    switching: Switching = field(default_factory=Switching)

    def note(self, **found: Any) -> None:
        """Take over what was not said before."""
        for name, value in found.items():
            if value is not None and getattr(self, name) is None:
                setattr(self, name, value)

    def port(self, *, member: bool) -> Port:
        """The configuration. A member of a LAG has no switching of its own: that stands at its LAG."""
        fields = {} if member else self.switching.fields()
        return Port(
            description=self.description or None,
            enabled=self.enabled,
            mtu=self.mtu,
            stp=None if self.bpdu_guard is None else Stp(bpdu_guard=self.bpdu_guard),
            **fields,
        )

    def operation(self) -> PortOperation:
        """How it runs."""
        return PortOperation(
            oper_up=self.up,
            down_reason=None if self.up or self.reason is None else self.reason,
            speed_bps=self.speed if self.up is not False else None,
            duplex=self.duplex if self.up is not False else None,
            stp_state=self.stp,
            bundled=self.bundled,
        )


@dataclass(slots=True, kw_only=True)
class LagFinding:
    """One LAG."""

    members: dict[str, bool | None] = field(default_factory=dict)
    """Each member, and whether it carries traffic."""
    lacp: LacpMode | None = None

    def lag(self) -> Lag:
        """The configuration."""
        return Lag(members=tuple(sorted(self.members)), lacp=self.lacp)


@dataclass(slots=True, kw_only=True)
class Findings:
    """Everything that was found of a device's VLANs, ports and LAGs, and what of it could not be told."""

    vlans: dict[int, Vlan] = field(default_factory=dict)
    ports: dict[str, PortFinding] = field(default_factory=dict)
    lags: dict[str, LagFinding] = field(default_factory=dict)
    cut: dict[str, None] = field(default_factory=dict)
    """Ports whose description a table showed only the beginning of."""
    several: dict[str, dict[str, None]] = field(default_factory=dict)
    """By command: ports of which it says that they carry several VLANs with a tag, and not which."""
    doubts: dict[str, None] = field(default_factory=dict)

    def port(self, name: str) -> PortFinding:
        """What is known of a port."""
        return self.ports.setdefault(name, PortFinding())

    def lag(self, name: str) -> LagFinding:
        """What is known of a LAG."""
        return self.lags.setdefault(name, LagFinding())

    def doubt(self, sentence: str) -> None:
        """Note what could not be told, each once."""
        self.doubts[sentence] = None

    def told(self) -> dict[str, None]:
        """The doubts, and the descriptions that were cut and stand nowhere in full."""
        told = dict(self.doubts)
        for command, names in self.several.items():
            told[f"'{command}' does not say which VLANs {', '.join(names)} carry with a tag"] = None
        cut = [name for name in self.cut if self.port(name).description is None]
        if cut:
            told[f"the descriptions of {', '.join(cut)} are shown in part only: they were left out"] = None
        return told

    def state(self) -> State:
        """The configuration."""
        members = {member for lag in self.lags.values() for member in lag.members}
        ports = {name: port.port(member=name in members) for name, port in sorted(self.ports.items())}
        return State(
            vlans=dict(sorted(self.vlans.items())),
            ports=ports,
            lags={name: lag.lag() for name, lag in sorted(self.lags.items())},
        )

    def operation(self) -> dict[str, PortOperation]:
        """How each port runs."""
        for name, lag in self.lags.items():
            for member, carries in lag.members.items():
                if carries is not None:
                    self.port(member).note(bundled=carries)
            told = [carries for carries in lag.members.values() if carries is not None]
            if told:
                self.port(name).note(bundled=any(told))
        return {name: port.operation() for name, port in sorted(self.ports.items())}
