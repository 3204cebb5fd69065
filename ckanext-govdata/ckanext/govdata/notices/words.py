"""What stands around a notice's text: the whole address of its link, and who sends it."""

from __future__ import annotations

from ckan.plugins import toolkit as tk
from flask import has_request_context

from .domain import language

_NOTES = {
    "zh": "此邮件由系统自动发出，请勿直接回复。不再接收邮件：登录平台，在“我的消息”中设置。",
    "en": "This mail was sent by the portal; please do not reply. To stop mails, sign in and look at My notices.",
}


def full_link(path: str) -> str:
    """The address of a path of the portal; empty where there is none."""
    if not path:
        return ""
    root = str(tk.config.get("ckan.root_path") or "").replace("/{{LANG}}", "").rstrip("/")
    return f"{str(tk.config.get('ckan.site_url') or '').rstrip('/')}{root}/{path.lstrip('/')}"


def mail_note(locale: str) -> str:
    """The last lines of a mail."""
    return _NOTES[language(locale)]


def reader_locale() -> str:
    """The language of the request that is answered; outside of requests the portal's own."""
    return str(tk.h.lang() if has_request_context() else tk.config.get("ckan.locale_default") or "")
