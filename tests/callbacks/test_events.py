"""TensorBoard, started for real, shows what was drawn."""

import io
import json
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

import numpy as np
from PIL import Image
from watching import IMAGES, Growing, colour_of, colour_of_maps, unsure

import xaiteach as xt

QUICK_TENSORBOARD = """
import sys
sys.modules["tensorflow"] = None  # it can do without, and is there in half the time
from tensorboard.main import run_main
run_main()
"""


def test_pictures_reach_tensorboard_without_loading_a_framework(tmp_path):
    """Beside PyTorch, TensorFlow would cost 600 MB."""
    code = (
        "import sys, numpy as np, xaiteach as xt\n"
        "method = lambda model, images, targets: images[..., 0]\n"
        f"watch = xt.callbacks.HeatMaps(np.ones((1, 8, 8, 1)), method, tensorboard={str(tmp_path)!r})\n"
        "watch(lambda images: np.tile([0.7, 0.3], (len(images), 1)), 1)\n"
        "assert not {'keras', 'tensorflow', 'torch'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "lambda").iterdir())) == 1


@contextmanager
def tensorboard(folder, log):
    """A TensorBoard that shows `folder` on this machine alone, and its address."""
    options = [
        "--logdir",
        folder,
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--load_fast=false",
        "--reload_interval",
        "1",
    ]
    with open(log, "wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", QUICK_TENSORBOARD, *options], stdout=file, stderr=file
        )
    try:
        yield (
            process,
            wait_for(lambda: re.search(r"http://127\.0\.0\.1:\d+", log.read_text()), process, log)[0],
        )
    finally:
        process.terminate()
        process.wait(30)


def wait_for(answer, process, log):
    deadline = time.monotonic() + 60
    while not (found := answer()):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
    return found


def test_tensorboard_shows_the_pictures_that_were_drawn(tmp_path):
    logs, own = tmp_path / "logs", tmp_path / "own"
    watch = xt.callbacks.HeatMaps(
        IMAGES, Growing(), every=2, folder=own, tensorboard=logs, style="heatmap", scale=6.0
    )
    log, open_url = tmp_path / "log.txt", build_opener(ProxyHandler({})).open
    watch(unsure, 2)
    with tensorboard(logs, log) as (process, address):

        def ask(what, **query):
            with open_url(f"{address}/data/plugin/images/{what}?{urlencode(query)}", timeout=60) as answer:
                return answer.read()

        def shown(n):
            found = json.loads(ask("tags")) and json.loads(
                ask("images", run="Growing", tag="Growing", sample=0)
            )
            return len(found) == n and found

        wait_for(lambda: shown(1), process, log)
        watch(unsure, 4)
        found = wait_for(lambda: shown(2), process, log)
        assert [one["step"] for one in found] == [2, 4]
        tags = json.loads(ask("tags"))
        assert {run: list(part) for run, part in tags.items()} == {"Growing": ["Growing"]}
        for one, value in zip(found, (1, 2), strict=True):
            with open_url(
                f"{address}/data/plugin/images/individualImage?{one['query']}", timeout=60
            ) as answer:
                png = answer.read()
            assert png == (own / f"Growing_epoch_{one['step']:04d}.png").read_bytes()
            picture = Image.open(io.BytesIO(png))
            assert picture.width > 200 and picture.height > 200 and len(picture.getcolors(10**6)) > 50
            np.testing.assert_allclose(colour_of_maps(picture), colour_of(value / 6), atol=1)
