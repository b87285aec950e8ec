"""What models give: squashed somewhere before the end, several labels, a value, something to be taken out."""

import gc
import tracemalloc
import warnings
import weakref

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from scipy.special import expit
from torch import nn
from torch.utils.checkpoint import checkpoint
from torch_glass import Module

import xaiteach as xt
from xaiteach.explaining.fingerprint import fingerprint

IMAGE = np.random.default_rng(0).random((16, 16, 3), np.float32)
TENSOR = torch.tensor(IMAGE).permute(2, 0, 1)[None]


def cnn(classes=5):
    torch.manual_seed(0)
    parts = [nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, classes)]
    return nn.Sequential(*parts).eval()


def logits(net):
    return net(TENSOR).detach().numpy()[0]


def ending(end, classes=5):
    return Module(lambda m, x: end(m.net(x)), net=cnn(classes)).eval()


SIGMOIDS = {
    "a view": lambda s: torch.sigmoid(s).view(len(s), -1),
    "squeezed and back": lambda s: (
        s.sigmoid().squeeze()[None] if s.ndim == 1 else s.sigmoid().unsqueeze(2)[..., 0]
    ),
    "a head each": lambda s: torch.cat([torch.sigmoid(part) for part in s.split(1, dim=1)], dim=1),
    "stacked": lambda s: torch.stack([torch.sigmoid(part) for part in s.unbind(1)], dim=1),
    "in place": lambda s: s.clone().sigmoid_(),
}


@pytest.mark.parametrize("end", SIGMOIDS.values(), ids=SIGMOIDS)
@pytest.mark.parametrize("classes", [1, 5])
def test_a_sigmoid_is_seen_though_it_is_not_the_last_step(end, classes):
    classifier = xt.wrap(ending(end, classes))
    assert_allclose(classifier.predict(IMAGE), expit(logits(cnn(classes))), atol=1e-6)
    assert_allclose(classifier.scores(IMAGE), logits(cnn(classes)), atol=1e-6)
    assert_allclose(classifier.gradient(IMAGE, 0), xt.wrap(cnn(classes)).gradient(IMAGE, 0), atol=1e-6)


@pytest.mark.filterwarnings("ignore:`torch.jit")
@pytest.mark.parametrize("end", [lambda s: 1 / (1 + torch.exp(-s)), lambda s: (torch.tanh(s / 2) + 1) / 2])
def test_a_hidden_sigmoid_is_warned_of_and_squashed_once(end):
    for classes in (1, 5):
        classifier = xt.wrap(ending(end, classes))
        with pytest.warns(UserWarning, match="lies between 0 and 1, and no softmax or sigmoid was seen"):
            assert_allclose(classifier.predict(IMAGE), expit(logits(cnn(classes))), atol=1e-6)
        with pytest.raises(TypeError, match="give outputs= a function that undoes it"):
            classifier.gradient(IMAGE, 0)
    undone = xt.wrap(ending(end), outputs=("independent", torch.logit))
    assert_allclose(undone.scores(IMAGE), logits(cnn()), atol=1e-5)


def test_several_labels_have_a_probability_each_and_a_value_has_none():
    net = cnn()
    assert_allclose(xt.wrap(net, outputs="independent").predict(IMAGE), expit(logits(net)), atol=1e-6)
    value = xt.wrap(net, outputs="value")
    assert_allclose(value.predict(IMAGE), logits(net), atol=1e-6)
    assert_allclose(value.gradient(IMAGE, 2), xt.wrap(net).gradient(IMAGE, 2))


class Output:
    def __init__(self, logits):
        self.logits = logits


TAKEN = {
    "a dictionary": (
        lambda s: {"logits": s, "aux": s},
        lambda out: out["logits"],
        r'lambda out: out\["logits"\]',
    ),
    "a tuple": (lambda s: (s, 2 * s), lambda out: out[0], r"tuple of 2; .*lambda out: out\[0\]"),
    ".logits": (Output, lambda out: out.logits, r"lambda out: out\.logits"),
    "no axis of classes": (lambda s: s[:, 0], lambda out: out[:, None], r"lambda out: out\[:, None\]"),
    "a class a pixel": (
        lambda s: s[:, :, None, None].expand(-1, -1, 4, 4),
        lambda out: out.mean((2, 3)),
        r"lambda out: out.mean\(\(2, 3\)\)",
    ),
}


