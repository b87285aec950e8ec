"""Every way to install the course installs the same: the lock, and nothing else by hand."""

import re
import tomllib
from pathlib import Path

import course
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from repo2docker.app import Repo2Docker

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NEEDS = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]
PINS = [Requirement(line) for line in (ROOT / "requirements.txt").read_text().splitlines()]


def lines_of(path):
    """The lines of a file that are neither empty nor a comment."""
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("need", [Requirement(need) for need in NEEDS], ids=str)
def test_the_lock_pins_what_the_package_needs_within_its_range(need):
    pins = [pin for pin in PINS if pin.name == need.name]
    assert pins, f"{need.name} is not in the lock; run: make lock"
    versions = [str(pin.specifier).removeprefix("==") for pin in pins]
    assert all(need.specifier.contains(version, prereleases=True) for version in versions)


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_no_machine_gets_two_versions_of_a_package(version, system):
    machine = {
        "python_full_version": f"{version}.5",
        "python_version": version,
        "sys_platform": system,
        "os_name": "nt" if system == "win32" else "posix",
        "platform_machine": {"linux": "x86_64", "darwin": "arm64", "win32": "AMD64"}[system],
        "implementation_name": "cpython",
    }
    names = [pin.name for pin in PINS if pin.marker is None or pin.marker.evaluate(machine)]
    assert len(names) == len(set(names))
    assert ("tensorflow" in names) != ("tensorflow-cpu" in names)


def test_the_lock_holds_one_exact_version_a_line_and_leaves_cuda_to_the_wheel_of_torch():
    for pin in PINS:
        (specifier,) = pin.specifier
        assert specifier.operator == "==" and not pin.url
        assert not pin.name.startswith(("nvidia-", "cuda-", "triton"))


def test_conda_installs_the_lock_and_the_package_for_a_python_that_the_package_and_the_script_support():
    needs = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    python, *others = needs
    assert python.removeprefix("python=") in SpecifierSet(PROJECT["requires-python"])
    assert others == ["pip", {"pip": ["-r requirements.txt", "-e ."]}]
    oldest, too_new = ("{}.{}".format(*version) for version in (course.OLDEST, course.TOO_NEW))
    assert SpecifierSet(PROJECT["requires-python"]) == SpecifierSet(f">={oldest},<{too_new}")


def test_binder_installs_the_lock_with_cpu_builds_and_sets_the_variables_that_the_script_sets():
    needs = [f"--extra-index-url {course.CPU_INDEX}", "-r ../requirements.txt", "-e ."]
    assert lines_of("binder/requirements.txt") == needs
    lines = [line.removeprefix("export ") for line in lines_of("binder/start") if "=" in line]
    exports = dict(line.split("=") for line in lines)
    assert exports.pop("JUPYTER_CONFIG_PATH") == '"${REPO_DIR:-$PWD}/tools/jupyter"'
    assert exports == course.QUIET


def test_binder_takes_the_folder_binder_and_installs_after_the_whole_checkout_is_there(monkeypatch):
    """What Binder's own program makes of this checkout, as far as it gets without Docker."""
    monkeypatch.chdir(ROOT)
    app = Repo2Docker()
    packs = (pack(app.base_image) for pack in app.buildpacks)
    binder = next(pack for pack in packs if pack.detect())
    binder.platform = "linux/amd64"
    assert type(binder).__name__ == "PythonBuildPack" and binder.binder_dir == "binder"
    assert binder.python_version in SpecifierSet(PROJECT["requires-python"])
    ((_, command),) = binder.get_assemble_scripts()
    assert command.endswith('pip install --no-cache-dir -r "binder/requirements.txt"')
    recipe = binder.render({})
    assert recipe.index("COPY --chown=1000:1000 src/ ${REPO_DIR}") < recipe.index(command)
    assert 'R2D_ENTRYPOINT="${REPO_DIR}/binder/start"' in recipe


def test_the_readme_opens_binder_on_the_lesson_that_make_lab_opens():
    readme = (ROOT / "README.md").read_text("utf-8")
    (linked,) = re.findall(r"urlpath=lab/tree/notebooks/(00_\w+\.ipynb)", readme)
    assert [path.name for path in (ROOT / "notebooks").glob("00_*.ipynb")] in ([], [linked])
