"""What a text that begins with `<` is: a web page, a spreadsheet in XML, or XML of another kind."""

from __future__ import annotations

import re

_PAGE = re.compile(r"<\s*(?:!doctype\s+html|html|head|body|table|div|meta|style|script|center|title)\b", re.IGNORECASE)
_SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"


def markup_kind(head: str) -> str:
    """`html`, `spreadsheet_xml` or `xml`, by the first elements."""
    if _SPREADSHEET in head and re.search(r"<(?:\w+:)?Workbook\b", head):
        return "spreadsheet_xml"
    prolog = re.sub(r"<\?.*?\?>|<!--.*?-->|\ufeff", "", head, flags=re.DOTALL).lstrip()
    return "html" if _PAGE.match(prolog) else "xml"
