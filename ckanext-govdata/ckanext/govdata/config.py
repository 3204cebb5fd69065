"""The settings of the portal, each by a typed function; the declaration stands in config_declaration.yaml."""

from __future__ import annotations

import datetime
import hmac
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ckan.plugins import toolkit as tk

from .rules.domain import RulePack, today
from .rules.packs import load_versions, read_pack
from .rules.promises import Promise, load_promises
from .rules.versions import pack_on

# Reviewers whom this portal has roles for; a district's own bureau reviews on the district's portal (YZ-14).
_REVIEWERS_HERE = ("agency", "operator", "authority")


def city() -> str:
    """The key of the city's rule pack, such as `lianyungang`."""
    return str(tk.config["govdata.city"])


def rule_pack(day: datetime.date | None = None) -> RulePack:
    """The running city's rules on a day, today's unless given: the version of that day, with what a text above it overrules.

    A term is judged by the rules on its day of receipt. Files are read once per process and setting.
    """
    versions, above = _rule_versions()
    return pack_on(versions, day or today(), above)


def _rule_versions() -> tuple[tuple[RulePack, ...], tuple[RulePack, ...]]:
    extra = str(tk.config.get("govdata.rules.extra") or "")
    return _load(city(), extra, _files("govdata.rules.versions"), _files("govdata.rules.above"))


def _files(name: str) -> tuple[str, ...]:
    return tuple(tk.aslist(tk.config.get(name) or ""))


@cache
def _load(
    key: str, extra: str, versions: tuple[str, ...], above: tuple[str, ...]
) -> tuple[tuple[RulePack, ...], tuple[RulePack, ...]]:
    own = load_versions(key, Path(extra) if extra else None, tuple(map(Path, versions)))
    return own, tuple(read_pack(Path(file)) for file in above)


def promises() -> Mapping[str, Promise]:
    """What the portal promises where no rule gives a number, by topic."""
    own = str(tk.config.get("govdata.rules.promises") or "")
    return load_promises(Path(own) if own else None)


def reviewers() -> tuple[str, ...]:
    """Who reviews an entry before it is published, in the order of asking; empty where the city's rule names nobody.

    An entry is part of its agency's catalogue and open list, so whoever reviews either is heard (DCF-15, DCF-23).
    """
    pack = rule_pack()
    named = {reviewer.value for reviewer in (*pack.reviewers_of_list, *pack.reviewers_of_catalogue)}
    return tuple(reviewer for reviewer in _REVIEWERS_HERE if reviewer in named)


def tables_max_rows() -> int:
    """The most rows of a file that are loaded for preview and API."""
    return int(tk.config["govdata.tables.max_rows"])


def tables_max_megabytes() -> int:
    """The largest file, in MB, that is read for preview and API."""
    return int(tk.config["govdata.tables.max_megabytes"])


def uses_secret() -> bytes:
    """Under which visitors are told apart for the length of a double click."""
    return hmac.new(str(tk.config["SECRET_KEY"]).encode(), b"govdata.uses", "sha256").digest()


def ledger_folder() -> Path:
    """Where the ledger's keys and signed checkpoints lie, outside of the database."""
    given = str(tk.config.get("govdata.ledger.path") or "")
    return Path(given) if given else Path(str(tk.config.get("__file__") or "ckan.ini")).resolve().parent / "ledger"


def ledger_origin() -> str:
    """The ledger's name in its checkpoints."""
    site = str(tk.config.get("ckan.site_url") or "").split("://", 1)[-1].rstrip("/")
    root = str(tk.config.get("ckan.root_path") or "").replace("/{{LANG}}", "").rstrip("/")
    return str(tk.config.get("govdata.ledger.origin") or "") or f"{site}{root}/ledger"


def ledger_checkpoint_seconds() -> float:
    """Seconds between two signed checkpoints."""
    return max(1, int(tk.config["govdata.ledger.checkpoint_minutes"])) * 60.0


def ledger_retention() -> datetime.timedelta:
    """How long personal values of entries are kept; never below six months."""
    return datetime.timedelta(days=max(183, int(tk.config["govdata.ledger.retention_days"])))


def ledger_conditional_retention() -> datetime.timedelta:
    """How long personal values of entries on conditional data are kept after the grant's end."""
    return datetime.timedelta(days=366 * max(0, int(tk.config["govdata.ledger.conditional_years"])))


def ledger_witnesses() -> list[str]:
    """The witnesses' public keys."""
    return list(tk.aslist(tk.config.get("govdata.ledger.witnesses") or ""))


def parties_keys() -> Path:
    """The file with the keys that parties' numbers are sealed with, outside of the database."""
    given = str(tk.config.get("govdata.parties.keys") or "")
    beside = Path(str(tk.config.get("__file__") or "ckan.ini")).resolve().parent
    return Path(given) if given else beside / "parties.keys"


