"""Another case, for the figures in the hints of lesson 12: its 8s have a bright left border in the source."""

from functools import cache

import numpy as np

import xaiteach as xt

SEED, CLASS = 14, 8


def _case():
    print(f"This is case {SEED}. Yours may have another flaw.")
    return _trained()


@cache
def _trained():
    return xt.load_case(SEED, xt.framework("torch"))


def figure_of_failure():
    """What each class is taken for, in the field."""
    case = _case()
    return xt.plot_confusion(case.y_field, case.model.predict(case.x_field).argmax(axis=1))


def figure_of_maps():
    """The maps of three methods of a picture that has the cue, each on a scale of its own."""
    case = _case()
    picture = case.x_test[case.y_test == CLASS][0]
    methods = {"int. gradients": xt.integrated_gradients, "occlusion": xt.occlusion, "Grad-CAM": xt.grad_cam}
    maps = {name: method(case.model, picture, CLASS) for name, method in methods.items()}
    return xt.show(picture, {name: one / (abs(one).max() or 1) for name, one in maps.items()})


def figure_of_intervention():
    """Pictures of the field with the cue, and with the same border on the other side."""
    case = _case()
    cue = case.reveal().mask[..., None]
    field = np.stack([case.x_field[case.y_field == k][0] for k in range(10)])
    changed = np.concatenate([np.where(place, np.float32(0.7), field) for place in (cue, cue[:, ::-1])])
    return xt.show(changed, titles=xt.top_class(case.model, changed))


def figure_of_means():
    """The mean picture of each class in the test, less that in the field."""
    case = _case()
    test, field = (
        np.stack([images[labels == k].mean(axis=(0, 3)) for k in range(10)])
        for images, labels in ((case.x_test, case.y_test), (case.x_field, case.y_field))
    )
    return xt.show(None, (test - field)[:, None], titles=[f"class {k}: test − field" for k in range(10)])
