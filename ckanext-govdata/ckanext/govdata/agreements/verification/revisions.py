"""The file's revisions: who signed when, that the last signature covers all, and that nothing was written over in between."""

from __future__ import annotations

from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import SignatureCoverageLevel

from .verdict import FIELDS, Verdict


def check_order(reader: PdfFileReader, signatures: dict[str, Any], pdf: bytes, verdict: Verdict) -> None:
    user, agency = (signatures[name] for name in FIELDS)
    ends = [int(one.byte_range[2]) + int(one.byte_range[3]) for one in (user, agency)]
    verdict.say("order", ends[0] < ends[1] and user.coverage == SignatureCoverageLevel.ENTIRE_REVISION)
    whole = agency.coverage == SignatureCoverageLevel.ENTIRE_FILE and ends[1] == len(pdf)
    verdict.say("whole", whole, f"{ends[1]} of {len(pdf)} bytes")
    verdict.say("unchanged", *_only_the_seal_was_added(reader, user, agency))


# An agreement is made in so many steps: the text, the fields, the user's signature, the agency's.
_REVISIONS = 4


def _only_the_seal_was_added(reader: PdfFileReader, user: Any, agency: Any) -> tuple[bool, str]:
    """Whether what the agency's step wrote over of what the user signed is its own field, and nothing that is shown.

    Stricter than a comparison of documents, and faster: every object written over is known by its place.
    """
    xrefs, last = reader.xrefs, _REVISIONS - 1
    if xrefs.total_revisions != _REVISIONS or (user.signed_revision, agency.signed_revision) != (last - 1, last):
        return False, f"{xrefs.total_revisions} revisions, signed {user.signed_revision} and {agency.signed_revision}"
    before, after = (reader.get_historical_resolver(revision) for revision in (last - 1, last))
    if xrefs.hybrid_xrefs_present or xrefs.refs_freed_in_revision(last):
        return False, "objects freed or hidden"
    old = set().union(*(xrefs.explicit_refs_in_revision(revision) for revision in range(last)))
    written_over = {(ref.idnum, ref.generation) for ref in xrefs.explicit_refs_in_revision(last) & old}
    trailers = (before.trailer_view, after.trailer_view)
    same_root = repr(trailers[0].raw_get("/Root")) == repr(trailers[1].raw_get("/Root"))
    fields = {str(one.get_object()["/T"]): _place(one) for one in after.root["/AcroForm"].raw_get("/Fields")}
    allowed = {fields.get("Agency"), _place(trailers[1].raw_get("/Root"))}
    allowed |= {
        _place(held.raw_get(name)) for held, name in ((trailers[1], "/Info"), (after.root, "/Metadata")) if name in held
    }
    if not same_root or not _same_root(before.root, after.root) or not written_over <= allowed:
        return False, f"written over: {sorted(written_over)}"
    then, now = (_field(resolver, fields.get("Agency")) for resolver in (before, after))
    kept = [{name for name in one if name not in ("/V", "/AP")} for one in (then, now)]
    same = kept[0] == kept[1] and all(repr(then.raw_get(name)) == repr(now.raw_get(name)) for name in kept[1])
    return same and "/V" not in then, "the agency's field"


def _place(reference: Any) -> tuple[int, int] | None:
    return (reference.idnum, reference.generation) if hasattr(reference, "idnum") else None


def _field(resolver: Any, place: tuple[int, int] | None) -> Any:
    return resolver.get_object(generic.Reference(place[0], place[1], resolver)) if place else generic.DictionaryObject()


def _same_root(then: Any, now: Any) -> bool:
    """Whether the document's root says the same; what it says of the kind of signatures in use shows nothing."""
    names = [{name for name in one if name != "/Extensions"} for one in (then, now)]
    return names[0] == names[1] and all(repr(then.raw_get(name)) == repr(now.raw_get(name)) for name in names[0])
