"""The doctor: each illness is found, named, and given a remedy."""

import os
import subprocess
import sys
from importlib import metadata

import psutil
import pytest

from xaiteach_course import doctor as ward


@pytest.fixture
def lock(tmp_path):
    def write(*lines):
        path = tmp_path / "requirements.txt"
        path.write_text("\n".join(lines) + "\n")
        return path

    return write


def test_every_part_of_the_machine_gets_a_line_that_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(ward, "IMPORTS", ())
    report = ward.doctor(tmp_path)
    names = [finding.what for finding in report]
    parts = "Python versions files imports threads memory weights workspace cache Jupyter kernel"
    assert names == parts.split()
    assert capsys.readouterr().out == "".join(f"{finding}\n" for finding in report)
    assert str(tmp_path) in report[names.index("workspace")].found
    fine, broken = ward.Finding("a", "fine"), ward.Finding("memory", "0.1 GB free", "close other programs")
    assert ward.Report([fine]) and not ward.Report([fine, broken])
    assert str(broken) == "look memory       0.1 GB free\n                  → close other programs"


def test_the_doctor_loads_no_framework_and_speaks_where_the_packages_that_it_uses_are_gone(tmp_path):
    """As with a .venv that was partly deleted: only the standard library can be imported."""
    script = (
        "import sys; sys.modules.update(dict.fromkeys(sys.argv[1:])); "
        "from xaiteach_course import doctor; doctor.IMPORTS = (); doctor.doctor(); "
        "sys.exit(bool({'tensorflow', 'torch'} & set(sys.modules)))"
    )
    gone = ["numpy", "psutil", "packaging", "packaging.requirements", "requests"]
    gone += ["jupyter_core", "jupyter_client"]
    variables = dict(os.environ, PYTHONPATH=str(ward.ROOT))
    for packages in ([], gone):
        command = [sys.executable, "-c", script, *packages]
        asked = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True)
        assert asked.returncode == 0 and not asked.stderr
    for what in ("versions", "files", "memory", "cache", "Jupyter", "kernel"):
        (line,) = [line for line in asked.stdout.splitlines() if line.split()[:2] == ["look", what]]
        assert "can't be checked: ModuleNotFoundError" in line


def test_versions_are_compared_with_the_lock(lock, tmp_path, monkeypatch):
    """Pins for other systems do not matter, and builds for the CPU are as good."""
    assert "pip install -e ." in ward.check_versions(tmp_path / "requirements.txt").remedy
    assert not ward.check_versions().remedy
    finding = ward.check_versions(lock("numpy==0.1", "tqdm==" + metadata.version("tqdm")))
    assert finding.found == f"numpy is {metadata.version('numpy')}, not 0.1"
    assert ward.REPAIR in finding.remedy
    finding = ward.check_versions(lock(*(f"no-such-package-{i}==1.0" for i in range(9))))
    assert finding.found.startswith("no-such-package-0 is missing")
    assert finding.found.endswith("and 6 more")
    assert not ward.check_versions(lock("no-such-package==1.0 ; sys_platform == 'nowhere'")).remedy
    monkeypatch.setattr(metadata, "version", lambda name: "2.15.0+cpu")
    assert not ward.check_versions(lock("torch==2.15.0")).remedy


def test_a_file_that_was_deleted_from_a_package_is_missed(tmp_path, lock, monkeypatch):
    """Compiled files come and go."""
    folder = tmp_path / "half-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Name: half\nVersion: 1.0\n")
    (folder / "RECORD").write_text('half.py,,\n"half,data.npz",,\n__pycache__/half.pyc,,\n')
    for file in ("half.py", "half,data.npz"):
        (tmp_path / file).touch()
    monkeypatch.syspath_prepend(tmp_path)
    assert not ward.check_files().remedy and not ward.check_files(lock("half==1.0")).remedy
    (tmp_path / "half,data.npz").unlink()
    finding = ward.check_files(lock("half==1.0", "no-such-package==1.0"))
    assert finding.found == "missing: half,data.npz" and ward.REPAIR in finding.remedy


