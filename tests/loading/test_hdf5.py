"""HDF5 files that lead elsewhere, claim too much, or bring their library down: one sentence."""

import h5py
import old_keras as old
import pytest

from xaiteach.loading import hdf5
from xaiteach.loading.keras_files import read_h5


def outside(store):
    store["model_weights/x"] = h5py.ExternalLink("/etc/passwd", "/")


def soft(store):
    store["model_weights/x"] = h5py.SoftLink("/model_weights/head")


def elsewhere(store):
    store.create_dataset("model_weights/x", (4,), "u1", external=[("/etc/passwd", 0, 4)])


def virtual(store):
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (4,))
    store.create_virtual_dataset("model_weights/x", layout)


def unwritten(store):
    store.create_dataset("model_weights/x", (10**12,), "f4")


def squeezed(store):
    store.create_dataset("model_weights/x", (10**9,), "f4", chunks=(10**6,), compression="gzip")[:10] = 1


def circle(store):
    store["model_weights/x"] = store["/"]


def crowd(store):
    for i in range(401):
        store["model_weights"].create_group(f"x{i}")


REFUSED = {
    "link": [outside, soft],
    "other files": [elsewhere, virtual],
    "more than 1,000,000,000 bytes": [unwritten, squeezed],
    "more groups": [circle, crowd],
}


@pytest.mark.parametrize(("words", "more"), [(words, more) for words in REFUSED for more in REFUSED[words]])
def test_a_file_that_leads_elsewhere_or_claims_too_much_is_refused(more, words, monkeypatch):
    monkeypatch.setattr(hdf5, "MOST_ENTRIES", 400)
    answer = hdf5.answer_for(old.h5(old.plan(), old.groups(old.arrays()), more=more))
    assert words in answer.decode()


def test_what_a_file_holds_in_sum_is_limited(monkeypatch):
    """The largest array has 432 bytes, all together have 844."""
    monkeypatch.setattr(hdf5, "MOST_BYTES", 800)
    answer = hdf5.answer_for(old.export()[0])
    assert answer == b"it holds more than 800 bytes"


H5PY = """
import resource
def File(*_): raise ValueError(f"{resource.getrlimit(resource.RLIMIT_AS)[0]} bytes")
"""


def test_the_child_gets_so_much_memory_and_no_more(tmp_path, monkeypatch):
    """In place of the library stands one that says what the limit is: three times the file, and 2 GB."""
    pytest.importorskip("resource", reason="Windows has no such limits")
    (tmp_path / "h5py.py").write_text(H5PY)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    data = old.export()[0]
    with pytest.raises(ValueError, match=f"can't be read: {3 * len(data) + 2_000_000_000} bytes"):
        read_h5(data, "model.h5")


@pytest.mark.parametrize("program", ["import os; os.abort()", "import time; time.sleep(60)"])
def test_a_library_that_crashes_or_hangs_on_the_file_is_a_sentence(program, tmp_path, monkeypatch):
    (tmp_path / "child.py").write_text(program)
    monkeypatch.setattr(hdf5, "__file__", str(tmp_path / "child.py"))
    monkeypatch.setattr(hdf5, "SECONDS", 0.3)
    with pytest.raises(ValueError, match="model.h5 is damaged, it can't be read"):
        read_h5(old.export()[0], "model.h5")


def test_a_refusal_of_the_child_is_a_sentence_and_a_file_of_weights_alone_is_told_apart():
    with pytest.raises(ValueError, match=r"^model.h5 can't be read: 'x' in it is a link .* not trusted\.$"):
        read_h5(old.h5(old.plan(), {}, more=outside), "model.h5")
    data = old.h5(old.plan(), {}, more=lambda store: store.attrs.pop("model_config"))
    with pytest.raises(ValueError, match="holds no model, at most its weights"):
        read_h5(data, "model.h5")