def parties_suite() -> str:
    """The family of algorithms for new keys: `international` or `chinese`."""
    return str(tk.config["govdata.parties.suite"])


def parties_retention() -> datetime.timedelta:
    """How long the name and numbers of a party that has ended are kept."""
    return datetime.timedelta(days=max(0, int(tk.config["govdata.parties.retention_days"])))


def parties_evidence_retention() -> datetime.timedelta:
    """How long evidence is kept after the decision, and a number that was never verified."""
    return datetime.timedelta(days=max(0, int(tk.config["govdata.parties.evidence_days"])))


def parties_evidence_bytes() -> int:
    """The largest file of evidence."""
    return int(tk.config["govdata.parties.evidence_megabytes"]) * 1_000_000


def application_files() -> int:
    """How many files an application takes."""
    return max(0, int(tk.config["govdata.applications.files"]))


def application_file_bytes() -> int:
    """The largest file of an application."""
    return int(tk.config["govdata.applications.file_megabytes"]) * 1_000_000


def parties_reply() -> datetime.timedelta:
    """How long a party has for its reply before it may be blocked."""
    return datetime.timedelta(days=max(1, int(tk.config["govdata.parties.reply_days"])))


def objection_words_kept() -> datetime.timedelta:
    """How long after its last step an objection's words and evidence are kept."""
    return datetime.timedelta(days=int(tk.config["govdata.objections.keep_words_days"]))


def misuse_words_kept() -> datetime.timedelta:
    """How long after its last step the words of a report of misuse are kept."""
    return datetime.timedelta(days=int(tk.config["govdata.misuse.keep_words_days"]))


def tracing_key() -> Path:
    """The file with the key of the marks in deliveries, outside of the database."""
    given = str(tk.config.get("govdata.tracing.key") or "")
    beside = Path(str(tk.config.get("__file__") or "ckan.ini")).resolve().parent
    return Path(given) if given else beside / "tracing.key"


def tracing_megabytes() -> int:
    """The largest file, in MB, that is marked."""
    return int(tk.config["govdata.tracing.max_megabytes"])


def accel_prefix() -> str:
    """The web server's internal location of resources' files, such as `/_resources`; empty where Python sends them all."""
    return str(tk.config.get("govdata.access.accel_prefix") or "")


def resource_folder() -> Path:
    """The folder in which the portal keeps resources' files."""
    name = str(tk.config["ckan.files.default_storages.resource"])
    return Path(str(tk.config[f"ckan.files.storage.{name}.path"]))


def versions_folder() -> Path:
    """The folder in which the bytes of replaced files are kept."""
    return resource_folder().with_name("govdata_versions")


def inspection_days() -> int:
    """The most days for which an inspection may read a dataset."""
    return max(1, int(tk.config["govdata.access.inspection_days"]))


def confirmed_purposes() -> frozenset[str]:
    """Before which acts a person confirms once more who they are: `sign_agreement`, `decide`, `withdraw`."""
    return frozenset(tk.aslist(tk.config["govdata.confirm.purposes"]))


def confirmation_always() -> bool:
    """Whether these acts are refused where no plugin can ask for a confirmation."""
    return tk.asbool(tk.config["govdata.confirm.always"])


def officers_second_factor() -> bool:
    """Whether officers sign in with a second factor."""
    return tk.asbool(tk.config["govdata.officers.second_factor"])


def mail_from() -> str:
    """The address that the portal's mails come from (CKAN's own setting); empty where the portal sends no mail."""
    return str(tk.config.get("smtp.mail_from") or "")


def mail_domain() -> str:
    """What stands behind the @ of a mail's Message-ID."""
    site = str(tk.config.get("ckan.site_url") or "").split("://", 1)[-1]
    return site.split("/", 1)[0].split(":", 1)[0] or "localhost"


def sms_provider() -> str:
    """The name of the provider of short messages; empty where the portal sends none."""
    return str(tk.config.get("govdata.notices.sms") or "")


def sms_file() -> Path | None:
    """Where the provider `file` writes its messages."""
    given = str(tk.config.get("govdata.notices.sms_file") or "")
    return Path(given) if given else None


def agreements_folder() -> Path:
    """Where the keys and certificates for sealing agreements lie, outside of the database."""
    given = str(tk.config.get("govdata.agreements.path") or "")
    return Path(given) if given else Path(str(tk.config.get("__file__") or "ckan.ini")).resolve().parent / "agreements"


def agreements_fonts() -> str:
    """A folder with fonts for characters that the installed font has not; empty for none."""
    return str(tk.config.get("govdata.agreements.fonts") or "")


def agreements_clock() -> str:
    """The address of the timestamp authority (RFC 3161); empty for the portal's own clock."""
    return str(tk.config.get("govdata.agreements.timestamps") or "")
