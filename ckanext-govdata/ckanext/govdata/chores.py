"""What the portal does by itself from time to time, such as deleting what is over its term.

The worker of background jobs asks every minute what is due (`installation.worker`), so that it is done on a portal that
nobody visits, too. Redis remembers when a chore was last queued: with several workers it is queued once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit as tk
from redis.exceptions import RedisError

from .access.parties.purging import purge as purge_parties
from .agreements.keeping import try_again as try_signatures_again
from .agreements.life.sweeping import sweep as sweep_agreements
from .cases.objections.followers import tell_of_changes
from .cases.purging import purge_misuse, purge_objections
from .cases.requests.reminding import remind as remind_of_promises
from .cases.withdrawal.cleaning import follow_all
from .cases.withdrawal.holders import escalate
from .cases.withdrawal.scanning import scan_lately
from .holdings.releasing import release_old
from .officers.posts import end_over_terms, forget_offers
from .signin.joining import purge as purge_signin
from .signin.joining import sweep as sweep_signin
from .signin.recording import write_counted
from .uses.counting import sum_up

logger = logging.getLogger(__name__)

_DAY = 86_400


@dataclass(frozen=True)
class Chore:
    """One chore: its name, after how many seconds it is due again, the job, and what the list of jobs calls it."""

    name: str
    every: int
    job: Callable[[], Any]
    title: str

    @property
    def key(self) -> str:
        return f"govdata:{tk.config.get('ckan.site_id')}:chore:{self.name}"


CHORES: tuple[Chore, ...] = (
    # Persons' values in the ledger are purged by the sequencer, which works without CKAN.
    Chore("parties-purge", _DAY, purge_parties, "Delete values of parties whose term is over"),
    Chore("posts-end", 300, end_over_terms, "End posts whose last day has passed"),
    Chore("offers-forget", _DAY, forget_offers, "Forget the addresses of posts that nobody took up"),
    Chore("signin-failures", 60, write_counted, "Record failures of signing in"),
    Chore("signin-sweep", 300, sweep_signin, "End what hangs on terms of identity services that are over"),
    Chore("signin-purge", _DAY, purge_signin, "Delete tokens and sessions whose term is over"),
    Chore("withdrawals-follow", 300, follow_all, "Go on with withdrawals that are not finished"),
    Chore("withdrawals-escalate", 3600, escalate, "Tell of holders who have not confirmed in time"),
    Chore("leaks-scan", 3600, scan_lately, "Look for identity numbers in files that are open"),
    Chore("objections-purge", _DAY, purge_objections, "Delete words of objections whose term is over"),
    Chore("misuse-purge", _DAY, purge_misuse, "Delete words of reports of misuse whose term is over"),
    Chore("followers-tell", 3600, tell_of_changes, "Tell those who follow a dataset that it changed"),
    Chore("requests-promised", 3600, remind_of_promises, "Tell of requests for data whose promised day has passed"),
    Chore("agreements-try-again", 600, try_signatures_again, "Complete signatures that wait for a service"),
    Chore("uses-sum-up", 600, sum_up, "Sum up uses by month"),
    Chore("versions-release", _DAY, release_old, "Delete replaced files that nobody can ask about any more"),
    Chore("agreements-sweep", 600, sweep_agreements, "Let agreements end, and tell ends and duties"),
)


def queue_due() -> list[str]:
    """Put into the queue what is due, and tell its names. Where Redis does not answer, the next call does it."""
    try:
        return [chore.name for chore in CHORES if _queue(chore)]
    except RedisError:
        logger.warning("Due chores could not be queued; the next try comes in a minute", exc_info=True)
        return []


def _queue(chore: Chore) -> bool:
    redis = connect_to_redis()
    if not redis.set(chore.key, 1, nx=True, ex=chore.every):
        return False
    try:
        tk.enqueue_job(chore.job, title=chore.title)
    except BaseException:
        redis.delete(chore.key)
        raise
    return True
