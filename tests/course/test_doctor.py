"""The doctor: each illness is found, named, and given a remedy."""

import os
import sys
from importlib import metadata
from pathlib import Path

import pytest

from xaiteach_course import doctor as ward


@pytest.fixture
def lock(tmp_path):
    def write(*lines):
        path = tmp_path / "requirements.txt"
        path.write_text("\n".join(lines) + "\n")
        return path

    return write


def test_a_report_is_true_where_nothing_needs_to_be_done():
    assert ward.Report([ward.Finding("a", "fine")])
    assert not ward.Report([ward.Finding("a", "fine"), ward.Finding("b", "broken", "mend it")])


def test_a_line_says_what_was_found_and_what_to_do():
    text = str(ward.Finding("memory", "0.1 GB free", "close other programs"))
    assert text.startswith("look ") and "0.1 GB free" in text and "→ close other programs" in text


def test_every_part_of_the_machine_gets_a_line(capsys):
    report = ward.doctor()
    names = [finding.what for finding in report]
    assert names == [
        "Python",
        "versions",
        "threads",
        "memory",
        "digits",
        "weights",
        "workspace",
        "cache",
        "kernel",
    ]
    printed = capsys.readouterr().out
    assert all(str(finding) in printed for finding in report)


@pytest.mark.parametrize("version, right", [((3, 10, 9), False), ((3, 12, 1), True), ((3, 14, 0), False)])
def test_the_python_must_be_one_the_lock_supports(version, right):
    assert bool(ward.check_python(version).remedy) is not right


def test_the_versions_here_are_those_of_the_lock():
    assert not ward.check_versions().remedy


def test_another_version_is_named_with_the_one_that_is_wanted(lock):
    finding = ward.check_versions(lock("numpy==0.1", "tqdm==" + metadata.version("tqdm")))
    assert finding.found == f"numpy is {metadata.version('numpy')}, not 0.1"
    assert "pip install -r" in finding.remedy


def test_a_missing_package_is_named(lock):
    assert "no-such-package is missing" in ward.check_versions(lock("no-such-package==1.0")).found


def test_only_the_first_few_of_many_differences_are_named(lock):
    finding = ward.check_versions(lock(*(f"no-such-package-{i}==1.0" for i in range(9))))
    assert finding.found.endswith("and 6 more")


def test_pins_for_other_systems_do_not_matter(lock):
    assert not ward.check_versions(lock("no-such-package==1.0 ; sys_platform == 'nowhere'")).remedy


def test_cpu_builds_are_as_good_as_the_lock(lock, monkeypatch):
    monkeypatch.setattr(metadata, "version", lambda name: "2.15.0+cpu")
    assert not ward.check_versions(lock("torch==2.15.0")).remedy


def test_a_package_without_its_course_says_how_to_get_it(tmp_path):
    assert "pip install -e ." in ward.check_versions(tmp_path / "requirements.txt").remedy


def test_more_threads_than_cores_are_found(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "4096")
    assert "set OMP_NUM_THREADS to" in ward.check_threads().remedy


def test_spinning_threads_are_found(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    assert "OMP_WAIT_POLICY" in ward.check_threads().remedy
    monkeypatch.setenv("OMP_WAIT_POLICY", "passive")
    assert not ward.check_threads().remedy


def test_little_memory_is_found(monkeypatch):
    monkeypatch.setattr(ward, "free_memory", lambda: 1e9)
    assert "close other programs" in ward.check_memory().remedy
    monkeypatch.setattr(ward, "free_memory", lambda: 4e9)
    assert not ward.check_memory().remedy


def test_missing_digits_are_found(monkeypatch):
    assert not ward.check_digits().remedy
    monkeypatch.setattr(ward.util, "find_spec", lambda name: None)
    assert ward.check_digits().remedy


def test_missing_weights_are_found(tmp_path):
    assert ward.check_weights(tmp_path).remedy
    (tmp_path / "cnn.npz").touch()
    assert ward.check_weights(tmp_path).remedy, "an empty file is no network"
    (tmp_path / "cnn.npz").write_bytes(b"weights")
    assert not ward.check_weights(tmp_path).remedy


def test_a_folder_that_will_be_made_is_judged_by_the_one_that_is_there(tmp_path):
    assert not ward.check_writing("cache", tmp_path / "not" / "yet").remedy
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_write_access_is_found(tmp_path, monkeypatch):
    def refused(dir):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(ward.tempfile, "TemporaryFile", refused)
    assert "XAITEACH_CACHE" in ward.check_writing("cache", tmp_path).remedy
    assert "folder of your own" in ward.check_writing("workspace", tmp_path).remedy


@pytest.mark.parametrize(
    "program, right", [("python", True), (sys.executable, True), ("/elsewhere/bin/python3", False)]
)
def test_the_kernel_must_be_this_python(monkeypatch, program, right):
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", lambda self, name: KernelSpec(argv=[program]))
    assert bool(ward.check_kernel().remedy) is not right


def test_a_missing_kernel_is_found(monkeypatch):
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    def missing(self, name):
        raise NoSuchKernel(name)

    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", missing)
    assert "pip install -r" in ward.check_kernel().remedy


@pytest.mark.skipif(not Path("/sys/fs/cgroup").exists(), reason="needs Linux")
def test_free_memory_is_no_more_than_the_machine_has():
    assert 0 < ward.free_memory() <= os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
