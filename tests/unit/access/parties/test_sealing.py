"""Numbers are sealed by the algorithm that each record names, bound to the record, and found by a keyed digest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ckanext.govdata.access.parties.errors import KeysMissing, SealBroken
from ckanext.govdata.access.parties.sealing import SUITES, Keyring

NUMBER = b"320705199003071234"


@pytest.fixture(params=sorted(SUITES))
def ring(request: pytest.FixtureRequest) -> Keyring:
    return Keyring.generate(request.param)


def test_what_is_sealed_names_its_algorithm_and_key_and_opens_again(ring: Keyring) -> None:
    sealed = ring.seal(NUMBER, "number 1")
    assert sealed.algorithm in ("aes-256-gcm", "sm4-gcm")
    assert NUMBER not in sealed.data
    assert ring.open(sealed, "number 1") == NUMBER
    assert ring.seal(NUMBER, "number 1").data != sealed.data, "the same number never looks the same"


def test_a_seal_moved_to_another_record_does_not_open(ring: Keyring) -> None:
    with pytest.raises(SealBroken):
        ring.open(ring.seal(NUMBER, "number 1"), "number 2")


def test_every_changed_byte_of_a_seal_is_found(ring: Keyring) -> None:
    sealed = ring.seal(NUMBER, "number 1")
    for place in range(len(sealed.data)):
        changed = bytearray(sealed.data)
        changed[place] ^= 1
        with pytest.raises(SealBroken):
            ring.open(replace(sealed, data=bytes(changed)), "number 1")


def test_a_record_that_claims_another_algorithm_does_not_open(ring: Keyring) -> None:
    other = {"aes-256-gcm": "sm4-gcm", "sm4-gcm": "aes-256-gcm"}
    sealed = ring.seal(NUMBER, "number 1")
    with pytest.raises(SealBroken):
        ring.open(replace(sealed, algorithm=other[sealed.algorithm]), "number 1")


def test_the_digest_is_the_same_for_the_same_number_and_another_under_another_key(ring: Keyring) -> None:
    number = NUMBER.decode()
    assert ring.digest("resident_id", number) == ring.digest("resident_id", number)
    assert ring.digest("resident_id", number) != ring.digest("passport", number)
    other = Keyring.generate("international")
    assert ring.digest("resident_id", number).value != other.digest("resident_id", number).value


def test_old_keys_go_on_opening_after_a_change_of_algorithm_and_leave_when_unused() -> None:
    old = Keyring.generate("international")
    sealed = old.seal(NUMBER, "number 1")
    new = old.renewed("chinese", digest_too=False)
    assert new.open(sealed, "number 1") == NUMBER
    assert new.seal(NUMBER, "number 1").algorithm == "sm4-gcm"
    assert new.digest("x", "1") == old.digest("x", "1"), "the index stays until it is changed as well"
    slim = new.without({old.seal_with, new.seal_with})
    assert slim.seal_with in slim.keys
    with pytest.raises(KeysMissing) as caught:
        slim.open(sealed, "number 1")
    assert old.seal_with in str(caught.value)


def test_a_key_file_is_read_as_it_was_written_and_its_keys_stay_out_of_sight(ring: Keyring) -> None:
    again = Keyring.read(ring.write())
    assert again.open(ring.seal(NUMBER, "number 1"), "number 1") == NUMBER
    for key in ring.keys.values():
        assert key.secret.hex() not in repr(ring)
        assert repr(key.secret) not in repr(ring)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 1, "seal": "a", "digest": "b", "keys": []}'])
def test_a_damaged_key_file_is_named_as_such(text: str) -> None:
    with pytest.raises(KeysMissing):
        Keyring.read(text)


def test_the_chinese_algorithms_agree_with_the_standards_vectors() -> None:
    """RFC 8998's vector for SM4-GCM, and GB/T 32905's for SM3 within an HMAC computed by hand."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.hashes import SM3, Hash

    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    nonce = bytes.fromhex("00001234567800000000ABCD")
    extra = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
    plain = bytes.fromhex("AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDD") + bytes.fromhex(
        "EEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA"
    )
    sealer = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    sealer.authenticate_additional_data(extra)
    text = sealer.update(plain) + sealer.finalize()
    assert text.hex().startswith("17f399f08c67d5ee19d0dc9969c4bb7d")
    assert sealer.tag.hex() == "83de3541e4c2b58177e065a9bf7b62ec"
    digest = Hash(SM3())
    digest.update(b"abc")
    assert digest.finalize().hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
