"""Which profile and which variant a device is, by what it says of itself."""

import pytest

from device_profiles.profile import load_profiles
from drivers.registry import make_driver
from drivers.snmp import signs
from drivers.snmp.playing import Played
from drivers.snmp.records import parse

pytestmark = pytest.mark.unit

PROFILES = {name: profile for name, profile in load_profiles().items() if profile.snmp is not None}
SWITCH = PROFILES["snmp_switch"]
INTERFACE = "1.3.6.1.2.1.2.2.1.2.1|4|eth0"
BRIDGE = "1.3.6.1.2.1.17.1.4.1.2.1|2|1"
NET_SNMP = "8072.3.2.10"

DEVICES = {
    "a host": (NET_SNMP, "Linux h1", [INTERFACE], "snmp_interfaces"),
    "a host's agent on a switch": (NET_SNMP, "Linux sw1", [INTERFACE, BRIDGE], "snmp_switch"),
    "SONiC without a bridge's MIB": (NET_SNMP, "SONiC Software Version: SONiC.202305", [INTERFACE], "snmp_switch"),
    "what nobody knows": ("99999.1", "whatever", [INTERFACE], "snmp_switch"),
    "a PDU in somebody else's name": (
        "99999.1",
        "PDU",
        [INTERFACE, BRIDGE, "1.3.6.1.4.1.534.6.6.7.6.6.1.2.0.1|2|1"],
        "eaton_epdu",
    ),
    "a PDU": (
        "318.1.3.4.6",
        "APC Web/SNMP Management Card",
        [INTERFACE, "1.3.6.1.4.1.318.1.1.12.1.1.0|4|p"],
        "apc_pdu_metered",
    ),
}


async def shown(object_id, descr, lines):
    head = [f"1.3.6.1.2.1.1.1.0|4|{descr}", f"1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.{object_id}"]
    wanted = [sign for profile in PROFILES.values() for sign in profile.snmp.signs]
    return await signs.look(Played({None: parse([*head, *lines])}), wanted)


@pytest.mark.parametrize("device", DEVICES)
async def test_the_profile_that_fits(device):
    object_id, descr, lines, expected = DEVICES[device]
    found = signs.best(await shown(object_id, descr, lines), [each.snmp for each in PROFILES.values() if each.snmp])
    names = [name for name, profile in PROFILES.items() if profile.snmp in found]
    assert names == [expected]


VARIANTS = {
    "cisco_ios": ("9.1.1208", "Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(2)E7"),
    "cisco_iosxe": ("9.1.2494", "Cisco IOS Software [Fuji], Catalyst L3 Switch Software (CAT9K_IOSXE), Version 16.9.4"),
    "cisco_nxos": ("9.12.3.1.3.1163", "Cisco NX-OS(tm) nxos.7.0.3.I7.8.bin, Software (nxos), Version 7.0(3)I7(8)"),
    "cisco_s300": ("9.6.1.95.10.3", "SG350-10 10-Port Gigabit Managed Switch"),
    "brocade_fabos": ("1588.2.1.1.133", "DS-6520B"),
    "extreme_voss": ("1916.2.352", "5520-24T-VOSS (8.2.5.0)"),
    "aruba_aoscx": ("47196.4.1.1.1.50", "Aruba JL635A GL.10.04.0001"),
    "allied_telesis": ("207.1.14.99", "Allied Telesis router/switch, Software (AlliedWare Plus) Version 5.4.7"),
    "brocade_fastiron": (
        "1991.1.3.62.2.1.1.1.22",
        "Ruckus Wireless, Inc. ICX7150-C12-POE, IronWare Version 08.0.61T211",
    ),
    "brocade_nos": ("1588.2.2.1.1.1.5", "Brocade VDX Switch."),
    "cumulus": ("40310", "Cumulus-Linux 4.1.1 (Linux Kernel 4.19.94)"),
    "dell_powerconnect": ("674.10895.3053", "Dell Networking N3048, 6.2.6.6, Linux 3.6.5"),
    "extreme_eos": ("5624.2.2.314", "Enterasys Networks, Inc. B5G124-48 Rev 06.81.06.0001"),
    "extreme_exos": ("1916.2.167", "ExtremeXOS (X440-24t) version 15.3.2.11 v1532b11 by release-manager"),
    "fortinet_fortiswitch": ("12356.106.1.108", "FortiSwitch-108E"),
    "hp_comware": ("25506.11.1.87", "HPE Comware Platform Software, Software Version 7.1.045, Release 2311P05"),
    "huawei_vrp": ("2011.2.23.339", "S5720-28X-PWR-LI-AC Huawei Versatile Routing Platform Software"),
    "siemens_scalance": ("4196.1.1.5.2.42", "Siemens, SIMATIC NET, SCALANCE XB208, 6GK5 208-0BA00-2AB2"),
    "sonic": (NET_SNMP, "SONiC Software Version: SONiC.202305 - HwSku: Accton-AS7726-32X"),
    "tplink": ("11863.5.33", "JetStream 28-Port Gigabit L2 Managed Switch"),
}


