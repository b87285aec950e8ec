"""One line from a picture to an explanation that can be shown, saved, and compared with later."""

from xaiteach.explaining.ask import ask
from xaiteach.explaining.explanation import Explanation


def explain(
    model, image, methods=None, top=3, *, targets=None, layer=None, seed=0, check=False, progress=True
):
    """Ask a model what it sees in a picture, and several methods why.

    Args:
        model: a wrapped classifier, a bare Keras or PyTorch model, a function from images to probabilities,
            or the path of a model as `xt.load_model` takes it.
        image: whatever `xt.load_image` takes: an array, a PIL image, a path, bytes, an https address. Its
            middle is cut out and resized to what the model wants. A PyTorch module doesn't know the size it
            was trained on: wrap it with input_shape=(H, W, C), or the picture keeps its size, up to 224
            pixels a side.
        methods: a name such as "grad_cam", a method such as `xt.lime`, a list of them, or a dictionary from
            them to their options, such as {"occlusion": {"window": 45, "stride": 9}}. None for Grad-CAM,
            integrated gradients and occlusion; occlusion and LIME for a model that only predicts. A function
            of your own is called as method(classifier, image, target), once a class.
        top: how many classes are explained, the most probable first.
        targets: the classes that are explained instead, indices or names.
        layer: for Grad-CAM and HiResCAM: name, index or the layer itself; None for the last that will do.
        seed: for the methods that draw at random.
        check: True puts each map to two tests, and tells the results below it: "same under 2 % noise 0.93",
            how alike the maps of two copies of the picture with that noise are (1 is good), and "weights
            redrawn 0.02 (mean of 5 layers)", how alike maps stay while layers forget what they have learnt
            (0 is good). All takes about three times as long as the maps alone: they are tested with windows
            twice as large and a fifth of the steps or samples, which is told as well. (A method of a single
            pass, such as the gradient, takes seven passes to test.) See `xt.metrics.stability` and
            `xt.metrics.randomisation_check` for more.
        progress: False hides the bars.

    Returns:
        An `Explanation`, with `.table`, `.maps`, `.figure`, `.describe()` and `.save(path)`. Occlusion takes
        a window of a seventh of the picture, moved by half of it, and gradient SHAP a black, a grey and a
        white picture as its background, unless their options say otherwise.

    Raises:
        ValueError, TypeError: in a sentence, for what does not fit: a picture, a method, an option, a class.
    """
    options = {"targets": targets, "layer": layer, "seed": seed, "check": check, "progress": progress}
    return Explanation(**ask(model, image, methods, top, **options))
