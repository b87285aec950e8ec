"""The report: every method by every measure, controls below, intervals by bootstrap."""

import numpy as np
import pytest

import xaiteach as xt
from xaiteach.metrics import MEASURES, Measure, Report, deletion, report


@pytest.fixture(scope="module")
def found(cnn, digits):
    methods = {"gradient": xt.saliency, "occlusion": lambda *a: xt.occlusion(*a, window=4, of="score")}
    return report(cnn, digits.x_test[:6], methods)


def test_every_method_and_control_gets_every_measure_for_every_image(found):
    assert list(found.values) == ["gradient", "occlusion", "random", "raw pixel", "edge filter"]
    assert found.controls == {"random", "raw pixel", "edge filter"}
    for by_measure in found.values.values():
        assert list(by_measure) == list(MEASURES) == list(found.readings)
        assert all(values.shape == (6,) and np.isfinite(values).all() for values in by_measure.values())


def test_columns_are_the_measures_themselves(found, cnn, digits):
    images = digits.x_test[:6]
    expected = deletion(cnn, images, xt.saliency(cnn, images), block=4).value
    np.testing.assert_allclose(found.values["gradient"]["deletion"], expected, atol=1e-5)
    assert found.mean("occlusion", "faithfulness") == pytest.approx(1, abs=1e-4), "the same squares"
    redrawn = xt.metrics.randomisation_check(cnn, images, xt.saliency, progress=False).curve[:, 1:]
    np.testing.assert_allclose(found.values["gradient"]["weights redrawn"], redrawn.mean(axis=1), atol=1e-5)
    assert found.mean("raw pixel", "weights redrawn") == pytest.approx(1)
    assert found.mean("occlusion", "deletion") < found.mean("random", "deletion")


def test_guided_backpropagation_does_not_pass_though_its_last_point_is_low(cnns, digits):
    asked = cnns["torch"], digits.x_test[:6]
    options = {"measures": {"redrawn": MEASURES["weights redrawn"]}, "controls": False, "progress": False}
    found = report(*asked, {"guided": xt.guided_backpropagation, "gradient": xt.saliency}, **options)
    assert found.mean("guided", "redrawn") > 0.5 > 0.3 > abs(found.mean("gradient", "redrawn"))


def test_measures_of_one_s_own_and_no_controls(cnn, digits):
    def size(model, images, maps, method, targets):
        return abs(maps).sum(axis=(1, 2))

    options = {"measures": {"size": Measure(size, "How much.")}, "controls": False}
    found = report(cnn, digits.x_test[:4], {"gradient": xt.saliency}, 3, **options)
    expected = abs(xt.saliency(cnn, digits.x_test[:4], 3)).sum(axis=(1, 2))
    np.testing.assert_allclose(found.values["gradient"]["size"], expected, rtol=1e-5)
    assert not found.controls and "size: How much." in str(found)


def test_an_interval_holds_the_mean_about_as_often_as_it_says():
    """Of 40 normal values, 95 % lie within 1.96 · deviation / √40 of the mean, on either side."""
    samples = np.random.default_rng(0).normal(size=(200, 40))
    reports = [Report({"a": {"m": sample}}, {"m": ""}, n_resamples=400) for sample in samples]
    low, high = np.transpose([report.interval("a", "m") for report in reports])
    assert 0.88 <= ((low <= 0) & (high >= 0)).mean() <= 0.98
    width = 1.96 * samples.std(axis=1) / np.sqrt(40)
    assert ((high - samples.mean(axis=1)) / width).mean() == pytest.approx(1, abs=0.05)
    assert ((samples.mean(axis=1) - low) / width).mean() == pytest.approx(1, abs=0.05)


def test_the_seed_and_the_number_of_resamples_decide_on_the_interval():
    values = {"a": {"m": np.random.default_rng(0).normal(size=9)}}
    options = [{"seed": 7}, {"seed": 7}, {"seed": 0}, {"seed": 7, "n_resamples": 50}]
    first, again, *others = (Report(values, {}, **each).interval("a", "m") for each in options)
    assert first == again and first not in others


def test_it_prints_a_line_a_method_with_intervals_and_how_to_read_them(found):
    lines = str(found).splitlines()
    assert lines[0].split() == ["deletion", "insertion", "faithfulness", "weights", "redrawn", "noise"]
    assert [line.split("  ")[0] for line in lines[1:6]] == list(found.values)
    low, high = found.interval("gradient", "insertion")
    assert f"{found.mean('gradient', 'insertion'):.2f} ({low:.2f}…{high:.2f})" in lines[1]
    assert lines[7].startswith("deletion: Mean probability while")


def test_its_figure_has_a_panel_a_measure_and_hollow_controls(found):
    figure = found.figure()
    assert [ax.get_title() for ax in figure.axes] == list(found.readings)
    dots = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert [dot.get_markerfacecolor() == "white" for dot in dots] == [False, False, True, True, True]
    assert [dot.get_xydata().tolist() for dot in dots[:2]] == [
        [[found.mean(name, "deletion"), row]] for row, name in enumerate(["gradient", "occlusion"])
    ]
    assert "deletion: gradient 0." in figure.alt
