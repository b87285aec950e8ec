"""How the libraries that people use do the same, each with the batch size it is fastest at or is told."""

import os
from contextlib import redirect_stderr

import numpy as np

import xaiteach as xt


def captum_ways(model, sizes, target):
    """From names of methods to functions, for a PyTorch model; empty for Keras, which captum doesn't know."""
    if not hasattr(model, "parameters"):
        return {}
    import torch
    from captum import attr

    inputs = torch.tensor(sizes.images).permute(0, 3, 1, 2).requires_grad_()
    each = max(1, sizes.batch_size // len(inputs))
    channels = inputs.shape[1]
    window, stride = ((channels, side, side) for side in (sizes.window, sizes.stride))
    noise, layer = attr.NoiseTunnel(attr.Saliency(model)), sizes.layer(model)
    return {
        "saliency": lambda: attr.Saliency(model).attribute(inputs, target),
        "grad_cam": lambda: attr.LayerGradCam(model, layer).attribute(inputs, target),
        "occlusion": lambda: attr.Occlusion(model).attribute(
            inputs, window, stride, target=target, perturbations_per_eval=each
        ),
        "smooth_grad": lambda: noise.attribute(
            inputs, target=target, nt_samples=sizes.steps, nt_samples_batch_size=each, abs=False
        ),
        "integrated_gradients": lambda: attr.IntegratedGradients(model).attribute(
            inputs, target=target, n_steps=sizes.steps, internal_batch_size=sizes.batch_size
        ),
    }


def lime_way(classifier, sizes, target):
    """The lime library on the same segments."""
    from lime.lime_image import LimeImageExplainer

    explainer = LimeImageExplainer(feature_selection="none")
    options = {"labels": [target], "top_labels": None, "hide_color": 0, "batch_size": sizes.batch_size}

    def explain():
        with open(os.devnull, "w") as nowhere, redirect_stderr(nowhere):
            for image in sizes.images:
                asked = xt.for_lime(classifier, image, segments=sizes.segments)
                explainer.explain_instance(**asked, **options, num_samples=sizes.samples)

    return explain


def shap_way(classifier, sizes, ranked):
    """shap's gradient explainer for the classes that score highest."""
    import shap

    model, background, inputs = xt.for_shap(classifier, sizes.background, sizes.images)
    explainer = shap.GradientExplainer(model, background, batch_size=sizes.batch_size)

    def explain():
        state = np.random.get_state()
        explainer.shap_values(inputs, nsamples=sizes.steps, ranked_outputs=ranked, rseed=0)
        np.random.set_state(state)

    return explain
