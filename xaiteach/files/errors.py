"""What went wrong, in one line."""

import re

COLOURS = re.compile(r"\x1b\[\d+m")
AFTER_THE_SENTENCE = "Arguments received by"  # Keras goes on with the layer's arguments


def short(error, most=120):
    """What an error says, on one line of at most `most` characters."""
    message = COLOURS.sub("", str(error)).partition(AFTER_THE_SENTENCE)[0]
    return " ".join(message.split())[:most] or type(error).__name__
