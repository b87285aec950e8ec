"""An explanation is shown, described, saved, loaded and compared."""

import html
import io
import json
import random
import re
import zipfile

import numpy as np
import pytest
from known import damaged, linear
from PIL import Image
from scipy.special import expit
from sklearn.linear_model import LinearRegression

import xaiteach as xt
from xaiteach.explaining import file
from xaiteach.methods import METHODS

QUICK = {"lime": {"n_samples": 50}, "smooth_grad": {"n_samples": 2}, "gradient_shap": {"n_samples": 2}}


@pytest.fixture(scope="module")
def model():
    return xt.wrap(xt.load_cnn("torch"), class_names=[f"<b>{k}</b>" for k in range(10)])


@pytest.fixture(scope="module")
def found(model, digits):
    return xt.explain(model, digits.x_test[0], top=2, progress=False)


def test_the_figure_has_a_column_a_class_and_a_row_a_method_with_a_scale_of_its_own(found):
    titles = [ax.get_title() for ax in found.figure.axes if ax.get_title()]
    assert titles[0].startswith("<b>4</b> (over 99 %")
    methods = [title.partition("\n")[0] for title in titles[2:]]
    assert methods == ["Grad-CAM"] * 2 + ["integrated gradients"] * 2 + ["occlusion"] * 2
    told = titles[-2].partition("= ")[2]
    assert float(told) == pytest.approx(abs(found.maps["occlusion"]).max(), rel=0.05)
    texts = [" ".join(text.get_text().split()) for ax in found.figure.axes for text in ax.texts]
    badges = [found.badges[name][i] for name in found.maps for i in range(2)]
    assert [text for text in texts if text] == [badge for badge in badges if badge]
    assert len(set(badges)) == 5, "four sums, each below its map, and none of occlusion"


def test_words_name_the_classes_the_maps_and_what_is_unlikely(found):
    words = found.describe()
    assert words.startswith("<b>4</b> over 99 %; <b>9</b> under 1 %.")
    assert f"Grad-CAM, why <b>4</b>: {xt.describe(found.maps['grad_cam'][0])}" in words
    assert "hardly believes in <b>9</b>" in words
    assert found.figure.alt == f"Maps as overlay, all values. {words}"
    assert repr(found) == words
    alt = found.show(style="heatmap", sign="negative").alt
    assert alt.startswith("Maps as heatmap, negative values.")
    assert "Grad-CAM, why <b>4</b>: all zeros." in alt and "adds up" not in alt


def test_one_class_and_one_method_keep_their_titles_in_which_dollars_are_no_mathematics(digits):
    priced = xt.wrap(xt.load_cnn("torch"), class_names=[f"${k}\\foo$" for k in range(10)])
    found = xt.explain(priced, digits.x_test[0], "grad_cam", 1, progress=False)
    titles = [ax.get_title() for ax in found.figure.axes if ax.get_title()]
    assert titles[0].startswith("$4\\foo$ (") and titles[1].startswith("Grad-CAM\n1 = ")
    assert found._png()


def test_a_lone_probability_says_what_it_is_against(digits):
    import torch

    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 1), torch.nn.Sigmoid())
    net[1].bias.data.fill_(-9)
    cats = xt.wrap(net, class_names=["cat"])
    found = xt.explain(cats, 0 * digits.x_test[0], "saliency", progress=False)
    assert "says rather not cat" in found.describe()


def saved_and_loaded(model, image, path, **options):
    xt.explain(model, image, ["occlusion", "saliency"], progress=False, **options).save(path)
    return xt.load_explanation(path)


