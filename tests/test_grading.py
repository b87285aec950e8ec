"""A class is graded: a small exercise, and submissions of every kind that a teacher meets."""

import csv
import json
import os
import re
import subprocess
import sys
import time
import zipfile
from contextlib import suppress
from copy import deepcopy
from pathlib import Path

import exercises
import gradebook
import grading
import nbformat
import psutil
import pytest
import submissions
from nbgrader.api import Gradebook
from run_apart import Limits, run_apart
from submissions import Unusable

ROOT = Path(__file__).resolve().parent.parent
NAME = "03_small"
LIMITS = Limits(seconds=12)
GRAD_CAM = "my_grad_cam = lambda maps, gradients: np.maximum((maps * gradients.mean((0, 1))).sum(-1), 0)"
SCALE = "scale = lambda cam: cam / (cam.max() or 1)"
TEXT = "Red says what speaks for a class."
MARKDOWN, CODE = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell


def _tagged(cell, tag):
    cell.metadata["tags"] = [tag, "nbval-check-output"]
    return cell


def _solution():
    """Two functions, four and three points, and a text worth five."""
    between = "### BEGIN SOLUTION\n{}\n### END SOLUTION".format
    cells = [
        MARKDOWN("# Exercises: a small class\n\n" + "Words that are in no other exercise. " * 4),
        CODE("import numpy as np\nimport xaiteach as xt"),
        MARKDOWN("## 1. Build this"),
        _tagged(CODE(between(GRAD_CAM)), "solution"),
        _tagged(CODE("xt.check.build_grad_cam(my_grad_cam)"), "check-4"),
        MARKDOWN("## 2. Change this"),
        _tagged(CODE(between(SCALE)), "solution"),
        _tagged(CODE("xt.check.scale_a_map(scale)"), "check-3"),
        MARKDOWN("## 3. Explain this"),
        _tagged(MARKDOWN(between(TEXT)), "text-5"),
        MARKDOWN("The end."),
    ]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number:02}"
    return nbformat.v4.new_notebook(cells=cells)


def _handed_in(released, first=GRAD_CAM, second=SCALE, text=TEXT):
    """What a learner makes of the release."""
    notebook = deepcopy(released)
    for place, source in ((3, first), (6, second), (9, text)):
        notebook.cells[place].source = source or notebook.cells[place].source
    return notebook


def _tampered(released):
    """Tests emptied or deleted, and the checkers replaced in two ways, on top of two wrong answers."""
    fake = "xt.check.build_grad_cam = lambda *a, **k: True\nmy_grad_cam = 1"
    deeper = "xt.check.find_exercise = lambda name: lambda *a, **k: True\nscale = 1"
    notebook = _handed_in(released, fake, deeper)
    notebook.cells[4].source = "pass"
    del notebook.cells[7]
    return notebook


def _unmarked(released):
    """The learner's own copy, without nbgrader's marks: a cell copied, tasks exchanged, an empty cell."""
    notebook = _handed_in(exercises.learner_copy(_solution()))
    notebook.cells[3].source = released.cells[3].source
    top, first, second = notebook.cells[:2], notebook.cells[2:5], notebook.cells[5:8]
    notebook.cells = [*top, *second, *first[:2], CODE(GRAD_CAM), *first[2:], CODE("")]
    return notebook


