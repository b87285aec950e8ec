"""For going on with the `lime` and `shap` libraries: what to hand them, so that their faults can't bite."""

import numpy as np

from xaiteach.classifier.wrap import as_classifier
from xaiteach.methods.segments import segment


def for_lime(model, image, segments=None):
    """What `lime_image.LimeImageExplainer().explain_instance` needs, as its keywords.

    `explain_instance(**xt.for_lime(model, image), labels=[4], hide_color=0)`. By itself lime makes a picture
    in colour out of a grey one, which a model for grey ones can't take; it cuts a digit into one to four
    superpixels; and with segments counted from 1, as scikit-image has them, weights land on wrong regions.

    Args:
        model: a wrapped classifier, a bare model, or a function from images to probabilities.
        image: (H, W, C); several are a ValueError.
        segments: as in `xt.lime`; None for about 40 superpixels.

    Returns:
        A dictionary: `image` (H, W, 3) for a grey picture, else (H, W, C); `classifier_fn` from such pictures
        to probabilities; `segmentation_fn`, which gives labels (H, W) from 0 without gaps; `random_seed`,
        without which lime takes one more draw and so other pictures than `xt.lime` of the same seed.
    """
    classifier = as_classifier(model)
    batch, single = classifier.as_batch(image)
    if not single:
        raise ValueError(f"lime explains one image at a time; given {len(batch)}, want (H, W, C).")
    labels = segment(segments, batch, value_range=classifier.value_range)[0]
    channels = batch.shape[-1]

    def probabilities(pictures):
        return classifier.predict(np.asarray(pictures)[..., :channels])

    in_colour = np.repeat(batch[0], 3, axis=-1) if channels == 1 else batch[0]
    return {
        "image": in_colour.astype(float),
        "classifier_fn": probabilities,
        "segmentation_fn": lambda _: labels,
        "random_seed": 0,
    }


def for_shap(model, *images):
    """What `shap.GradientExplainer` and its `shap_values` need: a model of scores, and images for it.

    `scores, background, inputs = xt.for_shap(model, x_train[:100], images)`, then
    `shap.GradientExplainer(scores, background).shap_values(inputs, rseed=0)`. By itself shap explains
    whatever the model ends in, a softmax too. In both frameworks the values come as (N, H, W, C, K) of the
    scores before the softmax, with the wrapper's preprocessing inside. Give `rseed`, or they differ each
    time; it sets NumPy's global seed. For a layer use `xt.gradient_shap(layer=…)`: shap's own form is wrong
    in PyTorch.

    Returns the model of scores, then each of the images (N, H, W, C) in the framework's form. A model that
    only predicts is a TypeError.
    """
    return as_classifier(model).bare(*images)


def shap_panels(values, classes):
    """shap's values (N, H, W, C, K) as `shap.image_plot` reads them: a list with one (N, H, W, C) a class.

    Given the whole array, image_plot adds up the classes without a word. Others are a ValueError.
    """
    if np.ndim(values) != 5:
        raise ValueError(f"Values of shape {np.shape(values)}; want (N, H, W, C, K), as shap_values gives.")
    return [np.asarray(values)[..., k] for k in classes]
