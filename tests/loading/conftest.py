"""What tests of model files share."""

import pytest

from xaiteach.loading import hdf5


@pytest.fixture
def quick_hdf5(monkeypatch):
    """HDF5 files are read in this process; test_hdf5.py and test_model.py have the one of its own."""
    monkeypatch.setattr(hdf5, "_ask_child", lambda data, seconds: hdf5.answer_for(data))
