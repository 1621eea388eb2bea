"""`pointsman probe` of Redfish services: which profile fits, what they tell, and that no password is shown or kept."""

import asyncio
import json

import pytest

from device_profiles.catalogue import all_profiles
from drivers.errors import Unsupported
from pointsman.cli.app import run
from pointsman.probe.detection import detect_served
from pointsman.twins.redfish.array import StorageArray
from pointsman.twins.redfish.enclosure import Enclosure
from pointsman.twins.redfish.pdu import RackPdu
from pointsman.twins.redfish.service import PASSWORD, ROOT, USER, Direct, Service
from pointsman.twins.web import Web

pytestmark = pytest.mark.unit


async def probed(words):
    """Run the command in a thread of its own, as it has its own loop."""
    return await asyncio.to_thread(run, ["probe", *words, "--json"])


@pytest.fixture
def password(tmp_path):
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    return file


@pytest.mark.parametrize(("scheme", "secure"), [("redfish+https", True), ("redfish+http", False)])
async def test_a_service_is_probed_and_recorded_and_the_recording_reads_the_same(
    scheme, secure, tmp_path, password, capsys
):
    twin = Enclosure(needs_login=True)
    made = tmp_path / "made"
    async with Web(twin, secure=secure) as web:
        words = [f"{scheme}://{USER}@{web.address}", "--credentials", f"file:{password}", "--record", str(made)]
        assert await probed(words) == 0
    assert twin.tokens == {}, "sessions are left behind"
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert found["profile"] == "redfish"
    assert found["observed"]["slots"]["2"]["power"] == "on"
    assert found["links"][0]["b"]["serial"] == "TW1-B1"
    assert ("shows SHA256:" in told.err) == secure
    assert await probed([f"replay:{made}"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert (again["observed"], again["facts"]) == (found["observed"], found["facts"])
    assert PASSWORD not in told.out + told.err + "".join(file.read_text() for file in made.rglob("*.json"))


async def test_a_wrong_password_is_told(tmp_path, capsys):
    wrong = tmp_path / "wrong"
    wrong.write_text("not-this-one")
    async with Web(Enclosure(needs_login=True), secure=True) as web:
        assert await probed([f"redfish+https://{USER}@{web.address}", "--credentials", f"file:{wrong}"]) == 1
    told = capsys.readouterr()
    assert "refuses the login" in told.err
    assert "not-this-one" not in told.out + told.err


async def fit_of(service):
    return (await detect_served(Direct(service), all_profiles())).profile.name


@pytest.mark.parametrize(
    ("path", "told", "name"),
    [
        (ROOT, {"Vendor": "HPE"}, "hpe_ilo"),
        (ROOT, {"Oem": {"Dell": {"ServiceTag": "X"}}}, "dell_idrac"),
        (ROOT, {"Vendor": "Supermicro", "Product": "AMI Redfish Server"}, "supermicro_bmc"),
        (ROOT, {"Vendor": "Lenovo"}, "lenovo_xcc"),
        (ROOT, {"Id": "RedvirtService"}, "sushy_tools"),
        (f"{ROOT}/Managers/EM", {"Model": "OpenBmc"}, "openbmc"),
        (f"{ROOT}/Managers/EM", {}, "redfish"),
    ],
)
async def test_vendors_are_told_apart(path, told, name):
    twin = Enclosure()
    twin.resources[path].update(told)
    assert await fit_of(twin) == name


async def test_where_two_vendors_fit_the_general_profile_does():
    twin = Enclosure()
    twin.resources[ROOT]["Oem"] = {"Hpe": {}, "Dell": {}}
    assert await fit_of(twin) == "redfish"


async def test_pdus_are_told_apart():
    assert await fit_of(RackPdu()) == "redfish_pdu"
    assert await fit_of(RackPdu(switched=False)) == "redfish_pdu_metered"


async def test_arrays_are_told_apart():
    assert await fit_of(StorageArray()) == "swordfish"


async def test_a_service_of_nothing_fits_nothing():
    empty = Service()
    empty.add(ROOT, RedfishVersion="1.6.0")
    with pytest.raises(Unsupported, match="no profile fits Redfish"):
        await fit_of(empty)
