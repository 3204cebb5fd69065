"""What becomes of an agreement on its page: presenting it, its steps after that, duties; and a signature from outside (L2)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from ckan.plugins import toolkit as tk
from flask import Blueprint
from flask import Response as FlaskResponse

from .parties import Answer, Errors, attempt, private, signed_in
from .people import reader

# Steps with a form of their own on the agreement's page; signing and sealing have theirs, the rest is the portal's.
STEPS = (
    "decline", "replace", "notice", "reply", "drop", "suspend", "suspend-in-danger", "resume", "terminate", "give-up",
)  # fmt: skip
BREACHES = ("harm_to_others", "agreement_duties", "unlawful_gain", "attack", "security_duties")
STANDING = ("effective", "noticed", "suspended")
_FIELDS = ("reason", "clause", "breach")


def _act(action: str, **data: Any) -> Any:
    return tk.get_action(f"govdata_{action}")(reader(), data)


def takes_agreements() -> bool:
    """Whether this portal keeps the life of agreements beside their documents."""
    try:
        tk.get_action("govdata_agreement_list")
    except KeyError:
        return False
    return True


def life_of(document_id: str) -> dict[str, Any] | None:
    """The agreement that a document belongs to, with its terms, duties, steps, and what this reader can do next."""
    if not takes_agreements():
        return None
    found = _act("agreement_list", desk="all", document=document_id)["results"]
    return _act("agreement_show", id=found[0]["id"]) if found else None


def document_of(agreement_id: str) -> str:
    """The document of an agreement that is named by its own id, as notices do; empty where there is none to see."""
    if not takes_agreements():
        return ""
    try:
        return str(_act("agreement_show", id=agreement_id)["document"])
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return ""


def by_document() -> dict[str, dict[str, Any]]:
    """The agreements that this reader sees, by their documents."""
    if not takes_agreements():
        return {}
    found = _act("agreement_list", desk="all", limit=1000)["results"]
    return {one["document"]: one for one in found}


def following(application_id: str) -> list[dict[str, Any]]:
    """The agreements on an application, as far as this reader sees them."""
    return _act("agreement_list", desk="all", application=application_id)["results"] if takes_agreements() else []


def in_force(application: dict[str, Any]) -> list[dict[str, Any]]:
    """The agreements of the same party on the same data that stand now: a new one may follow one of them before its end."""
    if not takes_agreements() or not application.get("party"):
        return []
    found = _act("agreement_list", desk="all", party=application["party"], dataset=application["dataset"], limit=1000)
    return [one for one in found["results"] if one["state"] in STANDING]


def may_present(application: dict[str, Any], agreements: list[dict[str, Any]]) -> bool:
    """Whether this reader can present an agreement on it now: the first one, or another in place of the one in force."""
    pending = any(not one["final"] and one["state"] not in STANDING for one in agreements)
    if application["state"] not in ("approved", "supplied") or pending:
        return False
    try:
        tk.check_access("govdata_agreement_present", reader(), {"id": application["id"]})
    except (tk.NotAuthorized, tk.ObjectNotFound, KeyError, ValueError):
        return False
    return True


def present(application_id: str) -> Any:
    """Present the agreement that the form asks for; answers it."""
    form = tk.request.form
    given: dict[str, Any] = {
        name: form[name] for name in ("first_day", "months", "quota", "supersedes") if form.get(name)
    }
    addresses = form.get("addresses", "").replace("，", " ").replace(",", " ").split()
    return _act("agreement_present", id=application_id, **given, **({"addresses": addresses} if addresses else {}))


def take(id: str, command: str) -> tuple[Any, Errors]:
    """One step of the agreement's life, by the page's form."""
    form = tk.request.form
    if command == "duty":
        return attempt(lambda: _act("agreement_obligation_meet", id=form.get("of", ""), reason=form.get("reason", "")))
    life = life_of(id)
    if life is None or command not in STEPS:
        return tk.abort(404, tk._("There is no such page.")), {}
    given = {name: form[name] for name in _FIELDS if name in form}
    return attempt(lambda: _act(f"agreement_{command.replace('-', '_')}", id=life["id"], **given))


def own_certificate(id: str, errors: Errors | None = None) -> Answer:
    """Signing with one's own certificate (L2): download what is to be signed, sign it outside, hand the signature in."""
    away = signed_in()
    if away:
        return away
    told, _ = attempt(lambda: _act("agreement_document_show", id=id))
    back = tk.url_for("govdata_pages.agreement_own", id=id)
    shown = {"told": told, "errors": errors or {}, "confirm": confirm_address(back), "form": tk.request.form}
    return private(tk.render("govdata_theme/agreement_own.html", shown))


