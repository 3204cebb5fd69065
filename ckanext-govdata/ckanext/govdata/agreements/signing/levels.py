"""The levels of a signature. Each is called what it is; none passes for a higher one. Pure."""

from __future__ import annotations

from enum import Enum


class Level(str, Enum):
    """How somebody signed.

    AGREED (L1): the sides agreed on this way of signing; the portal checked the person (verified party, second factor, name
    typed, text read to its end) and sealed the PDF with that evidence by its own certificate. Not a certificate of the signer's.
    OWN_CERTIFICATE (L2): the signer's own certificate, whose private key the portal never saw.
    SEAL (L3): an agency's electronic seal by a seal provider.
    """

    AGREED = "agreed"
    OWN_CERTIFICATE = "own_certificate"
    SEAL = "seal"

    @property
    def short(self) -> str:
        return {"agreed": "L1", "own_certificate": "L2", "seal": "L3"}[self.value]


# What stands in the box of the signature, in the PDF, which is in Chinese.
TITLES = {
    Level.AGREED: "约定签名（L1，由平台代为盖章）",
    Level.OWN_CERTIFICATE: "数字证书签名（L2，签署人自有证书）",
    Level.SEAL: "电子印章（L3）",
}


class Field(str, Enum):
    """The two fields of an agreement, in the order of signing: the user's, then the agency's."""

    USER = "User"
    AGENCY = "Agency"
