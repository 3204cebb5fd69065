"""Files of agreements: the PDF, its receipt of the ledger, and what anybody needs to verify one without the portal."""

from __future__ import annotations

from typing import Any

from asn1crypto import pem
from ckan import model
from ckan.common import current_user
from ckan.plugins import toolkit as tk
from flask import Blueprint, Response

from ..ledger.reading import Reader, run_in
from .auth import readable
from .model import Document
from .sealing import folder
from .verification.packed import packed

blueprint = Blueprint("govdata_agreements", __name__, url_prefix="/agreements")

_PRIVATE = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}


def _document(id: str) -> Document:
    context: Any = {"user": current_user.name, "auth_user_obj": current_user if current_user.is_authenticated else None}
    try:
        return readable(context, id)
    except tk.ObjectNotFound as missing:
        return tk.abort(404 if current_user.is_authenticated else 401, str(missing))  # pyright: ignore[reportReturnType]


@blueprint.route("/<id>/agreement.pdf")
def file(id: str) -> Response:
    """The document's file as it stands, for its sides and the officers."""
    row = _document(id)
    name = {"Content-Disposition": f'attachment; filename="{row.number}.pdf"'}
    return Response(row.pdf, content_type="application/pdf", headers={**_PRIVATE, **name})


@blueprint.route("/<id>/receipt.txt")
def receipt(id: str) -> Response:
    """The ledger's receipt of the sealing, to verify the file with, offline; 404 until a checkpoint covers it."""
    row = _document(id)
    found = Reader(run_in(model.Session)).receipt(row.entry) if row.entry else None
    if found is None:
        return tk.abort(404, tk._("The receipt is ready when the ledger's next checkpoint is signed, within minutes."))  # pyright: ignore[reportReturnType]
    return Response(found.encode(), content_type="text/plain; charset=utf-8", headers=_PRIVATE)


@blueprint.route("/roots.pem")
def roots() -> Response:
    """The certificates that this portal trusts. Whoever relies on them gets them from the authority, not from here alone."""
    text = b"".join(pem.armor("CERTIFICATE", one.dump()) for one in folder().roots())
    return Response(text, content_type="application/x-pem-file")


@blueprint.route("/verify.pyz")
def verifier() -> Response:
    """The verifier's one file."""
    name = {"Content-Disposition": 'attachment; filename="verify.pyz"'}
    return Response(packed(), content_type="application/zip", headers=name)
