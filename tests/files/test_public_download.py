"""Downloads: from a server on loopback that stands in for a public one; addresses that are refused."""

import socket
import ssl
from collections import defaultdict
from pathlib import Path

import mirrors as serve
import numpy as np
import pytest
import urllib3.util.connection as wire
from PIL import Image
from test_load import as_bytes, noise

import xaiteach as xt
from xaiteach.files import download as web

CERTIFICATE = Path(__file__).parent / "loopback.pem"  # made for these tests: the host photos.test, its key
PHOTO = as_bytes(Image.fromarray(noise()))
BODIES = defaultdict(lambda: PHOTO)  # whatever name is asked for


def moved(to, after=lambda handler, body: None):
    """A redirect, and what the server does after it."""

    def behaviour(handler, body):
        handler.send_response(302)
        handler.send_header("Location", to)
        handler.end_headers()
        after(handler, body)

    return behaviour


def endless(handler, body):
    for _ in range(2_000):  # never done in the time that a test gives it, and not for ever either
        if handler.server.stopped.wait(0.01):
            return
        handler.wfile.write(b"x")


BEHAVIOURS = {
    "photo": serve.good,
    "moved": moved("/photo"),
    "home": moved("https://127.0.0.1/photo"),
    "plain": moved("http://photos.test/photo"),
    "secret": moved("file:///etc/passwd"),
    "long-goodbye": moved("/photo", endless),
    "round-and-round": moved("/round-and-round"),
    "missing": serve.not_found,
    "cut": serve.cut_off,
    "trickle": serve.trickle,
}


def answer(handler, body):
    """The first part of the path says what the server does."""
    BEHAVIOURS[handler.path.split("/")[1]](handler, body)


@pytest.fixture
def server(monkeypatch, start):
    """A server with a certificate for photos.test, which is looked up as public and is here."""
    mirror, context = start(answer, BODIES), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    mirror.socket = context.wrap_socket(mirror.socket, server_side=True)
    look_up, connect = socket.getaddrinfo, wire.create_connection

    def public(host, port, *arguments, **options):
        return look_up("8.8.8.8" if host.endswith(".test") else host, port, *arguments, **options)

    def here(address, *arguments, **options):
        return connect(("127.0.0.1", address[1]), *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", public)
    monkeypatch.setattr(wire, "create_connection", here)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATE))
    monkeypatch.setenv("NO_PROXY", "*")
    mirror.at = f"https://photos.test:{mirror.server_port}"
    return mirror


def test_a_photo_comes_from_its_address_with_a_query_and_letters_of_any_language(server):
    photo = xt.load_image(f"{server.at}/photo/größer?a=1&b=%20")
    np.testing.assert_array_equal(photo, np.float32(noise()) / 255)
    assert server.requested == ["gr%C3%B6%C3%9Fer?a=1&b=%20"]


def test_one_redirect_is_followed_its_body_is_not_read_and_many_are_not(server):
    """The body of one would take 20 seconds to come."""
    assert web.download(f"{server.at}/moved", 10_000) == PHOTO
    assert web.download(f"{server.at}/long-goodbye", 10_000, seconds=15) == PHOTO
    with pytest.raises(ValueError, match="Exceeded 5 redirects"):
        web.download(f"{server.at}/round-and-round", 10_000)
    assert server.requested.count("round-and-round") == 6


REFUSED = {"home": "own network", "plain": "not of the form https", "secret": "not of the form https"}
REFUSED |= {"missing": "404", "photo": "more than 1,000 bytes", "cut": "IncompleteRead"}


@pytest.mark.parametrize(("path", "words"), REFUSED.items())
def test_what_a_server_should_not_answer_is_refused_in_a_sentence(server, path, words):
    with pytest.raises(ValueError, match=words) as refusal:
        web.download(f"{server.at}/{path}", 1_000 if path == "photo" else 10_000)
    assert "\n" not in str(refusal.value)


def test_a_server_that_is_never_done_is_left_when_the_time_is_over(server):
    with pytest.raises(ValueError, match="not done after 0.3 s"):
        web.download(f"{server.at}/trickle", 10_000, seconds=0.3)


def test_a_certificate_of_another_host_or_that_nobody_vouches_for_is_refused(server, monkeypatch):
    with pytest.raises(ValueError, match="could not be fetched .*others.test"):
        web.download(server.at.replace("photos", "others") + "/photo", 10_000)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(ValueError, match="could not be fetched"):
        web.download(f"{server.at}/photo", 10_000)
    assert server.requested == []


@pytest.mark.parametrize(
    "url",
    ["http://example.org/a.png", "ftp://example.org/a.png", "file:///etc/passwd", "https://"]
    + ["https://name:word@example.org/a.png", "https://[::1/a.png", "https://example.org:99999/a.png"],
)
def test_other_addresses_are_refused_before_anything_is_asked(url, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("a name was looked up"))
    with pytest.raises(ValueError, match="not of the form https://host|could not be fetched .Invalid|Failed"):
        xt.load_image(url)


OWN_4 = "127.0.0.1 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1"
OWN_6 = "::1 fe80::1%eth0 fc00::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1"


@pytest.mark.parametrize("address", f"{OWN_4} {OWN_6}".split())
def test_addresses_of_this_machine_and_its_network_are_refused(address, monkeypatch):
    found = [(0, 0, 0, "", (each, 443)) for each in ("8.8.8.8", address)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(ValueError, match="only public addresses"):
        xt.load_image("https://rebinding.test/a.png")
    assert all(map(web._is_public, ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8"]))


def test_a_host_that_is_not_known_is_named(monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(ValueError, match="host nowhere.test is not known"):
        xt.load_image("https://nowhere.test/a.png")
