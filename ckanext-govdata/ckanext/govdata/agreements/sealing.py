"""Makes a signature whole: by whose key, with which timestamp, and how it looks."""

from __future__ import annotations

import datetime
import json

import ckan.plugins as p
from pyhanko.sign.signers import Signer

from .. import config
from .documents.domain import SHANGHAI, read
from .documents.glyphs import fonts
from .documents.setting import set_stamp
from .errors import SealMissing, ServiceDown
from .interfaces import IGovdataSeals
from .model import Act, Document
from .signing.keys import Folder
from .signing.levels import TITLES, Field, Level
from .signing.pades import EVIDENCE, Look, sign
from .signing.providers import FileSeals, KeySigner, ProviderSigner, SealProvider
from .signing.timestamps import stamper


def folder() -> Folder:
    """The folder of keys, by the settings."""
    return Folder(config.agreements_folder())


def provider_of(agency_id: str) -> SealProvider | None:
    """The seal provider that has this agency's seal: a plugin's, or files; None where it has none."""
    plugins = [found for plugin in p.PluginImplementations(IGovdataSeals) if (found := plugin.seal_provider())]
    for provider in (*plugins, FileSeals(folder())):
        if provider.certificates(agency_id):
            return provider
    return None


def put_signature(row: Document, act: Act) -> bytes:
    """The document's file with this signature. Raises ServiceDown, SealMissing, KeysMissing."""
    field, level = Field(act.field), Level(act.level)
    files = {EVIDENCE: act.evidence} if field is Field.USER else {}
    clock = stamper(config.agreements_clock(), folder())
    return sign(row.pdf, field, _signer(row, level), clock, look_of(row, act), files)


def level_of(agency_id: str) -> Level:
    """How an agency signs now. Where a seal service does not answer, its seal is waited for and nothing else put in its place."""
    try:
        return Level.SEAL if provider_of(agency_id) else Level.AGREED
    except ServiceDown:
        return Level.SEAL


def _signer(row: Document, level: Level) -> Signer:
    if level is not Level.SEAL:
        return KeySigner(folder().identity("portal"))
    provider = provider_of(row.agency)
    if provider is None:
        # The portal's own signature would be called a seal here, and be none.
        raise SealMissing("seal")
    return ProviderSigner(provider, row.agency, provider.certificates(row.agency))


def look_of(row: Document, act: Act) -> Look:
    """How a signature looks: its level by name, who, when asked; the timestamp itself is inside."""
    level, told, document = Level(act.level), json.loads(act.evidence), read(row.canonical)
    side = document["parties"]["user" if act.field == Field.USER.value else "agency"]["name"]
    at = datetime.datetime.fromisoformat(told["asked_at"].replace("Z", "+00:00")).astimezone(SHANGHAI)
    lines = [side, f"签署人：{told['signer']['name']}", f"时间：{at:%Y-%m-%d %H:%M:%S}", f"编号：{row.number}"]
    # The agency's officer is named in the ledger alone; what both sides hold names the agency.
    lines = lines if act.field == Field.USER.value else [lines[0], *lines[2:]]
    stamp = set_stamp(TITLES[level], lines, fonts(config.agreements_fonts()), at)
    return Look(f"{level.short} {level.value}", side, stamp)
