import pytest

import xaiteach as xt


@pytest.fixture(scope="session")
def cnn():
    """Measures ask through the classifier, so one framework stands for both."""
    return xt.wrap(xt.load_cnn("torch"))
