"""Where we read something else than the other parser, and why that is right.

Keys: platform and name of the case, and the kind of fact. Values: how many we do not have, how many we have beside,
and why.
"""

WRAPPED = "the template reads the first line only of a name that was wrapped"

DEVIATIONS: dict[tuple[str, str], dict[str, tuple[int, int, str]]] = {
    ("broadcom_icos", "broadcom_icos_show_vlan_brief"): {
        "vlans": (1, 0, "one VLAN stands there twice: its first name is taken")
    },
    ("brocade_fastiron", "brocade_fastiron_show_interfaces_brief2"): {
        "ports": (
            1,
            0,
            "two tables in one file: the first is believed",
        )
    },
    ("brocade_fastiron", "brocade_fastiron_show_running-config_vlan"): {
        "vlans": (
            1,
            1,
            "the template cuts a name at its underscore",
        )
    },
    ("cisco_nxos", "cisco_nxos_show_lldp_neighbors_multiline"): {
        "links": (
            0,
            5,
            "a neighbour whose name was lost still has a port",
        )
    },
    ("cisco_s300", "cisco_s300_show_vlan_1"): {"vlans": (3, 3, WRAPPED)},
    ("cisco_s300", "cisco_s300_show_vlan_2"): {"vlans": (3, 3, WRAPPED)},
    ("ipmi", "oracle-x4270"): {"facts": (2, 2, "model and serial number of that test are of another sample")},
    ("mikrotik_routeros", "mikrotik_routeros_interface_vlan_print_detail_01"): {
        "vlans": (
            4,
            2,
            "of two names of a VLAN none is taken",
        )
    },
}