def test_imports_are_tried_from_the_folder_of_the_learner(tmp_path, monkeypatch):
    assert set(ward.IMPORTS) == {"torch", "keras"}
    assert "repair" in ward.REPAIR or "pip install -r" in ward.REPAIR
    monkeypatch.setattr(ward, "IMPORTS", ("psutil",))
    monkeypatch.setenv("PYTHONPATH", str(ward.ROOT))
    assert not ward.check_imports(tmp_path / "not" / "yet").remedy
    (tmp_path / "psutil.py").write_text("raise ImportError('no such\\nDLL')")
    finding = ward.check_imports(tmp_path / "not" / "yet")
    assert finding.found == "psutil: DLL"
    assert f"unset PYTHONPATH ({ward.ROOT})" in finding.remedy and ward.REPAIR in finding.remedy
    (tmp_path / "psutil.py").write_text("import os; os._exit(3)")
    assert ward.check_imports(tmp_path).found == "psutil: 3"


def test_python_threads_memory_and_weights_that_are_not_right_are_found(monkeypatch, tmp_path):
    for version, is_right in (((3, 10, 9), False), ((3, 12, 1), True), ((3, 14, 0), False)):
        assert bool(ward.check_python(version).remedy) is not is_right
    monkeypatch.setenv("OMP_NUM_THREADS", "4096")
    assert "set OMP_NUM_THREADS to" in ward.check_threads().remedy
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    assert "OMP_WAIT_POLICY" in ward.check_threads().remedy
    monkeypatch.setenv("OMP_WAIT_POLICY", "passive")
    assert not ward.check_threads().remedy
    assert 0 < ward.free_memory() <= psutil.virtual_memory().total
    for free, is_enough in ((1e9, False), (4e9, True)):
        monkeypatch.setattr(ward, "free_memory", lambda free=free: free)
        assert ("close other programs" in ward.check_memory().remedy) is not is_enough
    assert ward.check_weights(tmp_path).remedy
    for content, is_network in ((b"", False), (b"weights", True)):
        (tmp_path / "cnn.npz").write_bytes(content)
        assert bool(ward.check_weights(tmp_path).remedy) is not is_network


def test_a_folder_without_write_access_is_found(tmp_path, monkeypatch):
    """One that will be made is judged by the one that is there."""
    assert not ward.check_writing("cache", tmp_path / "not" / "yet", "mend it").remedy
    assert list(tmp_path.iterdir()) == []

    def refused(dir):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(ward.tempfile, "TemporaryFile", refused)
    assert "XAITEACH_CACHE" in ward.check_cache().remedy
    assert "my-course" in ward.check_workspace(tmp_path).remedy


@pytest.mark.parametrize("part", ["CONFIG", "DATA", "RUNTIME"])
def test_each_folder_of_jupyter_that_is_somebody_elses_is_named(tmp_path, monkeypatch, part):
    for name in ("CONFIG", "DATA", "RUNTIME"):
        monkeypatch.setenv(f"JUPYTER_{name}_DIR", str(tmp_path / name))
        (tmp_path / name).mkdir()
    assert not ward.check_jupyter().remedy
    whole = ward.tempfile.TemporaryFile

    def refuse(dir):
        if dir.name == part:
            raise PermissionError(13, "Permission denied")
        return whole(dir=dir)

    monkeypatch.setattr(ward.tempfile, "TemporaryFile", refuse)
    finding = ward.check_jupyter()
    assert str(tmp_path / part) in finding.found and f"set JUPYTER_{part}_DIR" in finding.remedy


@pytest.mark.parametrize("program", ["python", sys.executable, "/elsewhere/bin/python3", None])
def test_the_kernel_must_be_there_and_be_this_python(monkeypatch, program):
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel

    def spec(self, name):
        if program is None:
            raise NoSuchKernel(name)
        return KernelSpec(argv=[program])

    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", spec)
    is_right = program in ("python", sys.executable)
    remedy = ward.check_kernel().remedy
    assert bool(remedy) is not is_right and (program or remedy == ward.REPAIR)
