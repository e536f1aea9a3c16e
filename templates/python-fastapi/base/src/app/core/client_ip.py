"""Who is calling: the one address that can be believed."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.types import Scope

type Network = IPv4Network | IPv6Network


class TrustedProxies:
    """The peers whose X-Forwarded-* headers count."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks: list[Network] = [ip_network(network) for network in networks]

    def trusts(self, address: str) -> bool:
        ip = _parse(address) if self._networks else None
        return ip is not None and any(ip in network for network in self._networks)

    def client(self, scope: Scope) -> str:
        """The rightmost address that is not one of ours.

        Left of it, X-Forwarded-For is whatever the client wrote.
        """
        peer: str = (scope.get("client") or ("unknown", 0))[0]
        if not self.trusts(peer):
            return peer
        address = peer
        for entry in reversed(_header(scope, b"x-forwarded-for").split(",")):
            candidate = entry.strip()
            if _parse(candidate) is None:
                break
            address = candidate
            if not self.trusts(address):
                break
        return address

    def is_https(self, scope: Scope) -> bool:
        if scope["scheme"] == "https":
            return True
        peer = (scope.get("client") or ("unknown", 0))[0]
        return self.trusts(peer) and _header(scope, b"x-forwarded-proto") == "https"


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


def _header(scope: Scope, name: bytes) -> str:
    # Repeated lines are one list (RFC 9110, section 5.3).
    return ",".join(value.decode("latin-1") for key, value in scope["headers"] if key == name)
