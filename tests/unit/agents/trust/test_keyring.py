"""Keys: what is signed by one that is known is believed, and nothing else."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agents.trust.keyring import KeyRing, Mistrusted
from device_profiles.signing import KeyLink, Kind, key_id, key_to_sign, sealed, to_sign, unsealed

pytestmark = pytest.mark.unit


class Key:
    def __init__(self) -> None:
        self.private = Ed25519PrivateKey.generate()
        self.public = self.private.public_key().public_bytes_raw()

    def link(self, by: "Key | None" = None) -> KeyLink:
        key = base64.b64encode(self.public).decode()
        if by is None:
            return KeyLink(key=key)
        signature = base64.b64encode(by.private.sign(key_to_sign(self.public))).decode()
        return KeyLink(key=key, by=key_id(by.public), signature=signature)

    def message(self, body: bytes, kind: Kind = "assignment") -> bytes:
        return sealed(body, key=key_id(self.public), signature=self.private.sign(to_sign(kind, body)))


ONE, TWO, THREE, OTHER = Key(), Key(), Key(), Key()
BODY = b'{"node":"sw1","signature":"no"}'


def test_a_message_is_taken_apart_as_it_was_put_together() -> None:
    data = ONE.message(BODY)
    signed = unsealed(data)
    assert signed is not None
    assert (signed.body, signed.key) == (BODY, key_id(ONE.public))
    assert KeyRing([ONE.public]).opened("assignment", data) == BODY


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        BODY,
        ONE.message(BODY).replace(b"sw1", b"sw2"),
        ONE.message(BODY, "unassigned"),
        OTHER.message(BODY),
        ONE.message(BODY)[:-10] + b'AAAAAAA="}',
        ONE.message(BODY)[:-10] + b'\xff!!!!!!="}',
    ],
)
def test_what_is_changed_or_of_another_kind_or_key_is_not_believed(data: bytes) -> None:
    with pytest.raises(Mistrusted):
        KeyRing([ONE.public]).opened("assignment", data)


def test_keys_that_are_vouched_for_are_learnt_and_old_ones_stay_good() -> None:
    ring = KeyRing()
    assert ring.learn([ONE.link()])
    assert ring.learn([ONE.link(), TWO.link(by=ONE), THREE.link(by=TWO)])
    assert not ring.learn([ONE.link(), TWO.link(by=ONE), THREE.link(by=TWO)])
    ring = KeyRing.load(ring.dump())
    for key in (ONE, TWO, THREE):
        assert ring.opened("assignment", key.message(BODY)) == BODY


@pytest.mark.parametrize(
    "links", [[OTHER.link()], [], [TWO.link(by=OTHER)], [KeyLink(key="no key", by="x", signature="?")]]
)
def test_a_chain_that_begins_elsewhere_is_not_believed(links: list[KeyLink]) -> None:
    with pytest.raises(Mistrusted, match="--new-service"):
        KeyRing([ONE.public]).learn(links)


def test_a_stranger_at_the_end_of_a_known_chain_is_not_learnt() -> None:
    forged = KeyLink(key=OTHER.link().key, by=key_id(ONE.public), signature=TWO.link(by=ONE).signature)
    ring = KeyRing([ONE.public])
    assert not ring.learn([ONE.link(), forged])
    with pytest.raises(Mistrusted):
        ring.opened("assignment", OTHER.message(BODY))
