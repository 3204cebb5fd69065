"""The switch on a dataset's page: shut it, propose to open it again, decide. The page sends; the actions decide."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit as tk
from ckan.types import Response
from flask import Blueprint

from .people import reader


def shut(id: str) -> Response:
    """Shut the dataset; the form is on its page."""
    done = tk._("The dataset is shut: nobody gets its data. Opening it again takes two persons.")
    return _act("govdata_shut", {"id": id, "reason": tk.request.form.get("reason", "")}, done)


def propose(id: str) -> Response:
    """Propose to open the dataset again."""
    done = tk._("Your proposal is on record. A second person decides it.")
    return _act("govdata_open_again_propose", {"id": id, "reason": tk.request.form.get("reason", "")}, done)


def decide(id: str) -> Response:
    """Open the dataset again, or leave it shut."""
    accept = tk.request.form.get("decision") == "accept"
    done = tk._("The dataset is open again.") if accept else tk._("The dataset stays shut.")
    asked = {"id": id, "accept": accept, "reason": tk.request.form.get("reason", "")}
    return _act("govdata_open_again_decide", asked, done)


def _act(action: str, asked: dict[str, Any], done: str) -> Response:
    try:
        tk.get_action(action)(reader(), asked)
    except tk.ValidationError as refused:
        for words in refused.error_dict.values():
            tk.h.flash_error(" ".join(map(str, words)) if isinstance(words, list) else str(words))
    except tk.NotAuthorized as denied:
        return tk.abort(403, str(denied))
    except tk.ObjectNotFound as missing:
        return tk.abort(404, str(missing))
    else:
        tk.h.flash_success(done)
    return tk.redirect_to("dataset.read", id=asked["id"])


def add_rules(pages: Blueprint) -> None:
    pages.add_url_rule("/dataset/<id>/shut", view_func=shut, methods=["POST"])
    pages.add_url_rule("/dataset/<id>/open-again", view_func=propose, methods=["POST"])
    pages.add_url_rule("/dataset/<id>/open-again/decide", view_func=decide, methods=["POST"])
