"""xaiteach: see why an image classifier decides what it decides, and tell a true explanation from a pretty one."""

__version__ = "0.1.0"
