"""How documents lie in tantivy."""

from __future__ import annotations

import json
from pathlib import Path

import tantivy

from ckanext.govdata_search.document import to_text
from ckanext.govdata_search.engines.base import Change
from ckanext.govdata_search.engines.tantivy_schema import facet_path, facet_value, laid_out, schema


def test_values_that_are_only_counted_have_a_column_and_no_index(tmp_path: Path) -> None:
    index = tantivy.Index(schema(), path=str(tmp_path))
    writer = index.writer(15_000_000, 1)
    for key, formats in (("1", ["CSV", "2020-01-01"]), ("2", ["CSV"])):
        text = to_text({"index_id": key, "site_id": "city", "res_format": formats})
        writer.add_json((laid_out(Change(1, key, "city", text)) or b"").decode())
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    terms = {"terms": {"field": facet_path("res_format"), "size": 10}}
    found = index.searcher().aggregate(tantivy.Query.all_query(), {"formats": terms})["formats"]["buckets"]
    assert {facet_value(bucket["key"]): bucket["doc_count"] for bucket in found} == {"CSV": 2, "2020-01-01": 1}
    written = {field["name"]: field["options"] for field in json.loads((tmp_path / "meta.json").read_bytes())["schema"]}
    assert written["exact"]["indexing"]
    for name in ("facets", "sort_title_string"):
        assert (bool(written[name]["fast"]), written[name].get("indexing")) == (True, None)
