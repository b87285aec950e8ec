"""What all tests share."""

import os

os.environ["OMP_WAIT_POLICY"] = "passive"

import pytest

import xaiteach as xt


@pytest.fixture(params=["keras", "torch"])
def framework(request):
    return request.param


@pytest.fixture(scope="session")
def digits():
    return xt.load_mnist()


@pytest.fixture(scope="session")
def cnns():
    """The shipped CNN in both frameworks, wrapped."""
    return {name: xt.wrap(xt.load_cnn(name)) for name in ("keras", "torch")}


@pytest.fixture
def cnn(cnns, framework):
    return cnns[framework]


@pytest.fixture
def start():
    """start(behaviour, bodies) → a running `Mirror`, stopped after the test."""
    from mirrors import Mirror

    running = []

    def start(behaviour, bodies):
        running.append(Mirror(bodies, behaviour))
        return running[-1]

    yield start
    for mirror in running:
        mirror.stop()
