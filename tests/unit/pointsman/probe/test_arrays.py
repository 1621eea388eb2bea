"""A probe of array twins: the profile is found out, the array is read and recorded, and the recording reads alike."""

import pytest

from device_profiles.catalogue import known_profiles
from drivers.recording import Recorder, RecordingConnection, load, save
from drivers.rest.messages import asking
from drivers.rest.playing import play
from drivers.transports.replay import Replay
from drivers.vendors.netapp_ontap.driver import Ontap
from drivers.vendors.netapp_ontap.reading import FIELDS
from pointsman.probe.detection import detect
from pointsman.probe.document import document
from pointsman.probe.reading import examine
from pointsman.subjects import factory, netapp_ontap
from pointsman.twins.arrays.ontap import Direct

pytestmark = pytest.mark.unit

KNOWN = known_profiles()
TGT = KNOWN["tgt"]


async def test_a_shell_with_tgtadm_is_found_out(monkeypatch):
    monkeypatch.setattr("pointsman.probe.detection._TIMEOUT_S", 0.1)  # how long a prompt is waited for that never comes
    async with factory("tgt")(TGT) as subject:
        connection = await subject.open()
        fit = await detect(connection, KNOWN)
        await connection.close()
    assert fit.profile.name == "tgt"


async def test_a_recording_of_an_array_reads_as_the_array(tmp_path):
    async with factory("tgt")(TGT) as subject:
        connection = await subject.open()
        recorder = Recorder(TGT)
        shown = document(TGT, await examine(RecordingConnection(connection, recorder), TGT))
        await connection.close()
    save(tmp_path / "san", recorder.exchanges, profile="tgt")
    again = document(TGT, await examine(Replay(load(tmp_path / "san"), TGT), TGT))
    assert shown["observed"]["volumes"]["found"]["size"] == 64 << 20
    assert [link["evidence"][0]["kind"] for link in shown["links"]] == ["session", "masking"]
    assert again["observed"] == shown["observed"]
    assert again["facts"]["storage"] == shown["facts"]["storage"]
    assert again["operation"]["sessions"] == shown["operation"]["sessions"]


async def test_a_tree_of_records_reads_as_the_array(tmp_path):
    array = netapp_ontap.array()
    array.needs_login = False
    for path in (*(f"/api/{kind}" for kind in FIELDS), "/api/cluster", "/api/cluster/nodes"):
        fields = FIELDS.get(path.removeprefix("/api/"), "name")
        (tmp_path / path[1:]).mkdir(parents=True)
        (tmp_path / path[1:] / "index.json").write_bytes(array(asking("GET", f"{path}?fields={fields}")).body)
    profile = KNOWN["netapp_ontap"]
    recorded = await Ontap(play(tmp_path), profile).read(())
    assert recorded == await Ontap(Direct(array), profile).read(())
    assert recorded.exports["found"].luns == {0: "found"}
