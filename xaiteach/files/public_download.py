"""A file from a public https address, within a size and a time, and never from this machine's own network."""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from contextlib import suppress
from urllib.parse import quote, urljoin, urlsplit

import certifi

from xaiteach.figures.words import short

SECONDS = 20
MOST_REDIRECTS = 5
AS_THEY_ARE = "%:/?#[]@!$&'()*+,;=~"
HEADERS = {"User-Agent": "xaiteach", "Accept": "image/*", "Accept-Encoding": "identity"}
EMBEDDING = [
    ipaddress.ip_network(net) for net in ("64:ff9b::/96", "2002::/16")
]  # an IPv4 address inside an IPv6 one


def download(url, most_bytes, seconds=SECONDS):
    """The bytes at an https address.

    Host names are looked up once and the connection goes to the very address that was checked, so a name can't lead
    elsewhere in between; each redirect is checked anew.

    Args:
        url: of the form https://host/path.
        most_bytes: nothing longer is read.
        seconds: that all of it may take, once the host name is looked up.

    Raises:
        ValueError: for an address that is not public or not https, an answer that is no file, too long or too slow.
    """
    deadline, at = time.monotonic() + seconds, url
    for _ in range(MOST_REDIRECTS + 1):
        found = _visit(url, at, most_bytes, deadline - time.monotonic())
        if isinstance(found, bytes):
            return found
        at = found
    raise ValueError(
        f"{url} leads on to other addresses more than {MOST_REDIRECTS} times; give the last one."
    )


def _visit(asked, at, most_bytes, seconds):
    """The bytes at an address, or the address that it leads on to."""
    host, port, path = _parts(at)
    connection = _Pinned(host, port, _public_address(host, port), max(seconds, 0.1))
    late = threading.Timer(seconds, connection.cut)
    late.start()
    try:
        found = _answer(connection, path, most_bytes)
        if connection.was_cut:
            raise TimeoutError
        return found if isinstance(found, bytes) else urljoin(at, found)
    except (OSError, http.client.HTTPException, ValueError) as error:
        slow = connection.was_cut or isinstance(error, TimeoutError)
        reason = "too slow" if slow else short(error)
        raise ValueError(
            f"{asked} could not be fetched ({reason}). Save the picture, and give its path."
        ) from error
    finally:
        late.cancel()
        connection.close()


class _Pinned(http.client.HTTPSConnection):
    """A connection to one address, whose certificate must be that of the host."""

    def __init__(self, host, port, address, seconds):
        super().__init__(host, port, timeout=seconds)
        self._address, self._wire, self.was_cut = address, None, False

    def connect(self):
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        self.sock = _trusted().wrap_socket(
            self.sock, server_hostname=self.host, do_handshake_on_connect=False
        )
        self._wire = self.sock  # http.client lets go of its own while the answer is still read
        if self.was_cut:
            raise TimeoutError
        self.sock.do_handshake()

    def cut(self):
        """End whatever is under way; the one who waits for it gets an error."""
        self.was_cut = True
        with suppress(AttributeError, OSError):  # not connected yet, or closed already
            self._wire.shutdown(socket.SHUT_RDWR)


def _trusted():
    return ssl.create_default_context(cafile=certifi.where())


def _parts(url):
    """Host, port and path of an https address."""
    try:
        parts = urlsplit(quote(url, safe=AS_THEY_ARE))
        host, port = parts.hostname, parts.port or 443
    except ValueError:
        host = None
    if not host or parts.scheme != "https" or parts.username is not None:
        raise ValueError(
            f"{url[:200]!r} is not of the form https://host/path. Save the picture, and give its path."
        )
    return host, port, (parts.path or "/") + (parts.query and f"?{parts.query}")


def _public_address(host, port):
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ValueError(
            f"The host {host} is not known. Is the address right, and is there a network?"
        ) from None
    addresses = [answer[4][0] for answer in found]
    if not all(map(_is_public, addresses)):
        raise ValueError(f"{host} is on this machine or its own network; only public addresses are fetched.")
    return addresses[0]


def _is_public(address):
    address = ipaddress.ip_address(address.partition("%")[0])
    address = getattr(address, "ipv4_mapped", None) or address
    embedded = any(address in net for net in EMBEDDING if net.version == address.version)
    return address.is_global and not address.is_multicast and not embedded


def _answer(connection, path, most_bytes):
    """The bytes that are there, or the address that it leads on to."""
    connection.request("GET", path, headers=HEADERS)
    response = connection.getresponse()
    if response.status in (301, 302, 303, 307, 308) and response.headers.get("Location"):
        return response.headers["Location"]
    if response.status != 200:
        raise OSError(f"the server answered {response.status} {response.reason}")
    data = response.read(most_bytes + 1)
    if len(data) > most_bytes:
        raise OSError(f"more than {most_bytes:,} bytes")
    if response.length:
        raise OSError(f"the answer was cut off {response.length:,} bytes before its end")
    return data