@pytest.mark.parametrize("platform", VARIANTS)
async def test_the_variant_that_fits(platform):
    object_id, descr = VARIANTS[platform]
    (found,) = signs.best(await shown(object_id, descr, []), SWITCH.snmp.variants)
    assert found.platform == platform


# sysObjectID and sysDescr as makers document them, and what they say.
TOLD = {
    "6486.801.1.1.2.1.11.1.7": (
        "Alcatel-Lucent Enterprise OS6860E-P24 8.4.1.141.R03 GA, December 07, 2017.",
        ("", "8.4.1.141.R03"),
    ),
    "674.11000.5000.100.2.1.1": (
        "Dell EMC Networking OS10 Enterprise. OS Version: 10.5.1.0. System Type: S5248F-ON",
        ("S5248F-ON", "10.5.1.0"),
    ),
    "6027.1.3.20": (
        "Dell Networking OS Operating System Version: 2.0 Application Software Version: 9.11(2.0) Series: S4048-ON",
        ("S4048-ON", "9.11(2.0)"),
    ),
    "11.2.3.7.11.166": (
        "HPE OfficeConnect Switch 1820 24G J9980A, PT.02.01, Linux 3.6.5-ac96795c, U-Boot 2012.10",
        ("HPE OfficeConnect Switch 1820 24G J9980A", "PT.02.01"),
    ),
    "2011.2.23.339": (
        "S5720-28X-PWR-LI-AC Huawei VRP (R) software,Version 5.170 (S5720 V200R011C10SPC600)",
        ("S5720-28X-PWR-LI-AC", "V200R011C10SPC600"),
    ),
    "1991.1.3.62.2.1.1.1.22": (
        "Ruckus Wireless, Inc. ICX7150-C12-POE, IronWare Version 08.0.61T211 Compiled on Apr 27 2017",
        ("ICX7150-C12-POE", "08.0.61T211"),
    ),
    NET_SNMP: (
        "SONiC Software Version: SONiC.202305.1 - HwSku: Accton-AS7726-32X - Distribution: Debian 11.7",
        ("Accton-AS7726-32X", "202305.1"),
    ),
    "16177.1.2.5": (
        "Westermo Lynx-5512-E-F4G-T8G-LV, primary:v4.24.1, backup:v4.17.0",
        ("Lynx-5512-E-F4G-T8G-LV", "4.24.1"),
    ),
    "99999.3": ("ACME Networks XS-24, Software Version: 1.2.3.", ("ACME Networks XS-24", "1.2.3")),
}


@pytest.mark.parametrize("object_id", TOLD)
async def test_model_and_version_by_what_a_device_says_of_itself(object_id):
    descr, (model, version) = TOLD[object_id]
    lines = [f"1.3.6.1.2.1.1.1.0|4|{descr}", f"1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.{object_id}", INTERFACE]
    facts = await make_driver(Played({None: parse(lines)}), SWITCH).facts()
    assert facts["platform_version"] == version
    assert not model or facts["dmi"]["system"]["product_name"] == model
