"""Signed notes, checkpoints, cosignatures and receipts: what is signed holds, and nothing else does."""

from __future__ import annotations

import pytest

from ckanext.govdata.ledger import tree
from ckanext.govdata.ledger.checkpoint import Checkpoint, cosign, cosigned_at, open_checkpoint, sign
from ckanext.govdata.ledger.errors import NoteError, ProofError
from ckanext.govdata.ledger.note import COSIGNER_KEY, SignedNote, Signer, Verifier, parse_note
from ckanext.govdata.ledger.receipt import Receipt

ORIGIN = "data.example.cn/ledger"
SIGNER = Signer.generate(ORIGIN)
CHECKPOINT = Checkpoint(ORIGIN, 7, tree.leaf_hash(b"seven"))


def test_a_checkpoint_is_read_back_as_it_was_signed() -> None:
    encoded = sign(CHECKPOINT, SIGNER).encode()
    assert open_checkpoint(encoded, [SIGNER.verifier]) == CHECKPOINT
    assert parse_note(encoded).encode() == encoded


def test_keys_survive_being_written_down() -> None:
    assert Verifier.parse(SIGNER.verifier.encode()) == SIGNER.verifier
    assert Signer.parse(SIGNER.encode()).verifier == SIGNER.verifier


def test_the_example_key_of_gos_documentation_has_its_id() -> None:
    key = Verifier.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    note = (
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    signature = parse_note(note).signatures[0]
    assert key.made(signature) and key.holds(parse_note(note).text.encode(), signature.data)


@pytest.mark.parametrize(
    "change", [lambda text: text.replace("\n7\n", "\n8\n"), lambda text: text.replace(ORIGIN, "other.example", 1)]
)
def test_a_changed_checkpoint_is_refused(change: object) -> None:
    encoded = sign(CHECKPOINT, SIGNER).encode()
    with pytest.raises(NoteError, match="does not hold"):
        open_checkpoint(change(encoded), [SIGNER.verifier])  # type: ignore[operator]


def test_a_checkpoint_under_another_key_of_the_same_name_is_refused() -> None:
    encoded = sign(CHECKPOINT, Signer.generate(ORIGIN)).encode()
    with pytest.raises(NoteError, match="None of the log's keys"):
        open_checkpoint(encoded, [SIGNER.verifier])


def test_a_key_does_not_speak_for_another_log() -> None:
    encoded = sign(Checkpoint("other.example/log", 7, CHECKPOINT.root), SIGNER).encode()
    with pytest.raises(NoteError, match="another log"):
        open_checkpoint(encoded, [SIGNER.verifier])


def test_a_cosignature_tells_when_and_holds_for_this_checkpoint_alone() -> None:
    witness = Signer.generate("witness.example.cn", COSIGNER_KEY)
    note = sign(CHECKPOINT, SIGNER)
    cosigned = SignedNote(note.text, (*note.signatures, cosign(note, witness, 1_700_000_000)))
    assert cosigned_at(parse_note(cosigned.encode()), witness.verifier) == 1_700_000_000
    other = SignedNote(note.text.replace("\n7\n", "\n8\n"), cosigned.signatures)
    assert cosigned_at(other, witness.verifier) is None
    assert cosigned_at(note, witness.verifier) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n\nname base64\n",
        "text\n\n— name !!!\n",
        "text\n\n— name AAAA\n",
        "a\x01\n\n— n AAAAAAA=\n",
    ],
)
def test_what_is_no_note_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        parse_note(text)


@pytest.mark.parametrize("text", ["a\n01\nAAAA\n", "a\n1\nAAAA\n", "a\n-1\n", "a\nx\n\n", ""])
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        Checkpoint.parse(text)


@pytest.mark.parametrize("text", ["", "name", "name+00000000+AAAA", "a b+00000000+AAAA", "name+00000000+" + "A" * 44])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        Verifier.parse(text)
    with pytest.raises(NoteError):
        Signer.parse(text)


def _receipt() -> Receipt:
    entries = [f"entry {number}".encode() for number in range(11)]
    leaves = [tree.leaf_hash(entry) for entry in entries]

    def nodes(height: int, index: int) -> bytes:
        return tree.root_of(leaves[index << height : (index + 1) << height])

    note = sign(Checkpoint(ORIGIN, 11, tree.root_of(leaves)), SIGNER).encode()
    return Receipt(entries[4], 4, tuple(tree.inclusion_proof(nodes, 4, 11)), note)


@pytest.mark.requirement("LYG-21")
def test_a_receipt_proves_its_entry_and_no_other() -> None:
    receipt = Receipt.parse(_receipt().encode())
    assert receipt == _receipt()
    assert receipt.check([SIGNER.verifier]).size == 11
    for forged in (
        Receipt(b"entry 5", receipt.index, receipt.proof, receipt.note),
        Receipt(receipt.entry, 5, receipt.proof, receipt.note),
        Receipt(receipt.entry, -1, receipt.proof, receipt.note),
        Receipt(receipt.entry, 4, receipt.proof[1:], receipt.note),
    ):
        with pytest.raises(ProofError):
            forged.check([SIGNER.verifier])
    with pytest.raises(NoteError):
        receipt.check([Signer.generate(ORIGIN).verifier])


@pytest.mark.parametrize(
    "change",
    [lambda text: text[5:], lambda text: text.replace("extra ", ""), lambda text: text.replace("index 4", "index x")],
)
def test_what_is_no_receipt_is_refused(change: object) -> None:
    with pytest.raises(NoteError):
        Receipt.parse(change(_receipt().encode()))  # type: ignore[operator]
