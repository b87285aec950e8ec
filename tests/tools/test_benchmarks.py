"""Benchmarks still run, and their table says what was measured. No time is asserted."""

from collections import Counter
from itertools import cycle

import numpy as np
import pytest
import run
from cases import cases, digits, explaining
from known import build
from timing import interleaved


def small():
    """A network of one filter on two pictures, and little of everything."""
    sizes = digits()._replace(batch_size=4, window=14, stride=14, steps=2, samples=8, segments=2)
    return sizes._replace(
        images=sizes.images[:2], background=sizes.background[:3], layer=lambda model: model[1]
    )


def model(framework):
    head = np.random.default_rng(0).normal(size=(1, 5))
    return build(
        framework, [(np.ones((3, 3, 1, 1)), [0]), "relu", "average", (head, np.zeros(5))], (28, 28, 1)
    )


@pytest.mark.filterwarnings("ignore")
def test_every_contestant_of_every_case_runs(framework):
    ran = {}
    for title, ways in cases(model(framework), small()):
        ran[title] = list(ways)
        for way in ways.values():
            way()
    assert all(who[:2] == ["raw passes", "xaiteach"] for who in ran.values())
    peers = Counter(peer for who in ran.values() for peer in who[2:])
    assert peers == {"lime": 1, "shap": 2} | ({"captum": 5} if framework == "torch" else {})


@pytest.mark.filterwarnings("ignore")
def test_one_line_is_measured_beside_its_passes_and_its_tests_beside_the_line(framework):
    (_, line), (title, tested) = explaining(model(framework), digits().images[0])
    assert list(line) == list(tested) == ["raw passes", "xaiteach"] and "check=True" in title
    for way in (*line.values(), *tested.values()):
        way()
    assert tested["raw passes"] is line["xaiteach"]
    assert "redrawn" in tested["xaiteach"]().describe() and "redrawn" not in line["xaiteach"]().describe()


def test_raw_passes_see_every_image_and_the_last_batch_too(framework):
    from raw import raw

    passes, seen = raw(model(framework), np.zeros((28, 28, 1), np.float32), 4), []
    passes._forward = passes._gradient = lambda part, *_: seen.append(len(part))
    passes.forward(9)
    passes.gradient(6, 3)
    assert seen == [4, 4, 1, 4, 2]


def test_ratios_are_to_the_first_and_of_the_same_round(monkeypatch):
    clock = iter([0, 1, 1, 4, 4, 6, 6, 10, 10, 14, 14, 34])  # 1 and 3 s, 2 and 4 s, 4 and 20 s
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    measured = interleaved({"raw": lambda: None, "ours": lambda: None}, rounds=3)
    assert measured == {"raw": (2, 1), "ours": (4, 3)}


def test_a_start_is_measured_beside_the_bare_import_each_in_a_process_of_its_own(monkeypatch):
    clock = cycle([0, 2, 2, 7])
    started = []
    monkeypatch.setattr(run.subprocess, "run", lambda command, **_: started.append(command[2]))
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    *_, torch, keras = run.starts().splitlines()
    assert torch == "| PyTorch | 2.0 | 5.0 | 2.50× |" and keras.startswith("| Keras |")
    assert started.count("import torch") == started.count("import keras") == run.STARTS + 1
    assert any("grad_cam(xt.load_cnn('keras')" in code for code in started)


def test_the_table_has_a_line_a_method_and_a_column_a_contestant(monkeypatch):
    lines = ['["LIME", "raw passes", 2.0, 1.0]', '["LIME", "xaiteach", 1.5, 0.75]']
    lines += ['["LIME", "lime", 3.0, 1.5]']
    lines += ['["saliency", "raw passes", 0.1, 1.0]', '["saliency", "xaiteach", 0.1, 1.04]']
    printed = run.subprocess.CompletedProcess([], 0, "\n".join(lines))
    monkeypatch.setattr(run.subprocess, "run", lambda *_, **__: printed)
    *_, lime, saliency = run.table("torch", "digits").splitlines()
    assert lime == "| LIME | 2.00 | 0.75× | 1.50× |"
    assert saliency == "| saliency | 0.10 | 1.04× |  |"
