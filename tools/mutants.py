"""Put faults into a copy of the package, one at a time, and see a test go red for each: `make mutants`.

A fault is a piece of code, what it is replaced by, and the tests that must notice. Usage:
python tools/mutants.py [WORD]: only the faults whose description holds WORD.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
COPIED = ["xaiteach", "tests", "data", "tools", "pyproject.toml", "requirements.txt"]


class Fault(NamedTuple):
    what: str
    file: str
    right: str
    wrong: str
    tests: str


FAULTS = [
    Fault("images: NaN is let through", "images.py", "if not np.isfinite(batch).all():", "if False:", "test_images.py"),
    Fault("images: 0…255 is let through", "images.py", "if lowest < low - slack or", "if", "test_images.py"),
    Fault(
        "images: channels first is let through",
        "images.py",
        "if _looks_channels_first(",
        "if False and (",
        "test_images.py",
    ),
    Fault(
        "targets: a pair adds",
        "classifier/targets.py",
        "row[class_index(target[1], n_classes)] -= 1",
        "row[class_index(target[1], n_classes)] += 1",
        "methods",
    ),
    Fault(
        "targets: all classes are the first",
        "classifier/targets.py",
        "broadcast_to(np.eye(n_classes,",
        "broadcast_to(np.ones((n_classes, n_classes),",
        "methods",
    ),
    Fault(
        "base: the last batch is forgotten",
        "classifier/base.py",
        "range(0, len(arrays[0]), size)",
        "range(0, max(1, len(arrays[0]) - size), size)",
        "methods",
    ),
    Fault(
        "torch: height and width are swapped",
        "classifier/torch.py",
        "images.permute(0, 3, 1, 2)",
        "images.permute(0, 3, 2, 1)",
        "methods",
    ),
    Fault(
        "torch: feature maps are transposed",
        "classifier/torch.py",
        "tensor.permute(0, 2, 3, 1)",
        "tensor.permute(0, 3, 2, 1)",
        "methods",
    ),
    Fault("torch: train mode is kept", "classifier/torch.py", "module.training = False", "pass", "classifier"),
    Fault("torch: eval mode is not put back", "classifier/torch.py", "module.training = True", "pass", "classifier"),
    Fault(
        "torch: an in-place layer overwrites",
        "classifier/torch.py",
        "return output.clone()",
        "return None",
        "classifier",
    ),
    Fault("torch: hooks stay", "classifier/torch.py", "handle.remove()", "pass", "classifier"),
    Fault(
        "keras: the training behaviour is asked", "classifier/keras.py", "training=False", "training=True", "methods"
    ),
    Fault("keras: the softmax is not looked through", "classifier/keras.py", '"Softmax"', '"Softmaxx"', "classifier"),
    Fault(
        "layers: the first layer with a grid", "classifier/layers.py", "usable[-1]", "usable[0]", "classifier methods"
    ),
    Fault("layers: the first call of a reused layer", "classifier/layers.py", "found[-1]", "found[0]", "classifier"),
    Fault("saliency: the sign", "methods/saliency.py", "else gradient", "else -gradient", "methods"),
    Fault("saliency: absolute value forgotten", "methods/saliency.py", "abs(gradient) if absolute else", "", "methods"),
    Fault("grad_cam: no ReLU", "methods/grad_cam.py", "np.maximum(cam, 0) if relu else cam", "cam", "methods"),
    Fault(
        "grad_cam: the mean over the width only",
        "methods/grad_cam.py",
        "mean(axis=(2, 3))",
        "mean(axis=3)[..., 0, :]",
        "methods",
    ),
    Fault(
        "grad_cam: maps are not weighted",
        "methods/grad_cam.py",
        "mean(axis=(2, 3))",
        "mean(axis=(2, 3)) * 0 + 1",
        "methods",
    ),
    Fault(
        "grad_cam: height and width are swapped", "methods/grad_cam.py", "nhwf,ntf->nthw", "nwhf,ntf->nthw", "methods"
    ),
    Fault("grad_cam: nearest instead of bilinear", "methods/grad_cam.py", "order=1", "order=0", "methods"),
    Fault(
        "methods: the first image for a batch",
        "methods/base.py",
        "drop = (0 if single else slice(None),",
        "drop = (0,",
        "methods",
    ),
    Fault("methods: channels are averaged", "methods/base.py", "maps.sum(axis=-1)", "maps.mean(axis=-1)", "methods"),
    Fault("words: the area of the wrong share", "words.py", "SHARE = 0.8", "SHARE = 0.9", "test_words.py"),
    Fault(
        "figures: each map on its own scale",
        "plotting.py",
        "norm=Normalize(-scale, scale))",
        "norm=Normalize(-abs(panel.map).max(), abs(panel.map).max()))",
        "test_plotting.py",
    ),
    Fault("figures: blue is for and red against", "plotting.py", '"RdBu_r"', '"RdBu"', "test_plotting.py"),
    Fault(
        "figures: negative shows positive",
        "plotting.py",
        '"negative": lambda maps: np.minimum',
        '"negative": lambda maps: np.maximum',
        "test_plotting.py",
    ),
    Fault(
        "weights: kernels are transposed",
        "models/cnn.py",
        "array.transpose(2, 3, 1, 0)",
        "array.transpose(3, 2, 1, 0)",
        "models",
    ),
    Fault(
        "cnn: another epsilon",
        "models/cnn.py",
        "nn.BatchNorm2d(out, eps=EPSILON",
        "nn.BatchNorm2d(out, eps=1e-5",
        "models",
    ),
    Fault(
        "train: the seed is ignored",
        "models/train.py",
        "np.random.default_rng(seed)",
        "np.random.default_rng()",
        "models",
    ),
    Fault(
        "train: the learning rate never falls",
        "models/train.py",
        "(peak / 25, peak) if up else (peak, 0)",
        "(peak / 25, peak) if up else (peak, peak)",
        "models",
    ),
    Fault(
        "integrated gradients: the sign",
        "methods/integrated_gradients.py",
        "return path[:, None] *",
        "return -path[:, None] *",
        "methods/test_integrated_gradients.py",
    ),
    Fault(
        "integrated gradients: not times the path",
        "methods/integrated_gradients.py",
        "return path[:, None] *",
        "return",
        "methods/test_integrated_gradients.py",
    ),
    Fault(
        "integrated gradients: times the image",
        "methods/integrated_gradients.py",
        "return path[:, None] *",
        "return images[:, None] *",
        "methods/test_integrated_gradients.py",
    ),
    Fault(
        "integrated gradients: the path starts at black",
        "methods/integrated_gradients.py",
        "(start + alpha * path for",
        "(alpha * path for",
        "methods/test_integrated_gradients.py",
    ),
    Fault(
        "integrated gradients: left instead of midpoints",
        "methods/integrated_gradients.py",
        "(k + 0.5)",
        "k",
        "methods/test_integrated_gradients.py",
    ),
    Fault(
        "integrated gradients: right instead of midpoints",
        "methods/integrated_gradients.py",
        "(k + 0.5)",
        "(k + 1)",
        "methods/test_integrated_gradients.py",
    ),
    Fault(
        "integrated gradients: the first of several baselines",
        "methods/sums.py",
        "for one in baseline]",
        "for one in baseline[:1]]",
        "methods/test_integrated_gradients.py",
    ),
    Fault(
        "sums: the gap has the wrong sign",
        "methods/sums.py",
        "accounts_for - difference}",
        "difference - accounts_for}",
        "methods/test_integrated_gradients.py",
    ),
    Fault(
        "gradient_shap: the sign",
        "methods/gradient_shap.py",
        "value = path[:, None]",
        "value = -path[:, None]",
        "methods/test_gradient_shap.py",
    ),
    Fault(
        "gradient_shap: not times the path",
        "methods/gradient_shap.py",
        "value = path[:, None] *",
        "value =",
        "methods/test_gradient_shap.py",
    ),
    Fault(
        "gradient_shap: the seed is ignored",
        "methods/gradient_shap.py",
        "RandomState(seed)",
        "RandomState()",
        "methods/test_gradient_shap.py",
    ),
    Fault(
        "gradient_shap: the global state is drawn from",
        "methods/gradient_shap.py",
        "alpha = random.uniform()",
        "alpha = np.random.uniform()",
        "methods/test_gradient_shap.py",
    ),
    Fault(
        "gradient_shap: the first background image",
        "methods/gradient_shap.py",
        "random.choice(len(background))",
        "0 * random.choice(len(background))",
        "methods/test_gradient_shap.py",
    ),
    Fault(
        "gradient_shap: the point before the place",
        "methods/gradient_shap.py",
        "        start = background[random.choice(len(background))]\n        alpha = random.uniform()\n",
        "        alpha = random.uniform()\n        start = background[random.choice(len(background))]\n",
        "reference/test_shap.py",
    ),
    Fault(
        "gradient_shap: the middle of the path",
        "methods/gradient_shap.py",
        "alpha = random.uniform()",
        "alpha = 0 * random.uniform() + 0.5",
        "reference/test_shap.py",
    ),
    Fault(
        "gradient_shap: no smoothing",
        "methods/gradient_shap.py",
        "(images + noise - start)",
        "(images - start)",
        "methods/test_gradient_shap.py",
    ),
    Fault(
        "gradient_shap: the variance of samples, not of their mean",
        "methods/gradient_shap.py",
        "pixels.variance / n_samples",
        "pixels.variance",
        "methods/test_gradient_shap.py",
    ),
    Fault(
        "gradient_shap: the error by n",
        "methods/gradient_shap.py",
        "np.sqrt(sums.variance / n_samples)",
        "np.sqrt(sums.variance) / n_samples",
        "methods/test_gradient_shap.py",
    ),
    Fault(
        "smooth_grad: the seed is ignored",
        "methods/smooth_grad.py",
        "default_rng(seed)",
        "default_rng()",
        "methods/test_smooth_grad.py",
    ),
    Fault(
        "smooth_grad: no noise",
        "methods/smooth_grad.py",
        "images + sigma *",
        "images + 0 * sigma *",
        "methods/test_smooth_grad.py",
    ),
    Fault(
        "smooth_grad: noise in units of brightness",
        "methods/smooth_grad.py",
        "noise * (high - low)",
        "noise",
        "methods/test_smooth_grad.py",
    ),
    Fault(
        "smooth_grad: squared is the mean squared",
        "methods/smooth_grad.py",
        "gradients.variance + gradients.mean**2",
        "gradients.mean**2",
        "methods/test_smooth_grad.py",
    ),
    Fault(
        "running: the variance of the first",
        "methods/sums.py",
        "(sample - self.mean)\n\n",
        "step\n\n",
        "methods/test_smooth_grad.py",
    ),
    Fault(
        "points: the last group is forgotten",
        "classifier/base.py",
        "np.split(together, len(group))",
        "np.split(together, len(group))[: max(1, batch_size // len(weights) - 1)]",
        "methods/test_integrated_gradients.py",
    ),
    Fault(
        "points: the batch size is not kept",
        "classifier/base.py",
        "max(1, batch_size // len(weights))",
        "1 + batch_size",
        "classifier/test_questions.py",
    ),
    Fault(
        "input × gradient: the gradient alone",
        "methods/input_x_gradient.py",
        "images[:, None] *",
        "",
        "methods/test_input_x_gradient.py",
    ),
    Fault(
        "guided: torch lets everything through",
        "classifier/torch.py",
        "gradient.clamp(min=0)",
        "gradient",
        "methods/test_guided_backpropagation.py",
    ),
    Fault(
        "guided: torch lets the negative through",
        "classifier/torch.py",
        "gradient.clamp(min=0)",
        "gradient.clamp(max=0)",
        "methods/test_guided_backpropagation.py",
    ),
    Fault(
        "guided: torch misses what is in place",
        "classifier/torch.py",
        '("relu", "relu_")',
        '("relu",)',
        "methods/test_guided_backpropagation.py",
    ),
    Fault(
        "guided: keras is deconvolution",
        "classifier/keras.py",
        "tf.where(relu.outputs[0] > 0, tf.nn.relu(gradient), 0)",
        "tf.nn.relu(gradient)",
        "methods/test_guided_backpropagation.py",
    ),
    Fault(
        "guided: keras is the gradient",
        "classifier/keras.py",
        "tf.nn.relu(gradient), 0)",
        "gradient, 0)",
        "methods/test_guided_backpropagation.py",
    ),
    Fault(
        "hires_cam: gradients are averaged",
        "methods/hires_cam.py",
        'np.einsum("nhwf,nthwf->nthw", maps, gradient)',
        'np.einsum("nhwf,ntf->nthw", maps, gradient.mean(axis=(2, 3)))',
        "methods/test_hires_cam.py",
    ),
    Fault(
        "hires_cam: no ReLU",
        "methods/hires_cam.py",
        "np.maximum(cam, 0) if relu else cam",
        "cam",
        "methods/test_hires_cam.py",
    ),
    Fault(
        "targets: the top classes from the bottom",
        "classifier/targets.py",
        "np.argsort(-scores",
        "np.argsort(scores",
        "classifier/test_questions.py",
    ),
]


def is_caught(fault):
    """Whether a test of the named folders fails on a copy with this fault."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, copy / name)
        file = copy / "xaiteach" / fault.file
        text = file.read_text(encoding="utf-8")
        if text.count(fault.right) != 1:
            raise SystemExit(f"{fault.what}: {fault.right!r} is {text.count(fault.right)} times in {fault.file}")
        file.write_text(text.replace(fault.right, fault.wrong), encoding="utf-8")
        tests = [f"tests/{part}" for part in fault.tests.split()]
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
        return subprocess.run(command, cwd=copy, capture_output=True).returncode == 1


def main(word=""):
    chosen = [fault for fault in FAULTS if word in fault.what]
    missed = []
    for fault in chosen:
        caught = is_caught(fault)
        missed += [] if caught else [fault.what]
        print(f"{'caught' if caught else 'MISSED'}  {fault.what}", flush=True)
    print(f"{len(chosen) - len(missed)} of {len(chosen)} faults were caught")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
