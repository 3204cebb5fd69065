"""What was read from CKAN's tables a while ago is written so that it never undoes what others wrote since.

Whoever changes or removes a dataset writes its row in the same transaction, or after it. Rows are numbered after their
transactions have committed, and of a key the greatest number wins. Before reading, `newest` numbers all committed rows; so
what a row up to that number stands for is seen by whoever reads afterwards. Any other row, whenever it was inserted, may
stand for something that the reading missed. When `write` looks, it is one of two:

- It is committed. Then it has no number or one above `newest`, and what was read of its dataset is not written. So the
  deletion of a dataset that is purged holds, too.
- It is not committed. `write` gives its own rows numbers in the transaction in which it looked, and nobody else can give
  any meanwhile. So the other row gets a greater number once it commits, and wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from ckan.common import config as ckan_config
from sqlalchemy.engine import Engine

from . import log
from .model import SEQUENCE, TABLE

_SINCE = f"SELECT index_id FROM {TABLE} WHERE (number IS NULL OR number > :since)"  # noqa: S608
_OVERTAKEN = sa.text(f"{_SINCE} AND index_id = ANY(CAST(:keys AS text[]))")
_CLEARED = sa.text(f"SELECT EXISTS({_SINCE} AND index_id IS NULL AND site_id = ANY(CAST(:sites AS text[])))")
# A document of another extension, such as a harvest source's, has another type. Quotes within values are written \".
_OF_DATASET = {"written": '"entity_type":"package"', "before": '"entity_type": "package"'}
"""As it is written, and as earlier versions wrote it."""
_IN_TABLE = f"""SELECT index_id FROM {TABLE} WHERE site_id = :site AND number IS NOT NULL AND document IS NOT NULL
    AND index_id IS NOT NULL AND (position(:written in document) > 0 OR position(:before in document) > 0)"""  # noqa: S608
_NAMED = "SELECT unnest(CAST(:keys AS text[])) AS index_id"
_REMOVE = """INSERT INTO {table} (index_id, site_id, number)
    SELECT gone.index_id, :site, nextval('{sequence}') FROM ({documents}) AS gone
    WHERE NOT EXISTS (SELECT FROM package AS p WHERE md5(p.id || :site) = gone.index_id
    AND (:also_deleted OR p.state <> 'deleted'))
    AND NOT EXISTS (SELECT FROM {table} AS newer WHERE newer.index_id = gone.index_id AND newer.number IS NULL)"""


def newest(database: Engine) -> int:
    """The number up to which everything is seen by whoever reads CKAN's tables from now on, in a new transaction."""
    with database.begin() as connection:
        return log.number_waiting(connection)


def write(database: Engine, rows: Sequence[log.Row], since: int) -> bool:
    """Write what was read after `newest` had returned `since`, except for keys that others wrote since.

    Writes nothing and returns False where the site was cleared since: that took with it what others had written before, so
    the reading has to be done again.
    """
    given = {"since": since, "keys": [row.key for row in rows], "sites": list({row.site for row in rows})}
    with database.begin() as connection:
        before = log.number_waiting(connection)
        if connection.execute(_CLEARED, given).scalar_one():
            return False
        overtaken = set(connection.execute(_OVERTAKEN, given).scalars())
        log.append(connection, [row for row in rows if row.key not in overtaken], numbered=True)
        log.drop_replaced(connection, before)
    return True


def remove_gone(database: Engine, keys: Iterable[str] | None = None) -> int:
    """Write deletions for the documents, all of the table or those named, whose dataset is not there to be indexed now.

    One statement looks at documents and datasets, so it sees both as of one moment. A dataset that is made meanwhile is
    not there yet with its document either; one that is made again under its old id writes a row that gets a greater number.
    """
    statement = _REMOVE.format(table=TABLE, sequence=SEQUENCE, documents=_IN_TABLE if keys is None else _NAMED)
    given = {
        "site": str(ckan_config.get("ckan.site_id")),
        "also_deleted": not ckan_config.get("ckan.search.remove_deleted_packages"),
        **(_OF_DATASET if keys is None else {"keys": list(keys)}),
    }
    with database.begin() as connection:
        before = log.number_waiting(connection)
        removed = connection.execute(sa.text(statement), given).rowcount
        log.drop_replaced(connection, before)
    return removed
