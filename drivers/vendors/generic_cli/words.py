"""What the fields of ntc-templates mean.

The templates name fields freely: a port is ``interface``, ``port`` or ``local_interface``, a VLAN's number ``vlan_id``,
``vid`` or ``tag``. Each meaning has the names that it goes by, best first. Where one template means something else
by a name, that stands in :data:`CORRECTIONS`; each was seen in the template's own test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from drivers.vendors.generic_cli.index import Row
from drivers.vendors.generic_cli.values import said

Words = Mapping[str, tuple[str, ...]]
"""Meaning to the names of fields, best first."""

VLAN: Final[Words] = {
    "id": ("vlan_id", "vid", "tag", "vlan"),
    "name": ("vlan_name", "name", "vlan_description"),
    "port": ("port", "interface"),
    "tagging": ("tagging", "mode", "type", "status"),
    "tagged": ("taggedports", "tagged"),
    "untagged": ("untaggedports", "untagged"),
    "members": ("interfaces", "ports", "interface", "vlan_port_members"),
}

PORT: Final[Words] = {
    "port": ("interface", "port", "local_port", "port_id"),
    "description": ("description", "interface_desc", "interface_description", "alias", "portname", "name"),
    "enabled": (
        "link_admin",
        "admin_status",
        "admin_state",
        "port_admin",
        "admin_link",
        "enabled",
        "admin",
        "adm",
        "intf_state",
    ),
    "state": (
        *("link_status", "linkstate", "link_state", "line_status", "link", "phy", "physical", "operation_status"),
        *("intstate", "linep_state", "status"),
    ),
    "reason": ("reason", "link_down_reason", "port_error", "port_down_violation_reason"),
    "speed": ("actualspeed", "detected_speed", "speed", "bandwidth"),
    "duplex": ("actualduplex", "detected_duplex", "duplex", "duplex_type"),
    "mode": (
        "admin_mode",
        "interface_mode",
        "vlan_membership_mode",
        "port_link_type",
        "link_type",
        "vlan_mode",
        "mode",
    ),
    "switchport": ("switchport",),
    "access": ("access_vlan", "vlan_access"),
    "native": ("native_vlan", "vlan_native", "pvid"),
    "allowed": ("trunking_vlans", "vlan_permitted", "vlan_trunk", "trunk_vlan_list"),
    "voice": ("voice_vlan",),
    "members": ("allowed_vlan", "vlan_id"),
    "rules": ("egress_rule", "allowed_vlan_tag", "tagging"),
    "tagged": ("vlan_tagged",),
    "untagged": ("vlan_untagged",),
    "mtu": ("l2mtubytes", "l2mtu", "cfg_mtu", "mtu"),
    "tag_flag": (),
    "pvid": (),
    "lag_members": (),
    "bpdu_guard": ("stpbpduguard",),
    "stp": ("l2portstate", "portstate"),
}

LAG: Final[Words] = {
    "lag": ("bundle_name", "po_name", "aggregate_interface", "eth_trunk", "trunk", "config_master", "lag_id"),
    "members": (
        "member_interface",
        "interfaces",
        "local_interfaces",
        "member_port",
        "agg_mbr",
        "portlist",
        "local_port",
    ),
    "states": ("member_interface_status", "link_state"),
    "protocol": ("bundle_protocol", "trunk_type", "aggregation_mode", "working_mode", "lagtype", "agg_control"),
}

NEIGHBOUR: Final[Words] = {
    "port": ("local_interface", "local_port", "interface", "parent_interface"),
    "name": ("neighbor_name", "neighbor", "remote_system_name", "identity"),
    "chassis_id": ("chassis_id", "remote_chassis_id"),
    "remote_port": ("neighbor_port_id", "remote_port", "neighbor_interface", "interface_name"),
    "port_description": ("neighbor_port_description", "neighbor_interface_description", "neighbor_interface"),
}

MAC: Final[Words] = {
    "mac": ("mac_address", "destination_address", "mac"),
    "vlan": ("vlan_id", "vid", "vlan"),
    "port": ("destination_port", "on_interface", "logical_interface", "interface", "ports", "port"),
    "type": ("type", "status", "state", "fwd"),
    "invalid": ("address_not_valid", "invalid"),
    "local": ("local",),
    "disabled": ("disabled",),
}

FACT: Final[Words] = {
    "version": (
        *("software_version", "sw_version", "os_version", "version", "junos_version", "vrp_version", "os", "image"),
        *("operation_code_version", "product_version", "sw_ver", "olt_version", "image_version"),
    ),
    "model": (
        *(
            "hardware_model",
            "switch_model",
            "model",
            "device_type",
            "product",
            "model_name",
            "hardware",
            "platform",
            "hw",
        ),
        *("board_name", "product_name", "chassis_description", "switch_type", "pid"),
    ),
    "serial": ("serial", "serial_number", "chassis_serial_number", "sn", "system_serial", "serial_num"),
    "hostname": ("hostname", "system_name"),
    "uptime": ("uptime", "up_time"),
    "mac": ("base_mac", "mac_address", "sys_mac", "address"),
    "description": ("description",),
    "vendor": ("vendor",),
}

CORRECTIONS: Final[Mapping[str, Words]] = {
    # Alcatel-Lucent OmniSwitch: the port's id stands under mac_address, its description under neighbor_interface.
    "alcatel_aos_show_lldp_remote-system": {
        "remote_port": ("mac_address",),
        "port_description": ("neighbor_interface",),
    },
    "alcatel_aos_show_interfaces_status": {"state": (), "description": ()},
    "alcatel_aos_show_interfaces_ethernet": {"mtu": (), "state": ("status",), "enabled": ("admin_status",)},
    "alcatel_aos_show_system": {"hostname": ("name",)},
    # ProCurve: the summary's neighbor_description is the port's description, the details' that of the system.
    "hp_procurve_show_system": {"hostname": ("name",)},
    "hp_procurve_show_lldp_info_remote-device": {"port_description": ("neighbor_description",)},
    "hp_procurve_show_lldp_info_remote-device_detail": {"port_description": ("neighbor_interface_description",)},
    "hp_procurve_show_cdp_neighbors_detail": {"name": ("chassis_id",), "chassis_id": (), "port_description": ()},
    "hp_procurve_show_interfaces_brief": {"mode": (), "speed": ("mode",), "duplex": ("mode",)},
    "hp_procurve_show_interfaces_status": {"mode": (), "duplex": ("speed",)},
    "hp_procurve_show_trunks": {"members": ("local_port",), "description": (), "port": ()},
    # FastIron: the brief table cuts names.
    "broadcom_icos_show_version": {"version": ("version",), "model": ("switch_model",)},
    "brocade_fastiron_show_interfaces_brief": {
        "description": (),
        "native": (),
        "tag_flag": ("tagonly",),
        "pvid": ("pvid",),
    },
    "brocade_fastiron_show_interfaces": {
        "mode": ("l2portmode",),
        "access": ("untaggedvlan",),
        "native": ("untaggedvlan",),
        "enabled": (),
    },
    "brocade_netiron_show_interfaces": {"mode": (), "enabled": ()},
    "ruckus_fastiron_show_interfaces_brief": {
        "description": (),
        "native": (),
        "tag_flag": ("tag",),
        "pvid": ("vlan_id",),
        "stp": ("state",),
        "state": ("link",),
    },
    # FastIron's table of VLANs has a row for each unit and slot.
    "ruckus_fastiron_show_vlan": {"port": (), "tagging": ("status",), "members": ()},
    "alcatel_aos_show_vlan": {"tagging": (), "port": ()},
    "alcatel_aos_show_vlan_port": {"tagging": ("type",), "name": ()},
    "aruba_aoscx_show_interface": {
        "lag_members": ("aggregated_interfaces",),
        "enabled": ("link_admin",),
        "mode": ("vlan_mode",),
    },
    "huawei_vrp_display_port_vlan": {"native": ("vlan_id",), "access": ("vlan_id",), "mode": ("link_type",)},
    "huawei_vrp_display_vlan": {"name": ()},
    "huawei_vrp_display_vlan_brief": {"port": ("interface",), "tagging": ("mode",)},
    "huawei_vrp_display_interface": {"mode": ("link_type",), "native": (), "state": ("link_status",)},
    # Comware: the letter of the port's type, and its PVID, which carries an access port.
    "hp_comware_display_interface_brief": {"mode": ("type",), "native": ("vlan_id",), "access": ("vlan_id",)},
    "hp_comware_display_interface": {"mode": ("port_link_type",), "speed": ("speed",), "members": ()},
    "hp_comware_display_vlan_all": {"tagging": (), "port": ()},
    # These negotiate no mode: a number is an access port, and the words stand for themselves.
    "arista_eos_show_interfaces_status": {"mode": ()},
    "cisco_nxos_show_interface_brief": {"mode": (), "native": (), "state": ("status",)},
    "cisco_nxos_show_interface": {"mode": (), "enabled": (), "state": ("link_status",)},
    "cisco_xr_show_interfaces": {"enabled": ("admin_state",)},
    "juniper_junos_show_interfaces": {"enabled": ("admin_state",), "state": ("link_status",)},
    "edgecore_show_interfaces_brief": {"native": (), "mode": ()},
    "eltex_show_interfaces_status": {"mode": (), "state": ("link_state",)},
    "eltex_show_interfaces_description": {"mode": (), "enabled": ("admin_state",)},
    "mikrotik_routeros_system_identity_print": {"hostname": ("name",)},
    "mikrotik_routeros_system_resource_print": {"model": ("board_name",)},
    "mikrotik_routeros_interface_vlan_print_detail": {"name": ("name",), "port": (), "tagging": ()},
    "mikrotik_routeros_ip_neighbor_print_detail": {"chassis_id": ("mac_address",), "remote_port": ("interface_name",)},
}


_ENDS: Final = frozenset(' \t\r\n",;()[]')


class Reading:
    """The rows of one answer, asked by meaning. ``answer`` is what they were read from, where a template read it."""

    __slots__ = ("_answer", "asked", "fields", "rows", "template")

    def __init__(self, template: str, rows: list[Row], *, asked: str, answer: str = "") -> None:
        self._answer = answer
        self.template = template
        self.asked = asked
        self.rows = rows
        self.fields: frozenset[str] = frozenset(rows[0]) if rows else frozenset()

    def names(self, words: Words, meaning: str) -> tuple[str, ...]:
        """The fields that carry a meaning here."""
        corrected = CORRECTIONS.get(self.template, {}).get(meaning)
        names = words[meaning] if corrected is None else corrected
        return tuple(name for name in names if name in self.fields)

    @property
    def is_said(self) -> bool:
        """Whether there was any answer."""
        return bool(self._answer.strip())

    def lost(self, wanted: Callable[[str], str | None], words: Words, meaning: str) -> list[str]:
        """Lines of the answer that no row is of. ``wanted`` tells of a line what its row would say of ``meaning``."""
        told = {self.text(row, words, meaning) for row in self.rows}
        lines = [(line, wanted(line)) for line in self._answer.splitlines()]
        return [line.strip() for line, word in lines if word is not None and word not in told]

    def is_whole(self, text: str) -> bool:
        """Whether a text ends in the answer where it ends here; some templates end at what they do not expect."""
        at = -1
        while self._answer and text and (at := self._answer.find(text, at + 1)) >= 0:
            end = at + len(text)
            if end == len(self._answer) or self._answer[end] in _ENDS:
                return True
        return not self._answer or not text

    def raw(self, row: Row, words: Words, meaning: str) -> str:
        """What a row says of a meaning, word for word, where "no" and "none" are answers."""
        return next((str(row[name]).strip() for name in self.names(words, meaning) if row[name]), "")

    def text(self, row: Row, words: Words, meaning: str) -> str:
        """What a row says of a meaning; an empty text where it says nothing. A list's parts are joined."""
        for name in self.names(words, meaning):
            value = row[name]
            found = said(value if isinstance(value, str) else " ".join(value))
            if found:
                return found
        return ""

    def texts(self, row: Row, words: Words, meaning: str) -> list[str]:
        """What a row says of a meaning, as a list."""
        for name in self.names(words, meaning):
            value = row[name]
            found = [value] if isinstance(value, str) else list(value)
            if any(part.strip() for part in found):
                return found
        return []
