"""Pictures for TensorBoard, read by TensorBoard itself."""

import io
import subprocess
import sys
from types import ModuleType

import numpy as np
from PIL import Image
from watching import IMAGES, Growing, colour_of, colour_of_maps, unsure

import xaiteach as xt


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


def test_tensorboard_finds_each_picture_as_soon_as_it_was_drawn(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard.compat.notf", ModuleType("notf"))  # quicker than TensorFlow
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    logs, own = tmp_path / "logs", tmp_path / "own"
    options = {"every": 2, "style": "heatmap", "scale": 6.0}
    watch = xt.callbacks.HeatMaps(IMAGES, Growing(), folder=own, tensorboard=logs, **options)
    read = EventAccumulator(str(logs / "Growing"), size_guidance={"images": 0})
    for epoch in (2, 4):
        watch(unsure, epoch)
        read.Reload()
        assert read.Tags()["images"] == ["Growing"]
        last = read.Images("Growing")[-1]
        assert last.step == epoch
        assert last.encoded_image_string == (own / f"Growing_epoch_{epoch:04d}.png").read_bytes()
        picture = Image.open(io.BytesIO(last.encoded_image_string))
        assert picture.size == (last.width, last.height)
        np.testing.assert_allclose(colour_of_maps(picture), colour_of(epoch / 2 / 6), atol=1)
    assert [event.step for event in read.Images("Growing")] == [2, 4]
