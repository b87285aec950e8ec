"""Make slides of the lessons, one HTML file each, which needs no network: `make slides`.

A slide begins at a cell whose metadata say `slideshow: {slide_type: slide}`. The cells behind it that say
"fragment" come one key press later, those that say "-" come at once; all others are left out. Of a code
cell one sees what it printed or drew, and the code itself where it did neither.

Usage: python tools/slides.py [NOTEBOOK …]; all lessons by default. Keys: arrows, Esc for an overview.
"""

import re
import sys
from importlib.util import find_spec
from pathlib import Path

import nbformat
from latex2mathml.converter import convert
from nbconvert.exporters import SlidesExporter
from traitlets.config import Config

sys.path.insert(0, str(Path(__file__).parent))
from execute import LESSONS, lessons

from xaiteach.files.whole import write_whole

SLIDES = LESSONS.parent / "slides"
KINDS = ("slide", "fragment", "-")
CODE_OR_FORMULA = re.compile(r"(?P<code>`[^`]*`)|\$\$(?P<block>.+?)\$\$|\$(?P<inline>[^$\n]+?)\$", re.DOTALL)
HIDDEN_CODE = "slides-hide-code"


def kind(cell):
    return cell.metadata.get("slideshow", {}).get("slide_type")


def for_slides(notebook):
    """The cells that are shown, with formulas that a browser draws by itself."""
    notebook.cells = [cell for cell in notebook.cells if kind(cell) in KINDS]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = without_links_to_files(with_mathml(cell.source))
        elif cell.outputs:
            cell.metadata.setdefault("tags", []).append(HIDDEN_CODE)
    return notebook


def with_mathml(text):
    """Markdown with its formulas as MathML, code left alone."""
    return CODE_OR_FORMULA.sub(_mathml, text)


def _mathml(found):
    if found["code"]:
        return found[0]
    return convert(
        (found["block"] or found["inline"]).strip(), display="block" if found["block"] else "inline"
    )


def without_links_to_files(text):
    return re.sub(r"(?<!!)\[([^\]]+)\]\((?!https?:)[^)]+\)", r"\1", text)


def page(path):
    """The slides of one notebook as HTML."""
    notebook = nbformat.read(path, 4)
    title = f"{path.stem[:2]} {notebook.cells[0].source.splitlines()[0].removeprefix('# ')}"
    settings = Config({"TagRemovePreprocessor": {"enabled": True, "remove_input_tags": {HIDDEN_CODE}}})
    exporter = SlidesExporter(
        config=settings, extra_template_paths=[str(Path(__file__).parent)], template_file="slides.html.j2"
    )
    html, _ = exporter.from_notebook_node(for_slides(notebook), {"title": title, **reveal()})
    return html


def reveal():
    """reveal.js as the package sphinx-revealjs carries it: its code and its style."""
    folder = Path(find_spec("sphinx_revealjs").origin).parent / "_static" / "revealjs" / "dist"
    code, *styles = (
        (folder / name).read_text(encoding="utf-8") for name in ("reveal.js", "reset.css", "reveal.css")
    )
    return {"reveal_js": code, "reveal_css": "\n".join(styles)}


if __name__ == "__main__":
    for lesson in map(Path, sys.argv[1:]) if sys.argv[1:] else lessons():
        target = SLIDES / f"{lesson.stem}.html"
        write_whole(target, page(lesson.resolve()).encode())
        print(target.relative_to(LESSONS.parent))
