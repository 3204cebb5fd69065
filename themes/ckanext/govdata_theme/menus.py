"""What leads from every page: the account's menu by task, the officers' tools, and the services for everybody. Tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ckan.plugins import toolkit as tk

from .applications import govdata_applying
from .list_words import govdata_has_lists


@dataclass(frozen=True)
class Way:
    """A link: its route with what the route takes, its drawing and words, for whom it is there, and a line of what it is for."""

    route: str
    icon: str
    label: str
    there: Callable[[], bool] = lambda: True
    about: str = ""
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return str(tk.url_for(self.route, **self.values))


def _may(action: str) -> Callable[[], bool]:
    return lambda: bool(tk.h.check_access(action))


def _applying_officer() -> bool:
    return govdata_applying() and bool(tk.h.check_access("govdata_party_list"))


def _sees_officers() -> bool:
    return "govdata_sees_officers" in tk.h and bool(tk.h.govdata_sees_officers())


def _signing_in() -> bool:
    return "govdata_login_providers" in tk.h


def _there(ways: Iterable[Way]) -> list[Way]:
    return [way for way in ways if way.there()]


def _own_cases() -> list[Way]:
    return [
        Way("govdata_pages.applications", "edit", tk._("My applications"), govdata_applying),
        Way("govdata_pages.agreements", "list", tk._("Agreements"), govdata_applying),
        Way("govdata_pages.requests", "quote", tk._("My requests"), values={"mine": 1}),
        Way("govdata_pages.own_contributions", "quote", tk._("What I said of data")),
    ]


def _officers_cases() -> list[Way]:
    desk = "govdata_pages.application_desk"
    return [
        Way("govdata_pages.case_desk", "desk", tk._("All cases"), _may("govdata_case_list")),
        Way(desk, "edit", tk._("Applications to our agency"), govdata_applying, values={"desk": "agency"}),
        Way(desk, "edit", tk._("All applications"), _applying_officer, values={"desk": "authority"}),
        Way("govdata_pages.objections_desk", "list", tk._("Objections to handle"), _may("govdata_objection_list")),
        Way("govdata_pages.withdrawals", "warning", tk._("Leaks and withdrawals"), _may("govdata_withdrawal_list")),
        Way("govdata_pages.misuse_list", "warning", tk._("Reports of misuse"), _may("govdata_misuse_list")),
    ]


def _own_data() -> list[Way]:
    return [
        Way("dashboard.datasets", "list", tk._("My datasets")),
        Way("govdata_pages.grants", "conditional", tk._("My data")),
        Way("govdata_pages.own", "history", tk._("My uses")),
    ]


def _officers_data() -> list[Way]:
    return [
        Way("govdata_pages.lists", "list", tk._("Lists that come in"), govdata_has_lists),
        Way("govdata_pages.grant_desk", "conditional", tk._("Grants and inspections")),
        Way("govdata_pages.of_agency", "history", tk._("How our data is used")),
        Way("govdata_pages.trace", "search", tk._("Trace"), _may("govdata_use_trace")),
        Way("govdata_pages.leaks", "search", tk._("A file that leaked"), _may("govdata_leak_trace")),
        Way("govdata_pages.ledger", "list", tk._("Ledger"), _may("govdata_ledger_status")),
    ]


def _officers_people() -> list[Way]:
    return [
        Way("govdata_pages.party_desk", "person", tk._("Parties"), _may("govdata_party_list")),
        Way("govdata_officers.index", "person", tk._("Officers"), _sees_officers),
    ]


def _settings(person: Any) -> list[Way]:
    texts = _may("govdata_agreement_text_draft")
    return [
        Way("user.read", "person", tk._("My profile"), values={"id": person.name}),
        Way("govdata_login_account.security", "conditional", tk._("Security and programs"), _signing_in),
        Way(
            "govdata_pages.model_texts",
            "edit",
            tk._("Model texts of agreements"),
            lambda: govdata_applying() and texts(),
        ),
        Way("admin.index", "desk", tk._("Administration"), lambda: bool(person.sysadmin)),
    ]


def govdata_is_officer() -> bool:
    """Whether the reader has a desk."""
    return tk.current_user.is_authenticated and bool(tk.h.check_access("govdata_review_list"))


def govdata_account_menu() -> list[dict[str, Any]]:
    """The account's menu: `title` and `ways` of each group that has any."""
    officer = govdata_is_officer()
    groups = {
        "cases": (tk._("Cases"), [*_own_cases(), *(_officers_cases() if officer else ())]),
        "data": (tk._("Data"), [*_own_data(), *(_officers_data() if officer else ())]),
        "people": (
            tk._("People and parties"),
            [
                Way("govdata_pages.parties", "agency", tk._("My parties")),
                *(_officers_people() if officer else ()),
            ],
        ),
        "settings": (tk._("Settings"), _settings(tk.current_user)),
    }
    return [{"name": name, "title": title, "ways": _there(ways)} for name, (title, ways) in groups.items()]


# Of what everybody has, what officers look for on the desk, too.
_ON_THE_DESK = ("govdata_pages.agreements", "govdata_pages.model_texts")


def govdata_officers_ways() -> list[Way]:
    """What stands at the head of the desk."""
    texts = [way for way in [*_own_cases(), *_settings(tk.current_user)] if way.route in _ON_THE_DESK]
    return _there([*_officers_cases(), *texts, *_officers_data(), *_officers_people()])


def govdata_services() -> list[Way]:
    """What a citizen can do here beside finding data, each with a line of what it is for."""
    return _there([*_voices(), *_proofs(), *_uses()])


def _voices() -> list[Way]:
    return [
        Way(
            "govdata_pages.requests",
            "quote",
            tk._("Requests for data"),
            about=tk._("Ask for data that no list has, or join others who ask for it."),
        ),
        Way(
            "govdata_pages.objections",
            "warning",
            tk._("Objections"),
            about=tk._("Read what others found wrong, and what became of it. To object, open the dataset."),
        ),
        Way(
            "govdata_pages.showcase",
            "eye",
            tk._("Made with this data"),
            about=tk._("See what was made with the data of this city, or show your own."),
        ),
    ]


def _proofs() -> list[Way]:
    return [
        Way(
            "govdata_pages.register",
            "list",
            tk._("Register of applications"),
            govdata_applying,
            tk._("Which conditional data was asked for, for what, and what was decided."),
        ),
        Way(
            "govdata_pages.agreement_verify",
            "check",
            tk._("Check an agreement"),
            govdata_applying,
            tk._("Find out whether an agreement is genuine and unchanged."),
        ),
    ]


def _uses() -> list[Way]:
    return [
        Way(
            "govdata_login_developer.index",
            "code",
            tk._("For developers"),
            _signing_in,
            tk._("Register a program, get its keys and see its calls."),
        ),
        Way(
            "govdata_uses.open_statistics",
            "table",
            tk._("Statistics of use"),
            about=tk._("How often each dataset was read and downloaded, month by month."),
            values={"form": "csv"},
        ),
        Way(
            "govdata_pages.misuse_report",
            "info",
            tk._("Report misuse of data"),
            about=tk._("Say so, with your name or without, where data is used unlawfully."),
        ),
    ]


HELPERS = {
    function.__name__: function
    for function in (govdata_account_menu, govdata_is_officer, govdata_officers_ways, govdata_services)
}
