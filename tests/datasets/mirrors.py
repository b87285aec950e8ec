"""Web servers on this machine that serve files well or badly."""

import os
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


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
    handler.head(bytes(10**6))
    for _ in range(2_000):  # not for ever, for the sake of a program that waits
        if handler.server.stopped.wait(0.01):
            return
        handler.wfile.write(b"x")


def silent_half_way(handler, body):
    handler.head(body)
    handler.wfile.write(body[: len(body) // 2])
    handler.wfile.flush()
    handler.server.stopped.wait()


def cut_off(handler, body):
    handler.head(body)
    handler.wfile.write(body[: len(body) // 2])


def wrong_bytes(handler, body):
    good(handler, body[::-1])


def not_found(handler, body):
    handler.send_error(404)


def kill_at(share):
    """Send a share of the file, and kill the process that fetches it: `victim` of the server."""

    def behaviour(handler, body):
        handler.head(body)
        handler.wfile.write(body[: round(share * len(body))])
        handler.wfile.flush()
        os.kill(handler.server.victim.pid, signal.SIGKILL)

    return behaviour


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

    daemon_threads = True

    def __init__(self, bodies, behaviour):
        super().__init__(("127.0.0.1", 0), Handler)
        self.bodies, self.behaviour = bodies, behaviour
        self.requested, self.stopped = [], threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}/mnist/"
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def handle_error(self, request, client_address):
        """Clients that hang up are what these tests are about."""

    def stop(self):
        self.stopped.set()
        self.shutdown()
        self.server_close()
