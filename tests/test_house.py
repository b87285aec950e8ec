"""The house stays a house: each folder imports what is below it, and the course stands on the package."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = ["files", "images", "layers", "classifier", "methods", "figures", "datasets", "loading", "models"]
FLOORS += ["callbacks", "metrics", "explaining"]
MODULES = sorted([*(ROOT / "xaiteach").rglob("*.py"), *(ROOT / "xaiteach_course").rglob("*.py")])
FACES = [ROOT / "xaiteach" / "__init__.py", ROOT / "xaiteach" / "__main__.py"]


def name_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


NAMES = {name_of(path) for path in MODULES}


def imports(path):
    """The names of all modules that a file imports, wherever in it."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parts = [f"{node.module}.{alias.name}" for alias in node.names]
            found += [part if part in NAMES else node.module for part in parts]
    return found


def test_every_folder_of_the_package_has_its_floor_and_no_loose_module_stands_in_the_hall():
    folders = {path.parent.name for path in (ROOT / "xaiteach").glob("*/__init__.py")}
    assert folders == set(FLOORS)
    assert set((ROOT / "xaiteach").glob("*.py")) == set(FACES)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_is_on_its_floor_or_below(path):
    package, *folders = path.relative_to(ROOT).parts[:-1]
    inside = [name.split(".") for name in imports(path) if name.split(".")[0].startswith("xaiteach")]
    if package == "xaiteach_course" or path in FACES:
        return
    below = FLOORS[: FLOORS.index(folders[0]) + 1]
    assert [name for name in inside if name[0] != "xaiteach" or len(name) == 1 or name[1] not in below] == []


def test_no_two_modules_import_each_other_directly_or_by_way_of_others():
    graph = {name_of(path): imports(path) for path in MODULES}
    assert len(list(TopologicalSorter(graph).static_order())) >= len(MODULES)
