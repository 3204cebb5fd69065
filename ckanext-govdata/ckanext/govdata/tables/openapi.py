"""A dataset's addresses for programs, as an OpenAPI 3.1 document: its description, its tables' rows, its files. Pure.

Guarantee: it says what CKAN's own API answers at those addresses and adds no address of its own, so every CKAN client goes on
working. It names tables and columns, never a value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]
#: The media type under which OpenAPI documents are registered.
MEDIA_TYPE = "application/vnd.oai.openapi+json;version=3.1"
SPECIFICATION = "3.1.1"
_ACTIONS = "/api/3/action"
_KEY = "api_token"


@dataclass(frozen=True)
class Column:
    """A column of a table: its name and PostgreSQL's type."""

    name: str
    type: str


@dataclass(frozen=True)
class Table:
    """A file whose rows can be asked for: the resource's id, its title, its columns in order."""

    id: str
    title: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Words:
    """The texts of the document in the reader's language."""

    summary: str
    describe: str
    rows: str
    file: str
    which_table: str
    limit: str
    offset: str
    q: str
    filters: str
    fields: str
    sort: str
    token: str
    answered: str
    denied: str
    missing: str
    wrong: str
    unavailable: str


@dataclass(frozen=True)
class Description:
    """What the document is made from. `key_needed` is whether rows and files ask for an API token."""

    entry: Mapping[str, Any]
    site: str
    title: str
    terms_url: str
    tables: Sequence[Table]
    most_rows: int
    key_needed: bool


def document(about: Description, words: Words) -> Json:
    """The OpenAPI document of one dataset."""
    entry = about.entry
    paths: Json = {f"{_ACTIONS}/package_show": {"get": _describe(entry, words)}}
    if about.tables:
        paths[f"{_ACTIONS}/datastore_search"] = {"get": _rows(about, words)}
    paths.update(_files(about, words))
    return {
        "openapi": SPECIFICATION,
        "info": _info(about, words),
        "servers": [{"url": about.site}],
        "paths": paths,
        "components": {
            "schemas": {
                "Error": _ERROR,
                **{row_name(number): _row(table) for number, table in enumerate(about.tables, 1)},
            },
            "securitySchemes": {
                _KEY: {"type": "apiKey", "in": "header", "name": "Authorization", "description": words.token}
            },
        },
    }


def row_name(number: int) -> str:
    """The name of a table's schema: of its place among the tables, because titles are no names of schemas."""
    return f"Row{number}"


def _info(about: Description, words: Words) -> Json:
    entry = about.entry
    info: Json = {
        "title": about.title,
        "summary": words.summary,
        "description": str(entry.get("notes") or about.title),
        "version": str(entry.get("metadata_modified") or "")[:19],
        "termsOfService": about.terms_url,
    }
    if entry.get("under_objection_since"):
        info["x-under-objection-since"] = entry["under_objection_since"]
    contact = {"name": entry.get("contact_unit"), "email": entry.get("contact_email")}
    if any(contact.values()):
        info["contact"] = {name: value for name, value in contact.items() if value}
    if entry.get("license_title"):
        licence = {"name": entry["license_title"], "url": entry.get("license_url")}
        info["license"] = {name: value for name, value in licence.items() if value}
    return info


def _describe(entry: Mapping[str, Any], words: Words) -> Json:
    return {
        "operationId": "describe",
        "summary": words.describe,
        "parameters": [_parameter("id", {"type": "string", "const": entry["name"]}, words.describe, required=True)],
        "responses": _responses(words, _success({"type": "object"})),
    }


def _rows(about: Description, words: Words) -> Json:
    schemas = [{"$ref": f"#/components/schemas/{row_name(n)}"} for n in range(1, len(about.tables) + 1)]
    result = {
        "type": "object",
        "required": ["records", "fields"],
        "properties": {
            "resource_id": {"type": "string"},
            "fields": {"type": "array", "items": {"type": "object"}},
            "records": {"type": "array", "items": schemas[0] if len(schemas) == 1 else {"anyOf": schemas}},
            "total": {"type": "integer"},
        },
    }
    return {
        "operationId": "rows",
        "summary": words.rows,
        "parameters": _row_parameters(about, words),
        "responses": _responses(words, _success(result)),
        "security": _security(about),
    }