WARNS = f"""import warnings
right{GRAD_CAM[11:]}
def my_grad_cam(maps, gradients):
    warnings.warn("it is slow")
    return right(maps, gradients)
"""
SUBMISSIONS = {  # student: what is handed in, points of the two tests, what the state begins with
    "right": (_handed_in, (4, 3), "graded"),
    "partly": (lambda nb: _handed_in(nb, second="scale = lambda cam: cam / cam.sum()"), (4, 0), "graded"),
    "blank": (lambda nb: nb, (0, 0), "graded"),
    "tampered": (_tampered, (0, 0), "graded; changed the tests (restored)"),
    "loop": (lambda nb: _handed_in(nb, "while True: pass"), (0, 3), "took too long at task 1. Build this"),
    "exit": (lambda nb: _handed_in(nb, "import sys\nsys.exit()"), (0, 3), "graded"),
    "death": (lambda nb: _handed_in(nb, second="import os\nos._exit(0)"), (4, 0), "kernel died at task 2. Change this"),
    "syntax": (lambda nb: _handed_in(nb, "def ("), (0, 3), "graded"),
    "spy": (lambda nb: _handed_in(nb, WARNS, f"print(In)\n{SCALE}"), (4, 3), "graded"),
    "Zoë van [D]": (_unmarked, (4, 3), "graded"),
    "broken": ('{"cells": [', (0, 0), "not a notebook"),
    "other": (nbformat.v4.new_notebook(cells=[MARKDOWN("# My holidays")]), (0, 0), "another notebook"),
    "nothing": (None, (0, 0), "nothing handed in"),
}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course with the small exercise released."""
    folder = tmp_path_factory.mktemp("course of a teacher")
    solution = folder / "solutions" / f"{NAME}_solution.ipynb"
    solution.parent.mkdir()
    nbformat.write(_solution(), solution)
    grading.release(folder, solution)
    return folder


@pytest.fixture(scope="module")
def released(course):
    return nbformat.read(course / "release" / NAME / f"{NAME}.ipynb", 4)


@pytest.fixture(scope="module")
def handed_in(course, released, tmp_path_factory):
    folder = tmp_path_factory.mktemp("handed in")
    for student, (content, *_) in SUBMISSIONS.items():
        (folder / student).mkdir()
        content = content(released) if callable(content) else content
        if content is not None:
            text = content if isinstance(content, str) else nbformat.writes(content)
            (folder / student / "my homework.ipynb").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def table(course, handed_in):
    return _rows(grading.grade(course, NAME, handed_in, LIMITS))


def _rows(path):
    return {row["student"]: row for row in csv.DictReader(path.open(encoding="utf-8-sig"))}


@pytest.mark.parametrize("student", SUBMISSIONS)
def test_a_submission_gets_the_points_it_deserves_and_a_state_in_words(table, student):
    _, points, state = SUBMISSIONS[student]
    row = table[re.sub(r"[][]", "_", student)]
    assert (float(row["build_grad_cam (4)"]), float(row["scale_a_map (3)"])) == points
    assert (float(row["total"]), float(row["most"])) == (sum(points), 12)
    assert row["state"].startswith(state)


def test_a_text_waits_for_a_person_and_a_blank_one_has_no_points(table):
    assert table["right"]["state"].endswith("; 1 to be read by you")
    assert table["blank"]["state"] == "graded" and table["blank"]["text_3 (5)"] == "0"


def test_what_was_handed_out_is_the_learners_copy_but_for_nbgraders_marks(released):
    unmarked = deepcopy(released)
    for cell in unmarked.cells:
        for mark in ("nbgrader", "deletable", "editable"):
            cell.metadata.pop(mark, None)
    assert unmarked == exercises.learner_copy(_solution())
    assert [cell.metadata["nbgrader"]["locked"] for cell in released.cells if "nbgrader" in cell.metadata] == [
        False,
        True,
        False,
        True,
        False,
    ]


def test_hidden_tests_and_the_seed_are_in_nothing_that_a_learner_gets(course, table):
    seed = (course / "seed.txt").read_text()
    assert seed in (course / "source" / NAME / f"{NAME}.ipynb").read_text()
    with zipfile.ZipFile(course / "release" / f"{NAME}.zip") as archive:
        assert archive.namelist() == [f"{NAME}.ipynb"]
        pages = [archive.read(f"{NAME}.ipynb").decode()]
    for folder in ("release", "feedback"):
        pages += [path.read_text("utf-8") for path in (course / folder).rglob("*.*") if path.suffix != ".zip"]
    assert len(pages) == 2 + len(SUBMISSIONS)
    for page in pages:
        assert seed not in page
    for page in [page for page in pages if "print(In)" not in page]:  # the spy sees its own cells before
        assert "HIDDEN" not in page and "find_exercise" not in page


def test_feedback_is_read_without_a_request_or_a_script(course, table):
    for path in (course / "feedback").rglob("*.html"):
        page = path.read_text("utf-8")
        assert "default-src 'none'" in page.split("<body")[0]
        assert "<script" not in page and not re.search(r'(src|href)="?(http|//)|url\("?http', page)
    page = gradebook.feedback_path(course, NAME, "partly").read_text("utf-8")
    assert "It is divided by the sum, not by the largest value." in page


@pytest.fixture
def runs(monkeypatch):
    """Counts what is run."""
    counted = []

    def counting(notebook, limits):
        counted.append(notebook)
        return run_apart(notebook, limits)

    monkeypatch.setattr(grading, "run_apart", counting)
    return counted


def test_what_is_new_is_graded_again_and_points_given_by_hand_stay(course, table, released, runs, tmp_path):
    for student, first in (("right", GRAD_CAM), ("partly", GRAD_CAM + "  # mended")):
        (tmp_path / student).mkdir()
        nbformat.write(_handed_in(released, first), tmp_path / student / f"{NAME}.ipynb")
    with Gradebook(f"sqlite:///{course}/gradebook.db", gradebook.COURSE_ID) as book:
        for student, points in (("right", 5), ("partly", 2)):
            grade = book.find_grade("text_3", NAME, NAME, student)
            grade.manual_score, grade.needs_manual_grade = points, False
        book.db.commit()
    rows = _rows(grading.grade(course, NAME, tmp_path, LIMITS))
    assert [float(rows[student]["total"]) for student in ("partly", "right")] == [9, 12]
    assert len(runs) == 1
    assert rows["right"]["state"] == "graded" and "to be read" in rows["partly"]["state"]


def test_a_release_is_renewed_only_on_demand_once_there_are_submissions(course, table, tmp_path):
    solution = course / "solutions" / f"{NAME}_solution.ipynb"
    archive = course / "release" / f"{NAME}.zip"
    before = archive.read_bytes()
    assert "as it was" in grading.release(course, solution)
    changed = _solution()
    changed.cells[-1].source = "The very end."
    nbformat.write(changed, solution)
    with pytest.raises(ValueError, match="--force"):
        grading.release(course, solution)
    assert archive.read_bytes() == before
    assert "is new" in grading.release(course, solution, force=True)
    assert archive.read_bytes() != before
    assert gradebook.points(course, NAME, "loop")["scale_a_map"][0] == 3
    del changed.cells[5:8]
    nbformat.write(changed, solution)
    with pytest.raises(ValueError, match="--course"):
        grading.release(course, solution, force=True)


def _ends(pid, patience=10):
    """Whether a process is gone, or only waits to be counted, within seconds."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        with suppress(psutil.NoSuchProcess):
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.1)
                continue
        return True
    return False