@pytest.mark.parametrize(("end", "take", "words"), TAKEN.values(), ids=TAKEN)
def test_scores_are_taken_out_of_what_a_model_gives_and_the_refusal_says_how(end, take, words):
    with pytest.raises(ValueError, match=words):
        xt.wrap(ending(end)).predict(IMAGE)
    classifier = xt.wrap(ending(end), outputs=take)
    assert_allclose(classifier.scores(IMAGE)[0], logits(cnn())[0], atol=1e-6)
    assert_allclose(classifier.gradient(IMAGE, 0), xt.wrap(cnn()).gradient(IMAGE, 0), atol=1e-7)
    assert_allclose(xt.grad_cam(classifier, IMAGE, 0), xt.grad_cam(cnn(), IMAGE, 0), atol=1e-6)


class Two(nn.Module):
    """What is told beside the picture comes first, through a layer of its own."""

    def __init__(self):
        super().__init__()
        self.net, self.told = cnn(), nn.Linear(2, 5)

    def forward(self, picture, more):
        return self.told(more) + self.net(picture)


GIVEN = {
    "a tuple": lambda x: (x, torch.ones(len(x), 2)),
    "by name": lambda x: {"picture": x, "more": torch.ones(1, 2)},
}


@pytest.mark.parametrize("inputs", GIVEN.values(), ids=GIVEN)
def test_a_second_input_is_given_beside_the_picture(inputs):
    model = Two().eval()
    with pytest.raises(ValueError, match=r"wrap\(model, inputs=lambda images: \(images, other\)\)"):
        xt.wrap(model).predict(IMAGE)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        classifier = xt.wrap(model, inputs=inputs)
        expected = model(TENSOR, torch.ones(1, 2)).detach().numpy()[0]
        assert_allclose(classifier.scores(IMAGE), expected, atol=1e-5)
        assert_allclose(xt.grad_cam(classifier, IMAGE, 0), xt.grad_cam(cnn(), IMAGE, 0), atol=1e-6)


def test_a_model_that_scales_pictures_down_itself_is_given_large_ones_with_a_warning():
    within = Module(lambda m, x: m.net(x / 255), net=cnn()).eval()
    with pytest.warns(
        UserWarning, match="gets 0 for black and 0.00392 for white. So it is given values up to"
    ):
        assert_allclose(xt.wrap(within).scores(IMAGE), logits(cnn()), atol=1e-5)
    mean = lambda x: x.mean((1, 2, 3), keepdim=True)  # noqa: E731
    own = Module(lambda m, x: m.net((x - mean(x)) / (mean(x**2) + 1e-6)), net=cnn()).eval()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        xt.wrap(own).predict(IMAGE)
        xt.wrap(cnn().bfloat16()).predict(IMAGE)


def test_a_head_of_the_same_shape_that_was_changed_is_seen_and_a_model_nobody_has_is_freed():
    model = cnn()
    xt.saliency(model, IMAGE, 0)
    model[4] = nn.Softmax(dim=1)
    assert_allclose(xt.wrap(model).predict(IMAGE).sum(), 1, atol=1e-6)
    xt.grad_cam(model, IMAGE, 0)
    model[4] = nn.Linear(8, 3)
    assert xt.saliency(model, IMAGE, "all").shape == (3, 16, 16)
    known = weakref.ref(model)
    del model
    gc.collect()
    assert known() is None


@pytest.mark.parametrize("classes", [40_000, 100_000])
def test_three_of_many_classes_cost_three(classes):
    model = xt.wrap(cnn(classes))
    model.predict(IMAGE)
    tracemalloc.start()
    assert model.gradient(IMAGE, "top3").shape == (3, 16, 16, 3)
    assert tracemalloc.get_traced_memory()[1] < 50 * 4 * classes
    tracemalloc.stop()


