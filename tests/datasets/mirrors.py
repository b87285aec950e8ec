"""Web servers on this machine that serve IDX files well or badly."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np


def to_idx(array):
    """The bytes of an IDX file, not yet compressed."""
    header = np.array([0x0800 + array.ndim, *array.shape], ">u4").tobytes()
    return header + array.tobytes()


def good(handler, body):
    handler.head(body)
    handler.wfile.write(body)


def slow(handler, body):
    time.sleep(0.1)
    good(handler, body)


def without_length(handler, body):
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(body)


def labelled_gzip(handler, body):
    """Some web servers say of a .gz file that it is a text they have compressed for the way."""
    handler.head(body, ("Content-Encoding", "gzip"))
    handler.wfile.write(body)


def trickle(handler, body):
    """A byte every 10 ms: never silent for long, and never done."""
    handler.head(body)
    for byte in body:
        handler.wfile.write(bytes([byte]))
        time.sleep(0.01)


def silent_half_way(handler, body):
    handler.head(body)
    handler.wfile.write(body[: len(body) // 2])
    handler.wfile.flush()
    handler.server.stopped.wait(10)


def cut_off(handler, body):
    handler.head(body)
    handler.wfile.write(body[: len(body) // 2])


def wrong_bytes(handler, body):
    good(handler, body[::-1])


def not_found(handler, body):
    handler.send_error(404)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path.rsplit("/", 1)[-1]
        self.server.requested.append(name)
        self.server.behaviour(self, self.server.bodies[name])

    def head(self, body, *headers):
        self.send_response(200)
        for name, value in [("Content-Length", str(len(body))), *headers]:
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *args):
        pass


class Mirror(ThreadingHTTPServer):
    """A web server on 127.0.0.1 that remembers what it was asked for."""

    def __init__(self, bodies, behaviour):
        super().__init__(("127.0.0.1", 0), Handler)
        self.bodies, self.behaviour = bodies, behaviour
        self.requested, self.stopped = [], threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}/mnist/"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, request, client_address):
        """Clients that hang up are what these tests are about."""

    def stop(self):
        self.stopped.set()
        self.shutdown()
        self.server_close()
