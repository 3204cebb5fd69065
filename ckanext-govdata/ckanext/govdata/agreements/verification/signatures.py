"""One signature by itself: its bytes, its certificate, its timestamp, its container."""

from __future__ import annotations

from typing import Any

from asn1crypto import x509
from pyhanko.sign.general import find_cms_attribute_iter
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext

from .plain_bytes import container_is_plain
from .reading import at
from .verdict import Verdict


def check_signature(one: Any, who: str, roots: list[x509.Certificate], pdf: bytes, verdict: Verdict) -> None:
    # Signatures outlive their certificates: a chain is judged by the moment that the timestamp proves.
    status = _validated(one, roots, None)
    stamp = status.timestamp_validity
    good_time = bool(stamp and stamp.valid and stamp.intact and stamp.trusted)
    if good_time and not status.trusted:
        status = _validated(one, roots, stamp.timestamp)
    verdict.say(who, status.intact and status.valid, "digest or signature value differ")
    verdict.say(f"{who}_trusted", status.trusted, "no chain to a trusted root")
    verdict.say(f"{who}_time", good_time, "no valid timestamp under a trusted root")
    told = {"reason": "/Reason", "declared": "/Name"}
    signer = {name: str(at(one.sig_object, entry) or "") for name, entry in told.items()}
    signer["name"] = _name_of(one.signer_cert)
    if stamp:
        signer |= {"time": stamp.timestamp.isoformat(), "clock": _name_of(stamp.signing_cert)}
    verdict.signers[who] = signer
    stamps = find_cms_attribute_iter(one.signer_info["unsigned_attrs"], "signature_time_stamp_token")
    heads = [one.signed_data, *(stamp["content"] for stamp in stamps)]
    start, length, after, rest = (int(number) for number in one.byte_range)
    plain = container_is_plain(pdf, (start, length, after, rest)) and all(_says_what_it_uses(head) for head in heads)
    verdict.say("container", plain, one.field_name)


def _validated(one: Any, roots: list[x509.Certificate], moment: Any) -> Any:
    context = ValidationContext(trust_roots=roots, allow_fetching=False, moment=moment)
    clock = ValidationContext(trust_roots=roots, allow_fetching=False)
    usage = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False)
    return validate_pdf_signature(one, context, clock, key_usage_settings=usage, skip_diff=True)


def _name_of(certificate: x509.Certificate) -> str:
    return str(certificate.subject.native.get("common_name") or certificate.subject.human_friendly)


def _says_what_it_uses(signed: Any) -> bool:
    """Whether a signature's head, which no digest covers, names the version and the kind of digest that are used in it."""
    signers = signed["signer_infos"]
    named = [(kind["algorithm"].dotted, kind["parameters"].native) for kind in signed["digest_algorithms"]]
    used = [(one["digest_algorithm"]["algorithm"].dotted, None) for one in signers]
    # RFC 5652, 5.1: the third version for anything but plain data, such as a timestamp, or a signer named by its key.
    data = signed["encap_content_info"]["content_type"].native == "data"
    third = not data or any(one["version"].native == "v3" for one in signers)
    plain = all(_signer_is_plain(one) for one in signers)
    return len(signers) == 1 and named == used and plain and signed["version"].native == ("v3" if third else "v1")


def _signer_is_plain(one: Any) -> bool:
    """Whether the bytes of a signer's own head that nothing signs are as the standard has them: its version, no parameters."""
    version = 3 if one["sid"].name == "subject_key_identifier" else 1
    digest = one["digest_algorithm"]
    kind = digest["algorithm"].dump()
    return one.contents[:3] == bytes((2, 1, version)) and digest.contents in (kind, kind + b"\x05\x00")