def _row_parameters(about: Description, words: Words) -> list[Json]:
    tables = "\n".join(f"- `{table.id}`: {table.title}" for table in about.tables)
    most = about.most_rows
    return [
        _parameter(
            "resource_id",
            {"type": "string", "enum": [table.id for table in about.tables]},
            f"{words.which_table}\n{tables}",
            required=True,
        ),
        _parameter("limit", {"type": "integer", "minimum": 0, "maximum": most, "default": 100}, words.limit),
        _parameter("offset", {"type": "integer", "minimum": 0, "default": 0}, words.offset),
        _parameter("q", {"type": "string"}, words.q),
        {
            "name": "filters",
            "in": "query",
            "description": words.filters,
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
        _parameter("fields", {"type": "string"}, words.fields),
        _parameter("sort", {"type": "string"}, words.sort),
    ]


def _files(about: Description, words: Words) -> Json:
    """The files that the portal itself hands out; a linked one stands elsewhere and is not ours to describe."""
    found: Json = {}
    for number, resource in enumerate(about.entry.get("resources") or [], 1):
        address = urlsplit(str(resource.get("url") or ""))
        if resource.get("url_type") != "upload" or not address.path:
            continue
        path = address.path.removeprefix(urlsplit(about.site).path.rstrip("/"))
        media = str(resource.get("mimetype") or "application/octet-stream")
        found[path] = {
            "get": {
                "operationId": f"file{number}",
                "summary": f"{words.file}: {resource.get('name') or resource.get('format') or path}",
                "responses": _responses(words, {media: {"schema": {}}}),
                "security": _security(about),
            }
        }
    return found


def _parameter(name: str, schema: Json, words: str, required: bool = False) -> Json:
    return {"name": name, "in": "query", "required": required, "description": words, "schema": schema}


def _security(about: Description) -> list[Json]:
    """An empty requirement says that it goes without a token, too; a signed-in program may still send one."""
    return [{_KEY: []}] if about.key_needed else [{}, {_KEY: []}]


def _success(result: Json) -> Json:
    schema = {
        "type": "object",
        "required": ["success", "result"],
        "properties": {"success": {"const": True}, "help": {"type": "string"}, "result": result},
    }
    return {"application/json": {"schema": schema}}


def _responses(words: Words, content: Json) -> Json:
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    # 400 is CKAN's answer where a parameter cannot be read at all, 409 where its value is not allowed.
    refused = {
        "400": words.wrong,
        "403": words.denied,
        "404": words.missing,
        "409": words.wrong,
        "503": words.unavailable,
    }
    return {
        "200": {"description": words.answered, "content": content},
        **{code: {"description": text, "content": error} for code, text in refused.items()},
    }


def _row(table: Table) -> Json:
    return {
        "type": "object",
        "title": table.title,
        "properties": {column.name: _value(column.type) for column in table.columns},
    }


def _value(type_: str) -> Json:
    """The JSON in which the DataStore writes a value of PostgreSQL's type; a cell may always be empty."""
    kinds: Mapping[str, Json] = {
        "int": {"type": ["integer", "null"]},
        "int2": {"type": ["integer", "null"]},
        "int4": {"type": ["integer", "null"]},
        "int8": {"type": ["integer", "null"]},
        "float4": {"type": ["number", "null"]},
        "float8": {"type": ["number", "null"]},
        "numeric": {"type": ["number", "string", "null"]},
        "bool": {"type": ["boolean", "null"]},
        "date": {"type": ["string", "null"], "format": "date"},
        "timestamp": {"type": ["string", "null"]},
        "timestamptz": {"type": ["string", "null"]},
        "json": {},
        "jsonb": {},
    }
    return kinds.get(type_, {"type": ["string", "null"]})


_ERROR: Json = {
    "type": "object",
    "required": ["success", "error"],
    "properties": {
        "success": {"const": False},
        "error": {
            "type": "object",
            "properties": {"__type": {"type": "string"}, "message": {"type": "string"}},
        },
    },
}
