"""Which network addresses may be fetched from. Pure.

Guarantee: what is not a public address, in whatever form it is written or carried inside an IPv6 address, is refused, unless
the operator named its network; addresses of cloud metadata are refused even then.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PUBLIC = "public"
_METADATA = frozenset(
    map(ipaddress.ip_address, ("169.254.169.254", "169.254.170.2", "100.100.100.200", "192.0.0.192", "fd00:ec2::254"))
)
_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_COMPATIBLE = ipaddress.ip_network("::/96")
_SHARED = ipaddress.ip_network("100.64.0.0/10")
_SITE_LOCAL = ipaddress.ip_network("fec0::/10")


def verdict(text: str, allowed: Iterable[Network] = ()) -> str:
    """`public`, or why this address may not be fetched from; `allowed` are networks that the operator named."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return "no_address"
    inside = [*_carried(address), address]
    if any(found in _METADATA for found in inside):
        return "metadata"
    if any(inner in network for network in allowed for inner in inside if inner.version == network.version):
        return PUBLIC
    return next((reason for found in inside if (reason := _reason(found)) != PUBLIC), PUBLIC)


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks as the operator names them, such as 10.0.0.0/8. Raises ValueError for what is none."""
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def _carried(address: Address) -> Iterator[Address]:
    """The IPv4 addresses that an IPv6 address carries: mapped, compatible, 6to4, Teredo, NAT64."""
    if not isinstance(address, ipaddress.IPv6Address):
        return
    if address.ipv4_mapped:
        yield address.ipv4_mapped
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo
    if any(address in network for network in _NAT64) or (address in _COMPATIBLE and int(address) > 1):
        yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)


def _reason(address: Address) -> str:
    checks = (
        ("unspecified", address.is_unspecified),
        ("loopback", address.is_loopback),
        ("link_local", address.is_link_local),
        ("multicast", address.is_multicast),
        ("shared", address.version == 4 and address in _SHARED),
        ("private", address.is_private or (address.version == 6 and address in _SITE_LOCAL)),
        ("reserved", address.is_reserved and not list(_carried(address))),
        ("not_global", not address.is_global and not list(_carried(address))),
    )
    # A mapped address is judged by what it carries.
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return PUBLIC
    return next((name for name, holds in checks if holds), PUBLIC)
