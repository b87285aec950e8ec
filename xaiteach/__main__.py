"""`python -m xaiteach explain`: what a model sees in a picture, and why."""

import argparse
import sys
import warnings
from importlib import import_module
from pathlib import Path

from xaiteach.methods import METHODS

MODELS = """a Teachable Machine folder or zip; a .keras or .h5 file; "photos" for the small classifier
that comes along; or the name of an ImageNet network such as resnet50, whose weights are fetched once"""

OF_THE_COURSE = ("start", "update", "doctor")  # they moved; people know them under this name


def main(words=None):
    """Run one command and return its exit code; what goes wrong is one line."""
    words = sys.argv[1:] if words is None else words
    if words[:1] and words[0] in OF_THE_COURSE:
        return import_module("xaiteach_course.__main__").main(words)
    choice = parser().parse_args(words)
    try:
        with warnings.catch_warnings():
            warnings.showwarning = lambda message, *_, **__: _say(message)
            return choice.run(choice)
    except KeyboardInterrupt:
        _say("stopped.")
        return 130
    except (OSError, TypeError, ValueError) as error:
        _say(error)
        return 1


def _say(words):
    print("xaiteach:", *str(words).split(), file=sys.stderr)


def parser():
    top = argparse.ArgumentParser(prog="python -m xaiteach", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="explain")
    about = "say what a model sees in a picture, and why"
    asking = commands.add_parser("explain", help=about, description=about.capitalize() + ".")
    asking.set_defaults(run=run_explain)
    asking.add_argument("image", metavar="IMAGE", help="a picture: a file, or an https address")
    asking.add_argument("--model", required=True, help=MODELS)
    asking.add_argument("--labels", metavar="FILE", help="class names for a model file, a line each")
    white = "what a model file is given for white, such as 255 (default: 1, or what the model shows to want)"
    asking.add_argument("--white", type=float, help=white)
    methods = f"one of {', '.join(METHODS)}; may be given several times"
    asking.add_argument("--method", metavar="METHOD", choices=METHODS, action="append", help=methods)
    asking.add_argument("--top", type=int, default=3, help="how many classes are explained (default: 3)")
    asking.add_argument("--layer", help="for Grad-CAM and HiResCAM: the name of the layer")
    asking.add_argument("--seed", type=int, default=0, help="for methods that draw at random (default: 0)")
    asking.add_argument("--check", action="store_true", help="put each map to two tests, and tell how it did")
    asking.add_argument("--out", metavar="FILE", help="where the explanation goes: .png, .html or .npz")
    return top


def run_explain(choice):
    import xaiteach as xt
    from xaiteach.explaining.explanation import ending_of

    if choice.out is not None:
        ending_of(choice.out)
    picture = xt.load_image(choice.image)  # before the model, which takes longer
    model = _model(choice.model, choice.labels, choice.white)
    options = {"layer": choice.layer, "seed": choice.seed, "check": choice.check}
    progress = sys.stderr.isatty()
    explanation = xt.explain(model, picture, choice.method, choice.top, progress=progress, **options)
    print(explanation.describe())
    if choice.out is not None:
        explanation.save(choice.out)
    return 0


def _model(name, labels, white):
    """The model that is called so: a file or folder, the small classifier of photos, or one of ImageNet's."""
    import xaiteach as xt
    from xaiteach.loading.teachable_machine import as_names

    for option, value in (("--labels", labels), ("--white", white)):
        if value and not Path(name).exists():
            raise ValueError(f"{option} is for the file of a model, and {name} is none; leave it out.")
    if Path(name).exists() or Path(name).suffix:
        options = {"class_names": as_names(_lines_of(labels))} if labels else {}
        if white:
            options["preprocess"] = lambda images: white * images
        return xt.load_model(name, **options)
    return xt.load_photo_classifier() if name == "photos" else xt.load_imagenet(name)


def _lines_of(path):
    from xaiteach.files.errors import short

    try:
        return Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeError) as error:
        raise ValueError(f"{path} is no text in UTF-8 ({short(error)}); want a class a line.") from None


if __name__ == "__main__":
    sys.exit(main())