def confirm_address(back: str) -> str:
    """Where this person shows a second factor; empty when they have just done so, or nobody asks."""
    try:
        found = tk.get_action("govdata_login_confirmation_show")(reader(), {})
    except KeyError:
        return ""
    if found["confirmed"] or not found["address"]:
        return ""
    return f"{found['address']}?{urlencode({'purpose': 'sign_agreement', 'next': back})}"


def to_sign(id: str) -> Answer:
    """The bytes to sign, as a file."""
    away = signed_in()
    if away:
        return away
    name = tk.request.form.get("name", "")
    told, errors = attempt(lambda: _act("agreement_document_prepare", id=id, name=name))
    if errors:
        return own_certificate(id, errors)
    headers = {
        "Content-Disposition": f'attachment; filename="{told["number"]}-to-sign.bin"',
        "Cache-Control": "private, no-store",
    }
    return FlaskResponse(base64.b64decode(told["to_sign"]), content_type="application/octet-stream", headers=headers)


def hand_in(id: str) -> Answer:
    """The signature that was made outside, as DER or PEM."""
    away = signed_in()
    if away:
        return away
    file = tk.request.files.get("signature")
    data = file.read(1_000_001) if file else b""
    if not data or len(data) > 1_000_000:
        return own_certificate(id, {"signature": [tk._("Choose the file of the signature, of at most 1 MB.")]})
    text = "".join(data.decode("ascii").split("-----")[2].split()) if data.startswith(b"-----BEGIN") else ""
    signature = text or base64.b64encode(data).decode()
    _, errors = attempt(lambda: _act("agreement_document_embed", id=id, signature=signature))
    if errors:
        return own_certificate(id, errors)
    tk.h.flash_success(tk._("Done. The file below carries the signature."))
    return tk.redirect_to("govdata_pages.agreement", id=id)


def add_rules(pages: Blueprint) -> None:
    own = "/agreements/<id>/own-certificate"
    pages.add_url_rule(own, endpoint="agreement_own", view_func=own_certificate)
    pages.add_url_rule(f"{own}/to-sign", endpoint="agreement_to_sign", view_func=to_sign, methods=["POST"])
    pages.add_url_rule(f"{own}/signature", endpoint="agreement_hand_in", view_func=hand_in, methods=["POST"])


def govdata_breach(kind: str) -> str:
    """A kind of breach (LYG-40)."""
    return {
        "harm_to_others": tk._("harm to the rights of others"),
        "agreement_duties": tk._("duties of the agreement not kept"),
        "unlawful_gain": tk._("unlawful gain"),
        "attack": tk._("an attack on the portal"),
        "security_duties": tk._("security duties not kept"),
    }.get(kind, kind)


def govdata_duty(duty: str) -> str:
    """A duty with a date."""
    return {"report_use": tk._("report on the use"), "destroy": tk._("destroy the data")}.get(duty, duty)


def govdata_use_code(text: str) -> str:
    """A condition of use (`report_use:6`) in plain words; the code itself where it is not known."""
    code, _colon, value = text.partition(":")
    try:
        found = {one["code"]: one for one in _act("use_code_list")}
    except KeyError:
        return text
    language = "zh_Hans_CN" if str(tk.h.lang()).startswith("zh") else "en"
    return str(found[code]["plain"][language]).replace("{value}", value) if code in found else text


def govdata_condition_lines(conditions: str) -> list[str]:
    """Published conditions that stand one a line without any marks of a list; empty where the text brings its own form."""
    lines = [line.strip() for line in conditions.splitlines() if line.strip()]
    return lines if len(lines) > 1 and not any(line[0] in "-*+#>0123456789" for line in lines) else []


HELPERS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (govdata_breach, govdata_duty, govdata_use_code, govdata_condition_lines)
}
