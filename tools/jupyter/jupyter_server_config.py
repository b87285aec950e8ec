"""JupyterLab for learners: no news, no shop, room for the lessons' names, silence about what is harmless."""

import logging
from pathlib import Path

HARMLESS = (
    "is not trusted",  # each lesson, until it is saved for the first time
    "websocket_ping_timeout",  # Jupyter counts milliseconds where tornado counts seconds
)


def is_of_use(record):
    return not any(words in record.getMessage() for words in HARMLESS)


for name in ("ServerApp", "tornado.general"):
    logging.getLogger(name).addFilter(is_of_use)

c = get_config()  # noqa: F821 (it is there where Jupyter reads this file)
c.KernelManager.transport_encryption = "auto"
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
c.LabApp.custom_css = True
c.ServerApp.tornado_settings = {"static_custom_path": [str(Path(__file__).parent / "custom")]}
