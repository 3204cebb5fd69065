"""The ledger's public pages: checkpoints and tiles as C2SP tlog-tiles, the key, the witness, and cosignatures coming in.

Entries themselves are not published: they say who had which data. Their hashes are, and tell nothing (see `entry.compose`).
"""

from __future__ import annotations

import logging
from pathlib import Path

from ckan import model
from ckan.config.middleware.flask_app import csrf
from ckan.plugins import toolkit as tk
from flask import Blueprint, Response, abort, jsonify, request

from .. import config
from . import intake, portal
from .checkpoint import Checkpoint
from .cosigning import accept
from .errors import IntakeUnavailable, NoteError
from .note import parse_note
from .reading import Reader, Run, run_in
from .tiles import parse_tile_path, tile_width

blueprint = Blueprint("govdata_ledger", __name__, url_prefix="/ledger")

logger = logging.getLogger(__name__)
_TEXT = "text/plain; charset=utf-8"
_LONGEST_COSIGNATURE = 16_384


@blueprint.app_errorhandler(IntakeUnavailable)
def not_recorded(error: IntakeUnavailable) -> Response:
    """A decision that the ledger does not take is not made: the page says so, with 503."""
    model.Session.rollback()
    logger.error("A change was refused: %s", error)
    name = tk._("The ledger takes no entries")
    page = tk.render("error_document_template.html", {"code": 503, "content": _not_done(), "name": name})
    return _unavailable(Response(page))


@blueprint.after_app_request
def not_recorded_by_api(response: Response) -> Response:
    """CKAN's API answers every error that it does not know with 500; this one it is told."""
    if response.status_code != 500 or request.endpoint != "api.action" or not intake.refused_in_request():
        return response
    error = {"__type": "Ledger Unavailable", "message": _not_done()}
    return _unavailable(jsonify({"success": False, "error": error}))


def _not_done() -> str:
    return tk._("What you asked for was not done, because the ledger cannot record it. Try again in a few minutes.")


def _unavailable(answer: Response) -> Response:
    answer.status_code, answer.headers["Retry-After"] = 503, "60"
    return answer


def _run() -> Run:
    return run_in(model.Session)


@blueprint.route("/checkpoint")
def checkpoint() -> Response:
    """The newest signed checkpoint with its cosignatures."""
    note = Reader(_run()).checkpoint()
    if note is None:
        abort(404)
    return Response(note, content_type=_TEXT, headers={"Cache-Control": "public, max-age=5"})


@blueprint.route("/tile/<path:rest>")
def tile(rest: str) -> Response:
    """A tile of hashes, as far as the newest checkpoint reaches."""
    place = parse_tile_path(f"tile/{rest}")
    reader = Reader(_run())
    note = reader.checkpoint() if place else None
    if place is None or note is None:
        abort(404)
    level, index, width = place
    if width > tile_width(level, index, Checkpoint.parse(parse_note(note).text).size):
        abort(404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(reader.tile(level, index, width), content_type="application/octet-stream", headers=headers)


@blueprint.route("/key")
def key() -> Response:
    """The log's public keys, the current one first. Whoever relies on one gets it from the authority, not from here alone."""
    keys = portal.folder().verifiers()
    if not keys:
        abort(404)
    return Response("".join(f"{one.encode()}\n" for one in keys), content_type=_TEXT)


@blueprint.route("/witness.py")
def witness() -> Response:
    """The witness's one file."""
    text = (Path(__file__).parent / "witness.py").read_text(encoding="utf-8")
    return Response(text, content_type="text/x-python; charset=utf-8")


@blueprint.route("/cosignature", methods=["POST"])
@csrf.exempt
def cosignature() -> Response:
    """Take a witness's signature under a checkpoint of ours; the witness's key has to stand in the settings."""
    data = request.stream.read(_LONGEST_COSIGNATURE + 1)
    if len(data) > _LONGEST_COSIGNATURE:
        abort(413)
    try:
        witness_name = accept(_run(), data.decode("utf-8", "replace"), config.ledger_witnesses())
    except NoteError as error:
        model.Session.rollback()
        return Response(f"{error}\n", status=400, content_type=_TEXT)
    model.Session.commit()
    return Response(f"taken: {witness_name}\n", content_type=_TEXT)
