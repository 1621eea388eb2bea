"""Where we find something else than the other system, and why that is right.

Keys: the case, and the kind of fact. Values: how many we do not have, how many we have beside, and why.
"""

NAMELESS = "it leaves out neighbours that send no name: they are at their ports all the same"
LAGS = "it leaves out LAGs without members and interfaces without a cable, which the device shows"
PORT_ZERO = "RouterOS numbers no local port in LLDP-MIB: its own MIB says that all are at ether1, where it has 0"
OPTICS = "it reads transceivers from a table of the vendor's, which we do not: entities do not show them"
BY_STP = "it lists trunks by the VLANs whose spanning tree was asked, and only VLANs that VTP names"

DEVIATIONS: dict[str, dict[str, tuple[int, int, str]]] = {
    "aos": {
        "carries": (0, 12, "two LAGs without members are in all VLANs without a tag: it lists other ports only"),
        "links": (0, 10, NAMELESS),
        "ports": (0, 8, LAGS),
    },
    "ciscosb_c1200-8t-e-2g": {"carries": (0, 1, LAGS), "optics": (2, 0, OPTICS), "ports": (0, 5, LAGS)},
    "dell-os10": {
        "facts": (1, 1, "it takes the hardware's revision for the version of the software, which nothing tells")
    },
    "edgeswitch_usw-flex-xg": {"carries": (0, 35, LAGS), "ports": (0, 32, LAGS)},
    "fs-switch_s3900": {"links": (0, 2, NAMELESS)},
    "ios_2960x": {"carries": (15, 119, BY_STP)},
    "ios_c3560": {"carries": (0, 2, "it lists no access ports whose VLAN has an own bridge that was not recorded")},
    "ios_stp-vlans": {"carries": (1, 0, BY_STP)},
    "iosxe_ie32008t2s-ios17-12": {
        "carries": (0, 8, BY_STP),
        "links": (1, 1, "a neighbour without a name: it shows its description in its place, we its chassis"),
        "ports": (0, 1, LAGS),
    },
    "junos_qfx5100": {"carries": (0, 12, "it drops lists of ports that begin with a 0, as Junos writes them")},
    "nxos_n3k-3064pq": {"carries": (0, 46, BY_STP)},
    "routeros_rb760igs": {
        "carries": (10, 0, "it runs a script on the device, which we do not: SNMP tells only the VLAN of each port"),
        "vlans": (1, 0, "it runs a script on the device, which we do not: SNMP tells only the VLAN of each port"),
    },
    "procurve_2520": {"optics": (1, 0, OPTICS)},
    "router-1-walk": {"links": (5, 5, PORT_ZERO)},
    "router-2-walk": {"links": (5, 5, PORT_ZERO)},
    "switch02-walk": {"links": (0, 1, "one neighbour is heard by two names: it takes both for one device")},
}
