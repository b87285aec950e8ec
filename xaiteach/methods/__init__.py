"""The explanation methods: one short file each, one signature for all; `xt` loads each when it is first used."""

# What `xt.explain` can ask for, and what it is called in a figure.
METHODS = {
    "grad_cam": "Grad-CAM",
    "hires_cam": "HiResCAM",
    "integrated_gradients": "integrated gradients",
    "gradient_shap": "gradient SHAP",
    "occlusion": "occlusion",
    "lime": "LIME",
    "saliency": "gradient",
    "smooth_grad": "SmoothGrad",
    "input_x_gradient": "input × gradient",
    "guided_backpropagation": "guided backpropagation",
}
