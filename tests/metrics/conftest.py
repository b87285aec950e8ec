"""Measures ask through the classifier, so one framework stands for both where weights stay as they are."""

import pytest

import xaiteach as xt


@pytest.fixture(scope="session")
def cnn():
    return xt.wrap(xt.load_cnn("torch"))
