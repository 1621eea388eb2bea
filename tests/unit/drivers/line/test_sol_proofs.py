"""What controllers prove, and what is held against what is pinned of them."""

import pytest

from drivers.line.sol_proofs import contradiction, pinned

pytestmark = pytest.mark.unit

GUID = "5254000b-0c00-4000-8000-000000000001"
CERTIFICATE = "SHA256:" + ":".join(["AB"] * 32)
OTHER = "SHA256:" + ":".join(["CD"] * 32)
KEY, OTHER_KEY = "SHA256:" + "a" * 43, "SHA256:" + "A" * 43
NOBODY = "SHA256:nobody"


@pytest.mark.parametrize(
    ("pin", "proof", "found"),
    [
        (CERTIFICATE, f"{CERTIFICATE} {KEY}", ""),
        (CERTIFICATE.lower().replace("sha", "SHA"), CERTIFICATE, ""),
        (GUID.upper(), GUID, ""),
        (f"{CERTIFICATE} {KEY}", GUID, ""),
        (CERTIFICATE, f"{OTHER} {KEY}", OTHER),
        (f"{CERTIFICATE} {KEY}", f"{CERTIFICATE} {OTHER_KEY}", OTHER_KEY),
        (NOBODY, GUID, GUID),
        (CERTIFICATE, "", ""),
    ],
)
def test_what_is_pinned_is_not_contradicted(pin, proof, found):
    assert contradiction(pin, proof) == found


def test_each_protocol_is_told_its_own_word():
    pin = f"{CERTIFICATE} {KEY}"
    assert (pinned(pin, "certificate"), pinned(pin, "host key"), pinned(pin, "GUID")) == (CERTIFICATE, KEY, None)
    assert pinned(None, "GUID") is None
    assert pinned(NOBODY, "GUID") == NOBODY
