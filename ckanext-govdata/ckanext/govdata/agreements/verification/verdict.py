"""What was found on a file, check by check, and how it is told in Chinese and English. Needs nothing but Python."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

FIELDS = ("User", "Agency")

# Each check's words, in the order of telling: code, Chinese, English.
CHECKS: tuple[tuple[str, str, str], ...] = (
    ("readable", "文件是可以读取的 PDF", "The file is a PDF that can be read"),
    ("digest", "整个文件的摘要与存证账本一致", "The whole file's digests are those in the ledger"),
    (
        "fields",
        "恰有乙方、甲方两个签名，没有多余的签名或者表单",
        "Exactly two signatures, and nothing else to fill in",
    ),
    ("user", "乙方签名完好", "The user's signature is intact"),
    ("user_trusted", "乙方签名的证书可信", "The user's signature is by a trusted certificate"),
    ("user_time", "乙方签名的时间戳有效", "The user's signature has a valid timestamp"),
    ("agency", "甲方签章完好", "The agency's signature is intact"),
    ("agency_trusted", "甲方签章的证书可信", "The agency's signature is by a trusted certificate"),
    ("agency_time", "甲方签章的时间戳有效", "The agency's signature has a valid timestamp"),
    ("order", "乙方先签，甲方后签", "The user signed first, the agency after"),
    ("whole", "最后的签名覆盖整个文件", "The last signature covers the whole file"),
    (
        "bytes",
        "不经 PDF 解析，直接按字节计算的摘要与两个签名所签的一致",
        "The bytes around each signature, read without a PDF reader, are those signed",
    ),
    ("container", "签名容器里没有多余或者改动的字节", "No byte of a signature's container is odd"),
    ("unchanged", "签名之后文件没有被改动", "Nothing was changed after the signatures"),
    ("content", "附带的协议原文是规范格式，与账本一致", "The agreement inside is canonical, and the ledger's"),
    ("evidence", "附带的签署证据与账本一致", "The evidence inside is the ledger's"),
)


@dataclass(frozen=True)
class Known:
    """What the ledger says of the agreement: digests in hex."""

    sha256: str
    sm3: str
    content: str
    evidence: str = ""


@dataclass
class Verdict:
    """Each check's result: true, false, or None where it could not be made; and what the file says of itself."""

    results: dict[str, bool | None] = field(default_factory=dict)
    details: dict[str, str] = field(default_factory=dict)
    signers: dict[str, dict[str, str]] = field(default_factory=dict)
    content: dict[str, Any] | None = None

    @property
    def failed(self) -> list[str]:
        return [code for code, ok in self.results.items() if ok is False]

    @property
    def whole(self) -> bool:
        """Whether every check was made and holds."""
        return all(self.results.get(code) is True for code, _, _ in CHECKS)

    def say(self, code: str, ok: bool | None, detail: str = "") -> None:
        """Keep a result; one that failed stays so."""
        if self.results.get(code) is not False:
            self.results[code] = ok
            if detail and ok is not True:
                self.details[code] = detail


def digests(data: bytes) -> tuple[str, str]:
    """SHA-256 and SM3, in hex."""
    return hashlib.sha256(data).hexdigest(), hashlib.new("sm3", data).hexdigest()


def digest_holds(pdf: bytes, known: Known) -> bool:
    """Whether the file is, to the last byte, the one that the ledger knows."""
    return hashlib.sha256(pdf).hexdigest() == known.sha256 and hashlib.new("sm3", pdf).hexdigest() == known.sm3


def known_from_entry(entry: dict[str, Any]) -> Known:
    """What an entry `agreement-sealed` of the ledger says. Raises KeyError or ValueError if it is none."""
    if entry["event"]["action"] != "agreement-sealed":
        raise ValueError("the entry is not of a sealed agreement")
    own = entry["govdata"]["agreement"]
    return Known(entry["file"]["hash"]["sha256"], own["sm3"], own["content"], own.get("evidence", ""))


def report(verdict: Verdict, language: str = "zh") -> str:
    """The verdict in words, a line a check."""
    marks = {True: "✓", False: "✗", None: "–"}
    lines = []
    for code, chinese, english in CHECKS:
        result, detail = verdict.results.get(code), verdict.details.get(code, "")
        words = {"zh": chinese, "en": english, "both": f"{chinese} / {english}"}[language]
        lines.append(f"{marks[result]} {words}" + (f" ({detail})" if detail else ""))
    for who, told in verdict.signers.items():
        lines.append(f"  {who}: {told['name']} · {told['reason']} · {told.get('time', '?')} · {told.get('clock', '?')}")
    lines.append(conclusion(verdict, language))
    return "\n".join(lines)


def conclusion(verdict: Verdict, language: str) -> str:
    """The verdict in one sentence."""
    if verdict.failed:
        told = ("结论：不通过。不要依据这份文件行事。", "Verdict: does not hold. Do not rely on this file.")
    elif verdict.whole:
        told = ("结论：通过。文件完好，与账本一致。", "Verdict: holds. The file is whole and the ledger's.")
    else:
        told = (
            "结论：签名有效，但没有核对账本（标 – 的各项），不能证明文件一字节未改。",
            "Verdict: the signatures hold, but the ledger was not asked (lines with –), so not every byte is proven.",
        )
    return {"zh": told[0], "en": told[1], "both": " / ".join(told)}[language]
