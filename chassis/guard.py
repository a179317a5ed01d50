"""Which addresses a stranger's link may connect to: the guard against what is inside (SSRF).

A name is resolved once, every address it has is judged, and the connection goes to a judged
address, keeping Host and SNI; so a name that resolves differently a moment later gains nothing.
"""

import asyncio
import ipaddress
import re
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import httpx


class SourceTrouble(Exception):
    """A place in the web gave nothing usable; the message says why, for the operator."""


class SourceRefused(SourceTrouble):
    """Our own rules forbid it: an inner address, too many bytes, a type nobody reads."""


class SourceDead(SourceTrouble):
    """It did not answer, or not with a page; the same place may answer another time."""


Resolver = Callable[[str, int], Awaitable[tuple[str, ...]]]
"""The addresses of a host name, as text, in the order in which to try them."""

DEFAULT_PORTS = {"http": 80, "https": 443}

INNER_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private (RFC 1918)
        "100.64.0.0/10",  # carrier-grade NAT (RFC 6598)
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, cloud metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks (RFC 2544)
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)

OUTER_V6 = IPv6Network("2000::/3")
"""The only global unicast space; mapped, NAT64, local and multicast addresses lie outside it."""

INNER_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: carries an IPv4 address
        "3fff::/20",  # documentation
    )
)

_HOST = re.compile(r"^(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}$|^[0-9a-f:.]+(?:%\w+)?$")
_NUMBER = re.compile(r"^(0[xX][0-9a-fA-F]*|[0-9]+)$")


def is_inner(address: IPv4Address | IPv6Address) -> bool:
    """True for every address that is not plainly out on the public internet.

    Ranges after the IANA special-purpose address registries (RFC 6890).
    """
    if isinstance(address, IPv4Address):
        return any(address in network for network in INNER_V4)
    return address not in OUTER_V6 or any(address in network for network in INNER_V6)


@dataclass(frozen=True, slots=True)
class AllowList:
    """Inner places an operator opened: exact `host:port` pairs, and networks."""

    places: frozenset[tuple[str, int]] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "AllowList":
        """Read `host:port` and CIDR entries separated by commas. Raises ValueError."""
        places: set[tuple[str, int]] = set()
        networks: list[IPv4Network | IPv6Network] = []
        for entry in filter(None, (part.strip() for part in text.split(","))):
            if "/" in entry:
                networks.append(ipaddress.ip_network(entry))
                continue
            host, colon, port = entry.rpartition(":")
            if not (host and colon and port.isdecimal()):
                raise ValueError(
                    f"FETCH_ALLOW: {entry!r} is neither host:port nor a network such as 10.1.0.0/16"
                )
            places.add((host.strip("[]").lower(), int(port)))
        return cls(frozenset(places), tuple(networks))


async def system_resolver(host: str, port: int) -> tuple[str, ...]:
    """The system's own answer."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[4][0]) for address in found))


class Guard:
    """Says for an address in the web which IP addresses may be connected to, or refuses."""

    def __init__(self, allow: AllowList, resolver: Resolver = system_resolver) -> None:
        self._allow = allow
        self._resolver = resolver

    def opened(self, location: str) -> bool:
        """True for the host and port of an address that an operator named in FETCH_ALLOW."""
        try:
            return self._place(httpx.URL(location)) in self._allow.places
        except (SourceRefused, httpx.InvalidURL):
            return False

    async def addresses(self, url: httpx.URL) -> tuple[str, ...]:
        """The judged addresses to connect to. Raises SourceRefused or SourceDead."""
        host, port = self._place(url)
        try:
            found = await self._resolver(host, port)
        except (OSError, UnicodeError):
            raise SourceDead(
                f"the host name {host} cannot be resolved; check its spelling"
            ) from None
        if not found:
            raise SourceDead(f"the host name {host} has no address; check its spelling")
        if (host, port) not in self._allow.places:
            for text in found:
                self._judge(host, text)
        return found

    def _place(self, url: httpx.URL) -> tuple[str, int]:
        if url.scheme not in DEFAULT_PORTS:
            raise SourceRefused(f"only http and https are fetched, not {url.scheme or 'nothing'!r}")
        if url.userinfo:
            raise SourceRefused("the address carries a user name; give it without credentials")
        host = url.host.lower().rstrip(".")
        if not _HOST.match(host):
            raise SourceRefused(f"{host!r} is no host name; write http://<host>/<path>")
        if _NUMBER.match(host.rpartition(".")[2]) and not _is_dotted_quad(host):
            raise SourceRefused(f"{host} is a number in disguise; write the address a.b.c.d")
        return host, url.port or DEFAULT_PORTS[url.scheme]

    def _judge(self, host: str, text: str) -> None:
        address = ipaddress.ip_address(text.partition("%")[0])
        if any(address in network for network in self._allow.networks):
            return
        if is_inner(address):
            raise SourceRefused(
                f"{host} leads to {text}, which is not a public address; "
                "an operator may open it in FETCH_ALLOW"
            )


def _is_dotted_quad(host: str) -> bool:
    try:
        IPv4Address(host)
    except ValueError:
        return False
    return True


class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends each request, redirects included, to an address that the guard has judged."""

    def __init__(self, guard: Guard, tls: ssl.SSLContext) -> None:
        self._guard = guard
        # No connection is kept: two names on one address must not share a TLS session.
        limits = httpx.Limits(max_connections=10, max_keepalive_connections=0)
        self._inner = httpx.AsyncHTTPTransport(verify=tls, trust_env=False, limits=limits)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Connect to the first judged address that takes the connection."""
        addresses = await self._guard.addresses(request.url)
        for number, address in enumerate(addresses, start=1):
            try:
                return await self._inner.handle_async_request(pinned(request, address))
            except httpx.ConnectError:
                if number == len(addresses):
                    raise
        raise AssertionError("the guard answers at least one address")

    async def aclose(self) -> None:
        """Close what is open."""
        await self._inner.aclose()


def pinned(request: httpx.Request, address: str) -> httpx.Request:
    """The same request to a fixed address; Host and the TLS name stay those of the URL."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.host},
    )