def _ran(*sources, **limits):
    notebook = nbformat.v4.new_notebook(cells=list(map(CODE, sources)))
    cells = run_apart(notebook, Limits(**limits)).cells
    return [[output.get("ename") or output.get("text", "") for output in cell.outputs] for cell in cells]


def test_a_run_leaves_no_process_and_touches_neither_progress_nor_cache(monkeypatch):
    monkeypatch.setenv("XAITEACH_PROGRESS", "mine")
    monkeypatch.setenv("XAITEACH_CACHE", "mine")
    stays = "import subprocess, os\nprint(subprocess.Popen(['sleep', '900'], start_new_session=True).pid)"
    where = "print(os.environ['XAITEACH_PROGRESS'], os.environ['XAITEACH_CACHE'], os.getcwd(), sep='\\n')"
    (pid,), (places,) = _ran(stays, where)
    assert _ends(int(pid))
    progress, cache, folder = places.split()
    assert progress == "off"
    assert not Path(folder).exists() and Path(cache).parent == Path(folder).parent


def test_a_cell_that_does_not_listen_ends_the_notebook_and_not_the_run():
    deaf = "while True:\n    try:\n        while True: print('x' * 1000)\n    except BaseException: pass"
    first, second, third = _ran("print('before')", deaf, "print('after')", seconds=2)
    assert first == ["before\n"] and second[-1] == "TookTooLong" and third == ["NotRun"]
    assert sum(map(len, second)) < 11e6


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux")
def test_memory_has_a_limit():
    assert _ran("x = bytearray(2 * 10**9)", "print('after')", memory=1) == [["MemoryError"], ["after\n"]]


def test_a_runner_that_is_killed_is_one_submission_that_could_not_be_run():
    with pytest.raises(Unusable, match="could not be run"):
        _ran("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)")


def test_a_command_that_is_not_there_says_so():
    with pytest.raises(Unusable, match="no-such-container"):
        _ran("1", inside="no-such-container run")


@pytest.fixture(params=["folders", "files", "zip", "wrapped zip"])
def exported(request, tmp_path):
    """The same two students, as platforms export them."""
    names = {"folders": ["ann lee/x.ipynb", "bo/deep/y.ipynb", "bo/.ipynb_checkpoints/z.ipynb"]}.get(
        request.param, ["ann lee_03_small.ipynb", "bo-03_small.ipynb", "bo_04_lime.ipynb"]
    )
    if request.param == "wrapped zip":
        names = [f"class/{name}" for name in ("ann lee/x.ipynb", "bo/y.ipynb", "__MACOSX/z", ".DS_Store")]
    if "zip" not in request.param:
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text("{}")
        return tmp_path
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        for name in names:
            archive.writestr(name, "{}")
    return tmp_path / "class.zip"


