"""Everything that can go wrong in search; each error reaches CKAN as pysolr.SolrError, which CKAN already handles."""

from __future__ import annotations

import pysolr


class SearchEngineError(pysolr.SolrError):
    """Root of the tree; its message says what is wrong and what to do."""


class QuerySyntaxError(SearchEngineError):
    """The words of a query or filter cannot be read."""

    def __init__(self, problem: str, position: int | None = None) -> None:
        where = "" if position is None else f" at character {position + 1}"
        super().__init__(f"Cannot parse the query{where}: {problem}")


class SortError(SearchEngineError):
    """A sort that names no direction, or is a function; the wording is the one that CKAN looks for."""

    def __init__(self, spec: str) -> None:
        super().__init__(
            f"Can't determine a Sort Order (asc or desc) in sort spec '{spec}'; write fields with their direction, "
            "such as title_string asc; sorting by functions is not supported"
        )


class UnsortableField(SearchEngineError):
    """A sort by a field that has no values of its own to order by."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Cannot sort by {name}, which only gathers words of other fields or keeps what is not searched; "
            "sort by a field of its own, such as title_string"
        )


class BadParameter(SearchEngineError):
    """A parameter, such as rows, that is not of its kind."""

    def __init__(self, name: str, value: object, wanted: str) -> None:
        super().__init__(f"The search parameter {name} is {value!r}; it has to be {wanted}")


class TooManyValues(SearchEngineError):
    """A facet that could only be counted wrongly: what one part of the index leaves out the others cannot add up."""

    def __init__(self, name: str, most: int) -> None:
        super().__init__(
            f"The facet {name} has more than {most} values, too many to count exactly where the index lies in several "
            "parts; leave it out of facet.field, or narrow the search with fq"
        )


class BadSetting(SearchEngineError):
    """A setting of the portal's ini that cannot be followed."""

    def __init__(self, name: str, value: object, wanted: str) -> None:
        super().__init__(
            f"The setting {name} is {str(value)!r}; it has to be {wanted}. Put it right in the portal's ini file"
        )


class BadDocument(SearchEngineError):
    """A document that cannot be indexed, such as one without its unique key."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"Cannot index the document: {problem}")


class NotSupported(SearchEngineError):
    """A request that only Solr itself can answer."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is not supported by govdata_search; CKAN's search runs here without Solr")


class BadSynonyms(SearchEngineError):
    """A line of the file of synonyms that cannot be read, or a file that is not there or cannot be read at all."""

    def __init__(
        self, where: str, problem: str, advice: str = "Write 公交 = 公共交通, or 教师 > 名师, 班主任, one group a line"
    ) -> None:
        super().__init__(f"The synonyms in {where} cannot be read: {problem!r}. {advice}")


class NoDocuments(SearchEngineError):
    """A rebuild would leave an empty index of a portal that has datasets."""

    def __init__(self, datasets: int) -> None:
        super().__init__(
            f"The table of documents is empty although CKAN has {datasets} datasets; "
            "run `ckan govdata-search rebuild --from-tables`. The index was left as it was"
        )


class EngineBusy(SearchEngineError):
    """Another process held the index for too long."""


class WriteHeldUp(EngineBusy):
    """The change itself is safe in the table and follows with the next write."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"The search index stayed locked by another process for {seconds:.0f} s. The change is kept and will be "
            "indexed with the next write; `ckan govdata-search status` shows what waits"
        )


class RebuildRunning(EngineBusy):
    """Somebody else builds a whole index; a second one beside it would be of no use."""

    def __init__(self, _seconds: float = 0) -> None:
        super().__init__(
            "Another rebuild of the search index is running already, in another process. What is written meanwhile will be in "
            "it; see `ckan govdata-search status`, and run `ckan govdata-search rebuild` again only if that one fails",
        )


class RebuildHeldUp(EngineBusy):
    """A new index is built, but could not take the place of the old one."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"The rebuild could not finish: another process went on writing to the search index for {seconds:.0f} s "
            "(govdata.search.lock_seconds). The old index still answers and what was built is kept: run "
            "`ckan govdata-search rebuild` again, it goes on from there",
        )


class EngineFailure(SearchEngineError):
    """The engine could not read or write its index."""

    def __init__(self, doing: str, cause: object) -> None:
        super().__init__(f"The search index failed while {doing}: {cause}")


class IndexFailure(EngineFailure):
    """A folder of an index on this machine could not be read or written: damaged by a power cut, say, or on a full disk."""

    def __init__(self, doing: str, folder: object, cause: object) -> None:
        super().__init__(
            doing,
            f"{cause}. The index lies in {folder}; see that its disk has room and that CKAN may write there, then "
            "run `ckan govdata-search rebuild`",
        )


class BadIndexPath(EngineFailure):
    """Where the index of this machine should lie is no folder, or none in which CKAN may write."""

    def __init__(self, doing: str, folder: object, cause: object) -> None:
        super().__init__(
            doing,
            f"{cause}. The folder of the index would be {folder}; let govdata.search.index_path name a folder that "
            "CKAN may make and write",
        )


class IndexMissing(EngineFailure):
    """There is no index to search: none was built yet, or somebody took it away."""

    def __init__(self, place: str) -> None:
        super().__init__("searching", f"there is no index {place}; run `ckan govdata-search rebuild`")
        self.place = place


class IndexForeign(EngineFailure):
    """The index follows the table of another database: another site uses its place, or the database was restored."""

    def __init__(self, place: object, setting: str = "govdata.search.index_path") -> None:
        super().__init__(
            "searching",
            f"the index in {place} follows another database's table; give each site its own {setting}, and run "
            "`ckan govdata-search rebuild` (after a restore of the database that alone will do)",
        )


class EngineUnavailable(EngineFailure):
    """The index cannot be asked or written for now. What is written waits in the table and follows by itself, in order."""


class ServerGone(EngineUnavailable):
    """The server of the index does not answer."""

    def __init__(self, doing: str, where: str, cause: object) -> None:
        super().__init__(
            doing,
            f"Elasticsearch at {where} does not answer ({cause}). Changes are kept and follow when it is back; "
            "see that it runs, and that govdata.search.elasticsearch.url names it, with https where it has a certificate",
        )


class Untrusted(EngineUnavailable):
    """The server is there, but no secured connection comes about."""

    def __init__(self, doing: str, where: str, cause: object) -> None:
        super().__init__(
            doing,
            f"No secured connection to Elasticsearch at {where} ({cause}). See that govdata.search.elasticsearch.url begins with "
            "https only where the server has a certificate, and that govdata.search.elasticsearch.ca_certs names the file of "
            "the authority that signed it. Changes are kept and follow afterwards",
        )


class Refusing(EngineUnavailable):
    """The server takes no changes for now; what is indexed can be searched."""

    def __init__(self, doing: str, where: str, cause: object) -> None:
        super().__init__(
            doing,
            f"Elasticsearch at {where} takes no changes for now ({cause}). They are kept and follow by themselves; searches "
            "answer from what is indexed. See that its disks have room and that no block is set on the index",
        )


class NoIndex(EngineUnavailable):
    """There is no index to ask or to write to, which is not the same as one without documents."""
