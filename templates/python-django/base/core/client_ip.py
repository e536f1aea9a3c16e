"""Who is calling: the one address that can be believed."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network


class TrustedProxies:
    """The peers whose X-Forwarded-* headers count."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = [ip_network(network) for network in networks]

    def trusts(self, address: str) -> bool:
        ip = _parse(address) if self._networks else None
        return ip is not None and any(ip in network for network in self._networks)

    def client(self, peer: str, forwarded_for: str) -> str:
        """The rightmost address that is not one of ours.

        Left of it, X-Forwarded-For is whatever the client wrote.
        """
        if not self.trusts(peer):
            return peer
        address = peer
        for entry in reversed(forwarded_for.split(",")):
            candidate = entry.strip()
            if _parse(candidate) is None:
                break
            address = candidate
            if not self.trusts(address):
                break
        return address


@lru_cache(maxsize=4096)
def network(address: str) -> str:
    """What a limit counts: an IPv4 address, or the /64 one IPv6 customer owns."""
    ip = _parse(address)
    if isinstance(ip, IPv6Address):
        return str(ip.ipv4_mapped or ip_network((ip, 64), strict=False))
    return address


@lru_cache(maxsize=4096)
def _parse(address: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(address)
    except ValueError:
        return None
