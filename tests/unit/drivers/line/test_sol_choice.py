"""Which console Redfish's documents lead to, and what is to be switched on where they lead to none."""

import pytest

from drivers.errors import Rejected, Unsupported
from drivers.line.sol_choice import Console, managers_of, of_manager, of_system, system_called

pytestmark = pytest.mark.unit

ON, OFF = {"ServiceEnabled": True}, {"ServiceEnabled": False}
SYSTEM = {"@odata.id": "/redfish/v1/Systems/1", "Id": "1", "SerialNumber": "S1"}


def system(**console):
    return {**SYSTEM, "SerialConsole": console}


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({"SSH": {**ON, "Port": 2200}, "IPMI": ON}, Console(way="SSH", port=2200)),
        ({"SSH": OFF, "IPMI": {**ON, "Port": 623}}, Console(way="IPMI", port=623)),
        ({"SSH": {**ON, "SharedWithManagerCLI": True}, "IPMI": ON}, Console(way="IPMI", port=623)),
        ({"SSH": {**ON, "Port": 0}}, Console(way="SSH", port=22)),
        (
            {
                "SSH": {
                    **ON,
                    "SharedWithManagerCLI": True,
                    "ConsoleEntryCommand": "vsp",
                    "HotKeySequenceDisplay": "ESC (",
                }
            },
            Console(way="SSH", port=22, command="vsp"),
        ),
    ],
)
def test_ssh_goes_before_ipmi_where_it_leads_to_the_console(told, found):
    assert of_system(system(**told)) == found


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"SSH": OFF, "IPMI": OFF}, "is switched off: set ServiceEnabled of its SSH, or of its IPMI"),
        ({"SSH": OFF, "Telnet": ON}, "has Telnet only, which tells everybody the password"),
        ({"SSH": {**ON, "SharedWithManagerCLI": True}}, "leads to the manager's command line and names no command"),
    ],
)
def test_what_is_to_be_switched_on_is_said(told, sentence):
    with pytest.raises(Unsupported, match=f"SerialConsole of /redfish/v1/Systems/1 {sentence}"):
        of_system(system(**told))


def test_what_allows_nobody_and_what_is_no_command_is_refused():
    with pytest.raises(Rejected, match="raise MaxConcurrentSessions"):
        of_system(system(SSH=ON, MaxConcurrentSessions=0))
    with pytest.raises(Rejected, match="no line of plain text"):
        of_system(system(SSH={**ON, "SharedWithManagerCLI": True, "ConsoleEntryCommand": "x" * 300}))


@pytest.mark.parametrize("told", [None, "on", [], {}, {"MaxConcurrentSessions": 4}])
def test_a_system_that_tells_of_none_is_asked_for_its_manager(told):
    assert of_system({**SYSTEM, "SerialConsole": told}) is None


def test_a_manager_tells_of_the_console_of_what_it_manages():
    told = {"ServiceEnabled": True, "ConnectTypesSupported": ["SSH", "IPMI", "Oem"]}
    mine = {"SerialConsole": told, "Links": {"ManagerForServers": [{"@odata.id": "/redfish/v1/Systems/1/"}]}}
    assert managers_of(SYSTEM, [{"Id": "other"}, mine]) == (mine,)
    assert of_manager(mine, {"IPMI": {"ProtocolEnabled": True, "Port": 6230}}) == Console(way="IPMI", port=6230)
    assert of_manager(mine, None, command="vsp") == Console(way="SSH", port=22, command="vsp")
    assert of_manager({"Id": "other"}, None) is None
    with pytest.raises(Unsupported, match="is switched off: set its ServiceEnabled"):
        of_manager({"SerialConsole": {"ServiceEnabled": False}}, None)


def test_a_system_is_called_by_what_is_its_own():
    other = {"Id": "2", "SerialNumber": "S2", "UUID": "5e0c1d2f-0000-4000-8000-000000000102"}
    for name in ("2", "s2", "5E0C1D2F-0000-4000-8000-000000000102"):
        assert system_called(name, [SYSTEM, other]) is other
    assert system_called("", [SYSTEM]) is SYSTEM
    with pytest.raises(Unsupported, match="it manages no system"):
        system_called("", [])