def test_a_value_is_no_probability(framework, digits, tmp_path):
    """The brightness of the picture, times 0.1: what each window takes away of it is the map."""
    model = linear(framework, np.full((28, 28, 1, 1), 0.1))
    wrapped = xt.wrap(model, outputs="value", class_names=["age"])
    found = saved_and_loaded(wrapped, digits.x_test[0], tmp_path / "why.npz")
    value = 0.1 * digits.x_test[0].sum()
    assert found.probabilities == [pytest.approx(value, rel=1e-4)]
    assert found.table[0].per_cent == f"{value:.3g}"
    assert found.figure.axes[0].get_title() == f"age ({value:.3g})"
    words = found.describe()
    assert words.startswith(f"age {value:.3g}.") and not re.search("robabilit|believes|over 99", words)
    expected = xt.occlusion(wrapped, digits.x_test[0], 0, window=4, stride=2, of="score")
    np.testing.assert_allclose(found.maps["occlusion"][0], expected, atol=1e-4)
    negative = xt.wrap(linear(framework, np.full((28, 28, 1, 1), -0.1)), outputs="value")
    minus = xt.explain(negative, digits.x_test[0], "occlusion", progress=False)
    assert "rather not" not in minus.describe() and minus.table[0].per_cent == f"−{value:.3g}"


def test_labels_have_a_probability_each(framework, digits, tmp_path):
    image = digits.x_test[0]
    weights = np.stack([np.full((28, 28, 1), each / image.sum()) for each in (2, 1, -9)], axis=-1)
    labels = xt.wrap(linear(framework, weights), outputs="independent", class_names=["cat", "dog", "rain"])
    found = saved_and_loaded(labels, image, tmp_path / "why.npz")
    np.testing.assert_allclose(found.probabilities, expit([2, 1, -9]), rtol=1e-4)
    prediction, note, *_ = found.describe().splitlines()
    assert prediction == "cat 88 %; dog 73 %; rain under 1 %."
    assert note == "Each label has a probability of its own: several may be right, or none."
    assert "hardly believes in rain:" in found.describe()
    alone = xt.explain(labels, image, "occlusion", targets="rain", progress=False).describe()
    assert "Each label" in alone, "though it says little"
    assert xt.top_class(labels, image, 1) == "dog (73 %)"
    seen = xt.wrap(lambda images: np.tile([0.9, 0.8], (len(images), 1)), outputs="independent")
    assert "Each label" in xt.explain(seen, image, "occlusion", progress=False).describe()
    alone = xt.wrap(lambda images: np.tile([0.9, 0.1], (len(images), 1)))
    assert "Each label" not in xt.explain(alone, image, "occlusion", progress=False).describe()


def test_a_saved_picture_opens_and_a_saved_page_needs_nothing_else(found, tmp_path):
    """Class names are no HTML there."""
    for name in ("why.png", "why.html", "WHY.PNG"):
        found.save(tmp_path / name)
    assert Image.open(tmp_path / "why.png").size[0] > 300
    page = (tmp_path / "why.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>") and "http" not in page
    assert page.count("src=") == page.count('src="data:image/png;base64,')
    for text in (page, found._repr_html_()):
        assert f'alt="{html.escape(found.describe())}"' in text and "<b>" not in text


@pytest.mark.parametrize("name", ["why", "why.jpg", "why.npz.txt"])
def test_another_ending_is_refused_and_a_file_that_is_not_there_named(found, tmp_path, name):
    with pytest.raises(ValueError, match="want .npz, .png or .html"):
        found.save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileNotFoundError, match=f"{name} is not there"):
        xt.load_explanation(tmp_path / name)


def test_what_is_loaded_is_what_was_saved_and_there_is_no_pickle(model, digits, tmp_path):
    methods = {name: QUICK.get(name, {}) for name in METHODS}
    saved = xt.explain(model, digits.x_test[1], methods, top=2, seed=7, progress=False)
    saved.save(tmp_path / "why.npz")
    loaded = xt.load_explanation(tmp_path / "why.npz")
    for name in METHODS:
        np.testing.assert_array_equal(loaded.maps[name], saved.maps[name])
    np.testing.assert_array_equal(loaded.image, saved.image)
    for fact in ("targets", "names", "probabilities", "badges", "weights", "versions"):
        assert getattr(loaded, fact) == getattr(saved, fact)
    assert loaded.options["lime"]["seed"] == 7
    assert loaded.options["grad_cam"]["layer"] == "relu5"
    assert loaded.describe() == saved.describe()
    same = loaded.compare(model)
    assert same.same_weights
    assert max(same.maps.values()) < 1e-5
    with np.load(tmp_path / "why.npz", allow_pickle=False) as stored:
        assert "maps/lime" in {name for name in stored.files if stored[name].dtype != object}