def test_submissions_are_found_as_folders_files_or_a_zip(exported):
    found = submissions.find(exported, "03_small", others=["04_lime"])
    assert {student: len(files) for student, files in found.items()} == {"ann lee": 1, "bo": 1}


def test_of_two_files_the_one_with_the_name_and_the_later_number_is_taken(tmp_path):
    for name in ("a_very_long_other_name.ipynb", "03_small.ipynb", "03_small-1.ipynb"):
        (tmp_path / "ann").mkdir(exist_ok=True)
        (tmp_path / "ann" / name).touch()
    assert submissions.find(tmp_path, "03_small")["ann"][-1].name == "03_small-1.ipynb"


def test_two_students_whose_names_differ_in_a_sign_stay_two(tmp_path):
    for student in ("ann*", "ann?"):
        (tmp_path / student).mkdir()
    assert list(submissions.find(tmp_path, "03_small")) == ["ann_", "ann__"]


@pytest.mark.parametrize("make, error", [(None, FileNotFoundError), (Path.touch, ValueError), (Path.mkdir, ValueError)])
def test_a_place_without_submissions_is_refused_in_words(tmp_path, make, error):
    if make:
        make(tmp_path / "class")
    with pytest.raises(error, match="class"):
        submissions.find(tmp_path / "class", "03_small")


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"[]", b'{"cells": 5}', b'{"cells": [{"source": 1}], "nbformat": 4}']
)
def test_what_is_not_a_notebook_is_said_to_be_none(tmp_path, content):
    (tmp_path / "x.ipynb").write_bytes(content)
    with pytest.raises(Unusable, match="not a notebook"):
        submissions.read(tmp_path / "x.ipynb")


def _cells(notebook):
    return [submissions.Given(cell.cell_type, cell.source, str(None), cell.id) for cell in notebook.cells]


def test_in_a_copy_of_another_version_ids_say_nothing(released):
    """A cell more at the top: each id names the cell before."""
    notebook = _handed_in(exercises.learner_copy(_solution()))
    notebook.cells.insert(1, MARKDOWN("New."))
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:02}"
    rebuilt, is_changed = submissions.rebuild(_cells(notebook), released)
    code = [cell.source for cell in rebuilt.cells if cell.cell_type == "code"]
    assert code == [cell.source for cell in notebook.cells if cell.cell_type == "code"] and not is_changed


def test_a_lesson_is_released_by_its_number_from_any_shell(tmp_path):
    command = [sys.executable, ROOT / "tools" / "grading.py", "release", "03", "--course", tmp_path]
    variables = {**os.environ, "PATH": "/usr/bin:/bin"} if os.name == "posix" else None
    done = subprocess.run(command, capture_output=True, text=True, env=variables)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "release" / "03_grad_cam.zip").exists()


@pytest.mark.parametrize("words", [["release", "77"], ["grade", "03", "--submissions", "nowhere"]])
def test_a_wrong_word_is_answered_in_one_sentence(tmp_path, words):
    with pytest.raises(SystemExit) as refusal:
        grading.main([*words, "--course", str(tmp_path)])
    assert "03_grad_cam" in str(refusal.value) and "\n" not in str(refusal.value)


def test_learners_meet_nothing_of_nbgrader_in_jupyterlab():
    ask = """if True:
        import json
        from jupyter_core.paths import jupyter_config_path
        from jupyter_server.extension.config import ExtensionConfigManager
        from jupyterlab_server.config import get_static_page_config
        extensions = ExtensionConfigManager(read_config_path=jupyter_config_path()).get_jpserver_extensions()
        print(json.dumps([extensions, get_static_page_config()]))
    """
    variables = {**os.environ, "JUPYTER_CONFIG_PATH": str(ROOT / "tools" / "jupyter")}
    said = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, env=variables, check=True)
    extensions, page = json.loads(said.stdout)
    assert {name for name, is_on in extensions.items() if "nbgrader" in name and is_on} == set()
    assert extensions["jupyterlab"] and page["disabledExtensions"] == {"@jupyter/nbgrader": True}
