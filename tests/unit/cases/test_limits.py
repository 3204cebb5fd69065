"""From where a flood comes: what counts as one address."""

from __future__ import annotations

import pytest

from ckanext.govdata.cases.limits import network


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("", ""),
    ],
)
def test_one_line_has_one_place_however_many_addresses_it_gives_itself(address: str, place: str) -> None:
    assert network(address) == place
