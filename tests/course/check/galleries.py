"""What learners may hand in for an exercise, and what they must hear.

The galleries of a lesson are in the file of its number, `GALLERY = {exercise: rows}`. A row is an answer and
the words that must be said of it, or RIGHT. Right ones come first: two or more, written differently. Of the
wrong ones, one is nearly right.
"""

import importlib
from pathlib import Path

RIGHT = None


def load_galleries():
    """{exercise: [(answer, words or RIGHT), …]} of all lessons."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("gallery_*.py")):
        for name, gallery in importlib.import_module(path.stem).GALLERY.items():
            assert name not in found, f"two lessons have an exercise called {name}"
            found[name] = gallery
    return found
