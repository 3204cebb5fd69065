"""The parts of a signature from outside: room in the file, the check of what comes back, its timestamp. Pure of the portal."""

from __future__ import annotations

import asyncio
import hashlib
import io
import re
import tempfile
from collections.abc import Collection, Mapping
from typing import Any

from asn1crypto import cms, x509
from pyhanko.sign import signers
from pyhanko.sign.general import SigningError, simple_cms_attribute
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.sign.validation import async_validate_detached_cms
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext

from ...msgids import N_
from ..errors import ServiceDown, SignatureRefused
from .apart import apart
from .levels import Field
from .pades import RESERVED, Look, metadata, style, writer_with
from .timestamps import SERVICE

_LONGEST = RESERVED // 2 - 8192
_ROOM = re.compile(rb"<0{%d}>" % RESERVED)


def with_room(pdf: bytes, field: Field, look: Look, files: Mapping[str, bytes]) -> bytes:
    """The PDF with the field filled but for the signature itself."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as stamp:
        stamp.write(look.stamp)
        stamp.flush()
        made = signers.PdfSigner(metadata(field, look), _nobody(), stamp_style=style(stamp.name))
        out = io.BytesIO()
        preparing = made.async_digest_doc_for_signing(
            writer_with(pdf, files), existing_fields_only=True, bytes_reserved=RESERVED, output=out
        )
        apart(lambda: asyncio.run(preparing))
        return out.getvalue()


def _nobody() -> signers.ExternalSigner:
    """A signer that signs nothing: the room is of a fixed size."""
    return signers.ExternalSigner(signing_cert=None, cert_registry=None, signature_value=256)


def placed(prepared: bytes) -> tuple[int, int]:
    """Where the room for the signature begins and ends, with its brackets. Raises ValueError where there is none."""
    found = list(_ROOM.finditer(prepared))
    if len(found) != 1:
        raise ValueError("the file has no room for one signature")
    return found[0].start(), found[0].end()


def check_cms(data: bytes, signed: bytes, roots: list[x509.Certificate], names: Collection[str]) -> cms.ContentInfo:
    """A detached CMS signature over the bytes. Raises SignatureRefused with what is wrong with it."""
    if len(data) > _LONGEST:
        raise SignatureRefused("cms", N_("The signature is too long. Leave out certificates that are not needed."))
    try:
        content = cms.ContentInfo.load(data, strict=True)
        status = apart(lambda: asyncio.run(_validated(content, signed, roots)))
        certificate: x509.Certificate = status.signing_cert
    except Exception as error:
        raise SignatureRefused("cms", N_("This is no detached CMS signature in DER.")) from error
    if not (status.intact and status.valid):
        raise SignatureRefused(
            "cms", N_("The signature is not of this document. Sign the file that was prepared last.")
        )
    if not status.trusted:
        message = N_("The certificate leads to no root that this portal trusts. Ask the operator which ones it trusts.")
        raise SignatureRefused("cms", message)
    if not _names_of(certificate) & {" ".join(name.split()) for name in names if name}:
        message = N_("The certificate is of {subject}, which is neither the party nor its signer.")
        raise SignatureRefused("cms", message, subject=certificate.subject.human_friendly)
    return content


async def _validated(content: cms.ContentInfo, signed: bytes, roots: list[x509.Certificate]) -> Any:
    context = ValidationContext(trust_roots=roots, allow_fetching=False)
    usage = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False)
    given: Any = content["content"]
    if content["content_type"].native != "signed_data" or given["encap_content_info"]["content"].native:
        raise ValueError("not detached")
    return await async_validate_detached_cms(signed, given, signer_validation_context=context, key_usage_settings=usage)


def _names_of(certificate: x509.Certificate) -> set[str]:
    found = certificate.subject.native
    return {" ".join(str(found[part]).split()) for part in ("common_name", "organization_name") if part in found}


def with_timestamp(content: cms.ContentInfo, timestamps: TimeStamper) -> cms.ContentInfo:
    """The signature with a timestamp over its value. Raises ServiceDown."""
    signed: Any = content["content"]
    info = signed["signer_infos"][0]
    digest = hashlib.sha256(info["signature"].native).digest()
    try:
        token = apart(lambda: asyncio.run(timestamps.async_timestamp(digest, "sha256")))
    except (TimestampRequestError, OSError, SigningError) as error:
        raise ServiceDown("timestamp", service=SERVICE) from error
    added = simple_cms_attribute("signature_time_stamp_token", token)
    info["unsigned_attrs"] = cms.CMSAttributes([added])
    return cms.ContentInfo({"content_type": "signed_data", "content": signed})