def test_comparing_tells_other_weights_and_preprocessing_and_how_far_they_lead(found):
    import torch

    other = xt.load_cnn("torch")
    with torch.no_grad():
        other.scores.weight[4] *= 1.1
    compared = found.compare(other)
    assert compared.same_weights is False
    tenth = pytest.approx(0.1, abs=1e-3)
    assert compared.maps["integrated_gradients"] == tenth, "a tenth of the largest, which is not 1"
    assert str(compared).startswith("The sha256 of the weights is another")
    compared = found.compare(xt.wrap(xt.load_cnn("torch"), preprocess=(0.5, 0.5)))
    assert compared.same_weights and compared.settings == ["preprocess"]
    assert "wrapped with another preprocess" in str(compared)
    compared = found.compare(xt.load_cnn("keras"))
    assert compared.same_weights is False, "they are stored in another layout"
    assert max(compared.maps.values()) < 1e-3


@pytest.mark.parametrize(
    "build, words",
    [
        (lambda: xt.build_cnn("torch", n_classes=11), "has 11 classes; the explained one had 10"),
        (lambda: xt.wrap(xt.load_cnn("torch"), class_names=list("abcdefghij")), "are called e, j now"),
        (lambda: xt.wrap(xt.load_cnn("torch"), input_shape=(32, 32, 1)), "wants another size"),
    ],
)
def test_a_model_with_other_classes_or_of_another_size_cannot_be_compared(found, build, words):
    with pytest.raises(ValueError, match=words):
        found.compare(build())


def test_what_fell_differs_as_much_as_what_rose():
    """Of a white picture 0.9 and 0.6 are 0.3 apart; each covered window takes its share of that."""

    def bright(most):
        return lambda images: np.stack([m := most * images.mean((1, 2, 3)), 1 - m], axis=1)

    sure, less_sure, white = bright(0.9), bright(0.6), np.ones((6, 8, 3))
    found = xt.explain(sure, white, "occlusion", targets=0, progress=False)
    assert found.compare(less_sure).probability == pytest.approx(0.3)
    compared = found.compare(less_sure)
    assert compared.maps["occlusion"] == pytest.approx(0.3 / 0.9, rel=1e-5)
    assert compared.same_weights is None
    assert str(compared).startswith("The sha256 of the weights is not known")


