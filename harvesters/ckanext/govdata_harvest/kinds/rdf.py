"""Catalogues in RDF (DCAT-AP), read by the parsers of ckanext-dcat (extra `dcat`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .portals import field_of
from .protocol import Capabilities, Collected, KindError, Visit, rows_as_file, setting

_MOST_BYTES = 50 * 1024 * 1024


@dataclass(frozen=True)
class RdfSettings:
    """Where the catalogue is, in which syntax, by which profile."""

    address: str = setting("目录地址", "Address of the catalogue")
    syntax: str = setting("RDF 语法: xml, turtle, json-ld", "Syntax: xml, turtle, json-ld", "xml")
    profile: str = setting("ckanext-dcat 配置文件", "Profile of ckanext-dcat", "euro_dcat_ap_2")


class Rdf:
    """The datasets of an RDF catalogue. `dct:accessRights` states the tier; its words are decided once for the source."""

    name = "dcat_rdf"
    label: Mapping[str, str] = {"zh": "DCAT-AP (RDF)", "en": "DCAT-AP (RDF)"}
    settings = RdfSettings
    can = Capabilities(conditional=True, secrets=True)

    def collect(self, settings: RdfSettings, visit: Visit) -> Collected:
        """The datasets as rows. Raises DoorError; KindError where the file is no such catalogue."""
        from ckanext.dcat.processors import RDFParser, RDFParserException

        asked = {"If-None-Match": str(visit.seen["etag"])} if visit.seen.get("etag") else {}
        found = visit.fetch(settings.address, {**visit.secrets, **asked})
        if found.unchanged:
            return Collected(None, found.name, visit.seen)
        if found.size > _MOST_BYTES:
            raise KindError("rdf_too_large", str(_MOST_BYTES))
        text = found.path.read_bytes()
        if b"<!ENTITY" in text:
            raise KindError("xml_entities")
        parser = RDFParser(profiles=[settings.profile])
        try:
            parser.parse(text, _format=settings.syntax)
            rows = [row_of(dataset) for dataset in parser.datasets()]
        except RDFParserException as error:
            raise KindError("rdf_unreadable", str(error)[:200]) from None
        if not rows:
            raise KindError("rdf_unreadable", "no dcat:Dataset")
        rows.sort(key=lambda row: str(row.get("identifier")))
        return Collected(rows_as_file(visit.folder, rows, "catalogue.jsonl"), found.name, {"etag": found.etag})


def row_of(dataset: Mapping[str, Any]) -> dict[str, Any]:
    """A dataset as ckanext-dcat gives it, as a row."""
    themes = field_of(dataset, "theme")
    row = {
        "identifier": field_of(dataset, "uri") or field_of(dataset, "identifier") or dataset.get("name"),
        "title": dataset.get("title"),
        "notes": dataset.get("notes"),
        "publisher": field_of(dataset, "publisher_name"),
        "tags": [tag["name"] for tag in dataset.get("tags") or []],
        "theme": themes,
        "issued": field_of(dataset, "issued"),
        "modified": field_of(dataset, "modified"),
        "frequency": field_of(dataset, "frequency"),
        "landingPage": dataset.get("url"),
        "contactEmail": field_of(dataset, "contact_email"),
        "openAttribute": field_of(dataset, "access_rights"),
        "distribution": [
            {
                "downloadURL": resource.get("download_url") or resource.get("url"),
                "accessURL": resource.get("access_url"),
                "title": resource.get("name"),
                "format": resource.get("format"),
            }
            for resource in dataset.get("resources") or []
        ],
    }
    return {name: value for name, value in row.items() if value}
