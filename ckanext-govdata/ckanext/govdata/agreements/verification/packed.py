"""The verifier as one file that Python runs anywhere: its modules in a zip (PEP 441), readable by whoever unpacks it."""

from __future__ import annotations

import io
import zipfile
from functools import cache
from pathlib import Path

_MODULES = ("__init__", "attachments", "plain_bytes", "reading", "revisions", "signatures", "verdict", "verify")
_MAIN = "import sys\n\nfrom verification.verify import main\n\nsys.exit(main())\n"
# Always the same bytes: whoever has two of them can compare them.
_MOMENT = (1980, 1, 1, 0, 0, 0)


@cache
def packed() -> bytes:
    """The bytes of `verify.pyz`; run by `python3 verify.pyz`."""
    here, out = Path(__file__).parent, io.BytesIO()
    texts = {f"verification/{name}.py": (here / f"{name}.py").read_text(encoding="utf-8") for name in _MODULES}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {"__main__.py": _MAIN, **texts}.items():
            archive.writestr(zipfile.ZipInfo(name, _MOMENT), text)
    return out.getvalue()
