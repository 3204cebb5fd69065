"""Timestamps (RFC 3161): of an authority that the operator names by its address, or of the portal's own clock.

The portal's own clock is called that: it proves the order of things to whoever trusts the portal, and no more.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from asn1crypto import cms, keys, tsp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pyhanko.sign.general import as_signing_certificate
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko.sign.timestamps.requests_client import RequestsHTTPTimeStamper

from ...msgids import N_
from ..errors import KeysMissing, ServiceDown
from .keys import Folder, Identity

SERVICE = N_("The timestamp service")
_SECONDS = 10


class OwnClock(DummyTimeStamper):
    """The portal's own timestamps: what pyHanko makes, by a key that is read once and not checked anew each time."""

    def __init__(self, identity: Identity) -> None:
        if not isinstance(identity.key, RSAPrivateKey):
            raise KeysMissing("The portal's clock needs an RSA key. Make it with: ckan govdata agreements keygen.")
        nothing: Any = keys.PrivateKeyInfo()
        super().__init__(identity.certificate, nothing)
        self._key = identity.key

    def _sign_tst_info(self, tst_info_data: bytes, md_algorithm: str, dt: datetime) -> tuple[bytes, Any]:
        digest = hashes.Hash(hashes.SHA256())
        digest.update(tst_info_data)
        given: list[tuple[str, Any]] = [
            ("content_type", "tst_info"),
            ("signing_certificate", as_signing_certificate(self.tsa_cert)),
            ("message_digest", digest.finalize()),
        ]
        attributes = [cms.CMSAttribute({"type": cms.CMSAttributeType(name), "values": (one,)}) for name, one in given]
        signed = cms.CMSAttributes(attributes)
        return self._key.sign(signed.dump(), PKCS1v15(), hashes.SHA256()), signed


class Authority(RequestsHTTPTimeStamper):
    """A timestamp authority by HTTP. An answer that is no answer, or a refusal, counts as no service."""

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        try:
            return await super().async_request_tsa_response(req)
        except TimestampRequestError as error:
            raise ServiceDown("timestamp", service=SERVICE) from error
        except (ValueError, TypeError) as error:
            raise ServiceDown("timestamp", service=SERVICE) from error


def stamper(address: str, folder: Folder) -> TimeStamper:
    """The timestamps of this portal: of the authority at the address, or its own clock's where there is none."""
    return Authority(address, timeout=_SECONDS) if address else OwnClock(folder.identity("clock"))
