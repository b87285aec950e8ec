"""Which of the two frameworks a lesson runs on, and which one a model belongs to."""

import os
import sys

FRAMEWORKS = {"keras": ("keras", "Layer"), "torch": ("torch.nn", "Module")}  # what all their models are


def framework(default="keras"):
    """The framework of this lesson: the environment variable XAITEACH_FRAMEWORK, or else its default."""
    return check_framework(os.environ.get("XAITEACH_FRAMEWORK", default))


def check_framework(name):
    """`name`, where it is "keras" or "torch"; a ValueError where not."""
    if name not in FRAMEWORKS:
        raise ValueError(f'The framework {name!r} is not known here; choose "keras" or "torch".')
    return name


def framework_of(model):
    """ "keras", "torch", or None for anything else, without importing a framework that is not loaded yet."""
    for name, (module, base) in FRAMEWORKS.items():
        loaded = sys.modules.get(module)
        if loaded is not None and isinstance(model, getattr(loaded, base)):
            return name
    return None
