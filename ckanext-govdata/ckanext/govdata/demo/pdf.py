"""A small PDF with Chinese text in a standard CID font (pure); nothing is embedded, readers bring the font themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_PER_LINE = 38
_PER_PAGE = 40
_LEFT, _TOP, _LEADING = 56, 780, 18


def text_pdf(title: str, lines: Sequence[str]) -> bytes:
    """An A4 document of one or more pages: the title large, then the lines, wrapped at 38 Chinese characters."""
    wrapped = [piece for line in lines for piece in _wrap(line)]
    pages = [wrapped[start : start + _PER_PAGE] for start in range(0, max(len(wrapped), 1), _PER_PAGE)]
    contents = [_content(title if number == 0 else "", page) for number, page in enumerate(pages)]
    return _document(title, contents)


def _wrap(line: str) -> Iterator[str]:
    piece, width = "", 0.0
    for letter in line:
        step = 0.5 if ord(letter) < 0x100 else 1.0
        if width + step > _PER_LINE:
            yield piece
            piece, width = "", 0.0
        piece, width = piece + letter, width + step
    yield piece


def _show(text: str) -> str:
    return f"<{text.encode('utf-16-be').hex()}> Tj"


def _content(title: str, lines: Sequence[str]) -> bytes:
    heading = [f"/F1 18 Tf {_show(title)} 0 -34 Td"] if title else []
    body = [f"{_show(line)} 0 -{_LEADING} Td" for line in lines]
    return "\n".join(["BT", f"{_LEFT} {_TOP} Td", *heading, "/F1 11 Tf", *body, "ET"]).encode("ascii")


def _document(title: str, contents: Sequence[bytes]) -> bytes:
    first = 6
    kids = " ".join(f"{first + 2 * number} 0 R" for number in range(len(contents)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (zh-CN) >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(contents)} >>".encode(),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /W [1 95 500] /FontDescriptor "
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 "
        b"/Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >> "
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>",
        f"<< /Title <feff{title.encode('utf-16-be').hex()}> >>".encode(),
    ]
    for number, content in enumerate(contents):
        objects += [_page(first + 2 * number + 1), b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content)]
    return _assemble(objects)


def _page(content: int) -> bytes:
    return (
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {content} 0 R "
        "/Resources << /Font << /F1 3 0 R >> >> >>"
    ).encode()


def _assemble(objects: Sequence[bytes]) -> bytes:
    out, offsets = b"%PDF-1.4\n%\xe4\xb8\xad\xe6\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R /Info 5 0 R >>\n" % (len(objects) + 1)
    start = b"startxref\n%d\n%%%%EOF\n" % len(out)
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + trailer + start
