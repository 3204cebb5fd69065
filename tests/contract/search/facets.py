"""What every engine counts."""

from __future__ import annotations

from collections.abc import Callable

from ckanext.govdata_search.engines.base import Engine

from .base import EngineTests, Table
from .city import document


class FacetsContract(EngineTests):
    """Exact counts, within the filters."""

    def test_facets_count_exactly(self, engine: Engine) -> None:
        assert self.facets(engine, "tags")[0] == ("交通", 2)
        assert self.facets(engine, "res_format") == [("CSV", 3), ("JSON", 1), ("XLSX", 1)]
        assert self.facets(engine, "res_format", "tags:交通") == [("CSV", 1), ("JSON", 1), ("XLSX", 1)]
        assert self.facets(engine, "res_format", **{"facet.limit": 1}) == [("CSV", 3)]
        assert self.facets(engine, "res_format", **{"facet.limit": -1, "facet.sort": "index"})[-1] == ("XLSX", 1)
        assert self.facets(engine, "res_format", **{"facet.prefix": "X"}) == [("XLSX", 1)]
        assert self.facets(engine, "res_format", **{"facet.offset": 1, "facet.limit": 1}) == [("JSON", 1)]
        assert self.facets(engine, "res_format", **{"facet.mincount": 2}) == [("CSV", 3)]
        assert self.facets(engine, "res_format", "name:beds", **{"facet.mincount": 0})[1:] == [("JSON", 0), ("XLSX", 0)]
        assert self.facets(engine, "theme") == [("transport", 2), ("economy", 1), ("health", 1), ("it", 1)]
        assert self.facets(engine, "nobody_has_this") == []
        assert self.facets(engine, "metadata_created", **{"facet.limit": 1})[0][1] == 4

    def test_numbers_and_dates_are_counted_as_they_are_written(self, engine: Engine) -> None:
        assert self.facets(engine, "views_recent") == [("3", 1), ("12", 1)]
        assert self.facets(engine, "views_recent", **{"facet.prefix": "1"}) == [("12", 1)]
        assert self.facets(engine, "views_recent", **{"facet.sort": "index"}) == [("3", 1), ("12", 1)]
        assert self.facets(engine, "views_recent", "name:beds", **{"facet.mincount": 0}) == [("3", 1), ("12", 0)]
        counted = self.facets(engine, "metadata_modified", **{"facet.prefix": "2026-02"})
        assert counted == [("2026-02-01T08:00:00Z", 2)]
        for field, value in (("views_recent", "12"), ("metadata_modified", counted[0][0])):
            assert self.found(engine, "*:*", fq=f'{field}:"{value}"'), "what is counted can be asked for"
        assert self.facets(engine, "tags", **{"facet.mincount": 10**31}) == []

    def test_a_limit_beyond_all_values_gives_all_and_an_offset_beyond_them_none(self, engine: Engine) -> None:
        every_format = [("CSV", 3), ("JSON", 1), ("XLSX", 1)]
        for limit in (60_001, 2**31, 2**31 + 1, 2**32 + 1, 10**30):
            for least in (0, 1):
                asked = {"facet.limit": limit, "facet.mincount": least}
                assert self.facets(engine, "res_format", **asked) == every_format
                assert self.facets(engine, "res_format", **asked, **{"facet.offset": 1}) == every_format[1:]
        for offset in (3, 2**31 + 1, 10**30):
            assert self.facets(engine, "res_format", **{"facet.offset": offset, "facet.limit": 5}) == []

    def test_a_value_counted_as_none_comes_from_what_the_filters_let_through(self, engine: Engine) -> None:
        asked = {"facet.mincount": 0, "fq": ['+permission_labels:("public")'], "facet.limit": -1}
        assert dict(self.facets(engine, "theme", "name:roads", **asked)) == {"transport": 1, "economy": 0, "it": 0}
        assert "医院床位数" not in dict(self.facets(engine, "title", "name:roads", **asked))

    def test_facets_stay_exact_with_thousands_of_values(self, make_engine: Callable[[], Engine], table: Table) -> None:
        engine = make_engine()
        for part in range(4):
            numbers = range(part * 500, part * 500 + 500)
            table.put(*(document(f"n{n}", "x", tags=[f"t{n % 700}", "all", "2024-01-01T00:00:00Z"]) for n in numbers))
            engine.catch_up(table.feed)
        counted = dict(self.facets(engine, "tags", **{"facet.limit": -1}))
        assert counted["all"] == counted["2024-01-01T00:00:00Z"] == 2000
        assert len(counted) == 702
        assert [counted[f"t{n}"] for n in (0, 599, 600, 699)] == [3, 3, 2, 2]
