"""A signature by the signer's own certificate (L2): prepared here, signed outside, put in here. No key ever comes here.

    prepare      the document with room for the signature; `to_sign` is what the signer signs (detached CMS, SHA-256)
    embed        the signature comes back, is checked, gets its timestamp and its place

With OpenSSL: openssl cms -sign -binary -cades -md sha256 -in to_sign.bin -signer cert.pem -inkey key.pem -outform DER -out s.p7s
"""

from __future__ import annotations

import io

from ckan import model
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest

from .. import config
from ..confirming import Confirmation
from ..msgids import N_
from . import keeping
from .errors import NotSignable, ServiceDown, SignatureRefused
from .model import Act, Document
from .sealing import folder, look_of
from .signing.external import check_cms, placed, with_room, with_timestamp
from .signing.levels import Field, Level
from .signing.pades import EVIDENCE
from .signing.timestamps import stamper


def prepare(
    document_id: str, user_id: str, typed: str, expected: str, confirmation: Confirmation
) -> tuple[Document, bytes]:
    """Make room for the user's signature by their own certificate; answers the bytes to sign. May be done anew until signed.

    Raises NotSignable, SignatureRefused.
    """
    row, evidence = keeping.begin_own(document_id, user_id, typed, expected, confirmation)
    waiting = keeping.act_of(row.id, Field.USER)
    if waiting is not None and waiting.level == Level.OWN_CERTIFICATE.value:
        waiting.state = "dropped"
        model.Session.flush()
    act = keeping.new_act(row, Field.USER, Level.OWN_CERTIFICATE, user_id, evidence)
    act.prepared = with_room(row.pdf, Field.USER, look_of(row, act), {EVIDENCE: evidence})
    model.Session.flush()
    return row, to_sign(act)


def to_sign(act: Act) -> bytes:
    """What the signer signs: the whole file but for the room of the signature."""
    start, end = placed(_prepared(act))
    return _prepared(act)[:start] + _prepared(act)[end:]


def embed(document_id: str, user_id: str, cms: bytes) -> Document:
    """Put in the signature that was made outside. Raises SignatureRefused with what is wrong, ServiceDown without a timestamp.

    The certificate has to lead to a root that the operator trusts, and to name the party or the signer.
    """
    row = keeping.locked(document_id)
    act = keeping.act_of(row.id, Field.USER)
    if act is None or act.level != Level.OWN_CERTIFICATE.value or row.step != "presented":
        raise NotSignable("id", N_("Nothing was prepared for a signature from outside. Prepare it first."))
    if act.by != user_id:
        raise SignatureRefused("id", N_("Somebody else prepared this signature. Prepare it yourself."))
    keeping.demand_right(row, user_id)
    signature = check_cms(cms, to_sign(act), folder().roots(), keeping.names_on_certificate(row, act))
    try:
        signature = with_timestamp(signature, stamper(config.agreements_clock(), folder()))
    except ServiceDown as error:
        # Nothing is kept of it: the signer hands it in again, and the prepared file still fits.
        raise SignatureRefused("timestamp", error.message, **error.values) from error
    prepared = _prepared(act)
    out = io.BytesIO(prepared)
    start, end = placed(prepared)
    PreparedByteRangeDigest(b"", start, end).fill_with_cms(out, signature)
    keeping.finish(row, act, out.getvalue())
    return row


def _prepared(act: Act) -> bytes:
    return bytes(act.prepared or b"")
