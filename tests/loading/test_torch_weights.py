"""Published weights are in the cache whole or not at all, whenever a download is killed."""

import hashlib
import http.server
import os
import signal
import subprocess
import sys
import threading

import pytest

from xaiteach.loading.torch_weights import fetch_weights

PIECES = 20
WEIGHTS = bytes(range(256)) * 800
KNOWN = hashlib.sha256(WEIGHTS).hexdigest()[:8]
FETCH = "import sys; from xaiteach.loading.torch_weights import fetch_weights; fetch_weights(*sys.argv[1:], progress=False)"


class Killer(http.server.BaseHTTPRequestHandler):
    """Sends the weights in pieces, and kills the process that fetches them before one of the pieces."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(WEIGHTS)))
        self.end_headers()
        size = len(WEIGHTS) // PIECES
        for i in range(PIECES):
            if i == self.server.kill_before:
                os.kill(self.server.victim(), signal.SIGKILL)
                return
            self.wfile.write(WEIGHTS[i * size : (i + 1) * size])

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Killer)
    httpd.daemon_threads, httpd.kill_before = True, None
    threading.Thread(target=httpd.serve_forever, args=(0.01,), daemon=True).start()
    yield httpd
    httpd.shutdown()
    httpd.server_close()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs a signal that can't be caught")
def test_a_download_killed_at_any_of_twenty_points_leaves_no_half_file(server, tmp_path, monkeypatch):
    monkeypatch.setenv("XAITEACH_CACHE", str(tmp_path))
    url, path = (
        f"http://127.0.0.1:{server.server_port}/net-{KNOWN}.pth",
        tmp_path / "imagenet" / f"net-{KNOWN}.pth",
    )
    for server.kill_before in range(PIECES):
        child = subprocess.Popen([sys.executable, "-c", FETCH, url, KNOWN])
        server.victim = lambda child=child: child.pid
        assert child.wait() == -signal.SIGKILL
        assert not path.exists()
    server.kill_before = None
    assert fetch_weights(url, KNOWN, progress=False).read_bytes() == WEIGHTS
    assert [file.name for file in path.parent.iterdir() if not file.name.startswith(".")] == [path.name]
