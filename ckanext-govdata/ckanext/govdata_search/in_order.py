"""What was read from CKAN's tables a while ago is written so that it never undoes what others wrote since.

Rows of the table of documents are numbered after their transactions have committed, and the greatest number of a key wins.
Whoever writes here numbers all committed rows first and gives its own rows the next numbers in the same transaction, in
which nobody else can give numbers. So a row that is not committed at that moment, however early it was inserted, gets a
greater number later, and wins.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from ckan.common import config as ckan_config
from sqlalchemy.engine import Engine

from . import log
from .model import SEQUENCE, TABLE

# A document of another extension, such as a harvest source's, has another type. Quotes within values are written \".
_OF_DATASET = '"entity_type": "package"'
_IN_TABLE = f"""SELECT index_id FROM {TABLE} WHERE site_id = :site AND number IS NOT NULL AND document IS NOT NULL
    AND index_id IS NOT NULL AND position(:of_dataset in document) > 0"""  # noqa: S608
_NAMED = "SELECT unnest(CAST(:keys AS text[])) AS index_id"
_REMOVE = """INSERT INTO {table} (index_id, site_id, number)
    SELECT gone.index_id, :site, nextval('{sequence}') FROM ({documents}) AS gone
    WHERE NOT EXISTS (SELECT FROM package AS p WHERE md5(p.id || :site) = gone.index_id
    AND (:also_deleted OR p.state <> 'deleted'))
    AND NOT EXISTS (SELECT FROM {table} AS newer WHERE newer.index_id = gone.index_id AND newer.number IS NULL)"""


def remove_gone(database: Engine, keys: Iterable[str] | None = None) -> int:
    """Write deletions for the documents, all of the table or those named, whose dataset is not there to be indexed now.

    One statement looks at documents and datasets, so it sees both as of one moment. A dataset that is made meanwhile is
    not there yet with its document either; one that is made again under its old id writes a row that gets a greater number.
    """
    statement = _REMOVE.format(table=TABLE, sequence=SEQUENCE, documents=_IN_TABLE if keys is None else _NAMED)
    given = {
        "site": str(ckan_config.get("ckan.site_id")),
        "also_deleted": not ckan_config.get("ckan.search.remove_deleted_packages"),
        **({"of_dataset": _OF_DATASET} if keys is None else {"keys": list(keys)}),
    }
    with database.begin() as connection:
        before = log.number_waiting(connection)
        removed = connection.execute(sa.text(statement), given).rowcount
        log.drop_replaced(connection, before)
    return removed
