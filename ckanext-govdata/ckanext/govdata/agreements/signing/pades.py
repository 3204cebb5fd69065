"""Puts signatures into the agreement's PDF (PAdES, ETSI EN 319 142), each with its timestamp (level B-T).

The fields lie ready from the beginning. The user's signature certifies the document: after it only the agency's field may be
filled. A signature that cannot get its timestamp is not made at all.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.embed import EmbeddedFileObject, FileSpec, embed_file
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import LayoutError
from pyhanko.sign import fields, signers
from pyhanko.sign.general import SigningError
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.stamp import StaticStampStyle

from ..errors import ServiceDown
from .apart import apart
from .levels import Field
from .timestamps import SERVICE

# Where documents/agreement.typ draws the boxes, on the last page: left, bottom, right, top in points.
BOXES = {Field.AGENCY: (70, 72, 287, 180), Field.USER: (308, 72, 525, 180)}
EVIDENCE = "evidence.json"
# Hexadecimal digits kept free for a signature with certificates and timestamp; chains of authorities are long.
RESERVED = 24_576


@dataclass(frozen=True)
class Look:
    """What a signature says of itself beside its bytes: reason, and its appearance as a page of PDF."""

    reason: str
    name: str
    stamp: bytes


def with_fields(pdf: bytes) -> bytes:
    """The unsigned PDF with both fields for signatures."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    for field in Field:
        fields.append_signature_field(writer, fields.SigFieldSpec(field.value, on_page=-1, box=BOXES[field]))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def sign(
    pdf: bytes,
    field: Field,
    signer: signers.Signer,
    timestamps: TimeStamper,
    look: Look,
    files: Mapping[str, bytes] | None = None,
) -> bytes:
    """The PDF with this field signed and stamped with the time. Raises ServiceDown: then there is no signature at all."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as stamp:
        stamp.write(look.stamp)
        stamp.flush()
        writer = writer_with(pdf, files or {})
        out = io.BytesIO()
        made = signers.PdfSigner(metadata(field, look), signer, timestamper=timestamps, stamp_style=style(stamp.name))
        try:
            apart(lambda: made.sign_pdf(writer, output=out, bytes_reserved=RESERVED, existing_fields_only=True))
        except (TimestampRequestError, OSError) as error:
            raise ServiceDown("timestamp", service=SERVICE) from error
        except (SigningError, LayoutError) as error:
            raise ServiceDown("signature", service=SERVICE) from error
    return out.getvalue()


def writer_with(pdf: bytes, files: Mapping[str, bytes]) -> IncrementalPdfFileWriter:
    """What appends to the PDF, with these files put inside."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    for name, data in files.items():
        held = EmbeddedFileObject.from_file_data(writer, data, mime_type="application/json")
        relation = generic.pdf_name("/Supplement")
        embed_file(
            writer,
            FileSpec(
                file_spec_string=name, file_name=name, embedded_data=held, description=name, af_relationship=relation
            ),
        )
    return writer


def metadata(field: Field, look: Look) -> signers.PdfSignatureMetadata:
    """What a field's signature declares; the user's certifies the document."""
    first = field is Field.USER
    return signers.PdfSignatureMetadata(
        field_name=field.value,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        reason=look.reason,
        name=look.name,
        certify=first,
        docmdp_permissions=fields.MDPPerm.FILL_FORMS,
    )


def style(stamp: str) -> StaticStampStyle:
    """A signature's appearance from a file of PDF."""
    return StaticStampStyle.from_pdf_file(stamp, border_width=0, background_opacity=1)