@pytest.mark.parametrize("reentrant", [True, False])
def test_a_checkpoint_is_looked_into(reentrant):
    steps = lambda m, x: m[4](m[3](m[2](checkpoint(m[1], m[0](x), use_reentrant=reentrant))))  # noqa: E731
    model = Module(lambda m, x: steps(m.net, x), net=cnn()).eval()
    assert_allclose(xt.grad_cam(model, IMAGE, 0, layer="net.1"), xt.grad_cam(cnn(), IMAGE, 0), atol=1e-6)


def test_a_half_model_behind_a_scale_of_its_own_and_a_compiled_one_show_their_maps():
    half = Module(lambda m, x: m.net(x.half()).float() * m.scale, net=cnn().half())
    half.scale = nn.Parameter(torch.ones(1))
    compiled = cnn()
    compiled.compile(backend="eager")
    for model, atol in ((half, 1e-2), (compiled, 1e-6)):
        assert_allclose(xt.grad_cam(model, IMAGE, 0), xt.grad_cam(cnn(), IMAGE, 0), atol=atol)


def test_gradients_that_are_off_inside_are_named():
    @torch.no_grad()
    def off(net, x):
        return net(x)

    model = Module(lambda m, x: off(m.net, x), net=cnn()).eval()
    for method in (xt.saliency, xt.grad_cam):
        with pytest.raises((TypeError, ValueError), match=r"gradients are off inside of the model"):
            method(model, IMAGE, 0)


def test_the_same_weights_in_another_order_of_memory_are_the_same():
    before = fingerprint(xt.wrap(cnn()))
    assert fingerprint(xt.wrap(cnn().to(memory_format=torch.channels_last))) == before


def test_a_sigmoid_that_is_changed_in_place_is_none():
    def end(scores):
        outputs = scores.sigmoid().clone()
        outputs *= 5
        return outputs

    model = ending(end)
    assert_allclose(xt.wrap(model).scores(IMAGE), model(TENSOR).detach()[0], atol=1e-6)


def test_an_option_of_a_model_that_is_changed_is_seen():
    model = Module(lambda m, x: m.net(x).sigmoid() if m.squashes else m.net(x), net=cnn()).eval()
    model.squashes = True
    classifier = xt.wrap(model)
    assert_allclose(classifier.predict(IMAGE), expit(logits(cnn())), atol=1e-6)
    model.squashes = False
    assert_allclose(classifier.predict(IMAGE).sum(), 1, atol=1e-6)
    model.squashes = True
    assert_allclose(classifier.predict(IMAGE), expit(logits(cnn())), atol=1e-6)


def test_what_a_model_reckons_beside_the_pictures_does_not_hide_that_it_scales_them():
    def call(m, x, table):
        return m.table(table) + m.net(x / 255)

    model = TwoInputs(call, table=nn.Linear(2, 5), net=cnn()).eval()
    classifier = xt.wrap(model, inputs=lambda images: (images, torch.ones(len(images), 2)))
    with pytest.warns(UserWarning, match="values up to 255"):
        got = classifier.scores(IMAGE)
    assert_allclose(got, model(255 * TENSOR, torch.ones(1, 2)).detach()[0], atol=1e-5)


class TwoInputs(Module):
    def forward(self, *inputs):
        return self.call(self, *inputs)


@pytest.mark.filterwarnings("error:This model scales")
def test_a_model_that_makes_large_values_itself_is_given_small_ones():
    model = Module(lambda m, x: m.net(255 * x - 100), net=cnn()).eval()
    assert_allclose(xt.wrap(model).scores(IMAGE), model(TENSOR).detach()[0], rtol=1e-4, atol=1e-5)


def test_pictures_are_no_longer_scaled_once_nothing_in_the_model_scales_them():
    model = nn.Sequential(Module(lambda m, x: x / 255, none=nn.Identity()), cnn()).eval()
    classifier = xt.wrap(model)
    with pytest.warns(UserWarning, match="values up to 255"):
        classifier.predict(IMAGE)
    model[0] = nn.Identity()
    assert_allclose(classifier.scores(IMAGE), logits(cnn()), atol=1e-6)