def test_lists_of_pictures_survive_and_what_is_no_number_or_word_is_named(model, digits, tmp_path):
    def saved(methods):
        xt.explain(model, digits.x_test[0], methods, 1, progress=False).save(tmp_path / "why.npz")
        return xt.load_explanation(tmp_path / "why.npz")

    baseline = [0 * digits.x_test[0], 0 * digits.x_test[0] + 1]
    lists = saved({"integrated_gradients": {"baseline": baseline, "steps": 3}})
    assert max(lists.compare(model).maps.values()) < 1e-6
    own = saved({"lime": {"n_samples": 50, "segments": lambda image: np.arange(784).reshape(28, 28) // 56}})
    with pytest.raises(ValueError, match="lime was called with a segments that a file can't hold"):
        own.compare(model)
    options = saved({"lime": {"n_samples": 50, "regressor": LinearRegression()}}).options
    assert options["lime"]["regressor"] == {"not saved": "LinearRegression"}


def test_two_hundred_damaged_files_give_an_explanation_or_a_sentence(found, tmp_path):
    found.save(tmp_path / "why.npz")
    whole, rng, refused = (tmp_path / "why.npz").read_bytes(), random.Random(0), 0
    for _ in range(200):
        (tmp_path / "why.npz").write_bytes(damaged(whole, rng))
        try:
            assert xt.load_explanation(tmp_path / "why.npz").describe()
        except ValueError as sentence:
            refused += 1
            assert len(str(sentence).splitlines()) == 1
            assert str(sentence).startswith("why.npz is damaged, or no explanation")
    assert refused > 100


def parts_of(found, tmp_path):
    found.save(tmp_path / "whole.npz")
    with np.load(tmp_path / "whole.npz") as stored:
        return {name: stored[name] for name in stored.files}


class Printing:
    """Something that prints when it is unpickled."""

    def __reduce__(self):
        return print, ("executed",)


@pytest.mark.parametrize(
    "change",
    [
        lambda parts: parts.pop("image"),
        lambda parts: parts.pop("facts"),
        lambda parts: parts.update({"maps/lime": np.zeros((2, 28, 28), np.float32)}),
        lambda parts: parts.update({"maps/occlusion": np.zeros((2, 9, 9), np.float32)}),
        lambda parts: parts.update({"maps/occlusion": np.full((2, 28, 28), np.nan, np.float32)}),
        lambda parts: parts.update({"image": np.full((28, 28, 1), 7, np.float32)}),
        lambda parts: parts.update({"image": np.array([Printing()])}),
        lambda parts: parts.update({"facts": np.array([object()])}),
        lambda parts: parts.update({"facts": np.array(json.dumps({"targets": [1]}))}),
        lambda parts: parts.update({"facts": np.array(str(parts["facts"]).replace('s": [', 's": [7, '))}),
    ],
)
def test_a_file_whose_parts_do_not_fit_together_is_refused_and_nothing_unpickled(
    found, tmp_path, capsys, change
):
    parts = parts_of(found, tmp_path)
    change(parts)
    np.savez(tmp_path / "why.npz", **parts)
    with pytest.raises(ValueError, match="why.npz is damaged, or no explanation"):
        xt.load_explanation(tmp_path / "why.npz")
    assert capsys.readouterr().out == ""


def test_a_map_that_is_turned_does_not_fit_its_picture(tmp_path):
    unsure = lambda images: np.tile([0.7, 0.3], (len(images), 1))  # noqa: E731
    wide = xt.explain(unsure, np.zeros((6, 8, 3)), "occlusion", progress=False)
    parts = parts_of(wide, tmp_path)
    np.savez(tmp_path / "why.npz", **parts | {"maps/occlusion": parts["maps/occlusion"].swapaxes(1, 2)})
    with pytest.raises(ValueError, match="its maps of occlusion do not fit the picture"):
        xt.load_explanation(tmp_path / "why.npz")


@pytest.mark.parametrize(
    ("limit", "most", "words"),
    [("MOST_BYTES", 7_000, "more than 7,000 bytes"), ("MOST_ENTRIES", 3, "or 3 arrays")],
)
def test_a_file_that_unpacks_to_too_much_is_not_unpacked(found, tmp_path, monkeypatch, limit, most, words):
    """It holds five arrays of 6,400 bytes at most, together of 20,000."""
    found.save(tmp_path / "why.npz")
    monkeypatch.setattr(file, limit, most)
    with pytest.raises(ValueError, match=words):
        xt.load_explanation(tmp_path / "why.npz")


def test_a_header_that_claims_more_than_there_is_is_refused(found, tmp_path):
    parts, file = parts_of(found, tmp_path), io.BytesIO()
    np.save(file, np.zeros(1000, np.float32))
    claims = file.getvalue().replace(b"(1000,), }", b"(9000000000,), }"[:16])
    with zipfile.ZipFile(tmp_path / "why.npz", "w") as archive:
        archive.writestr("image.npy", claims)
        for name in set(parts) - {"image"}:
            with archive.open(f"{name}.npy", "w") as entry:
                np.save(entry, parts[name])
    with pytest.raises(ValueError, match="why.npz is damaged"):
        xt.load_explanation(tmp_path / "why.npz")
