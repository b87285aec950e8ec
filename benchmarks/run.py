"""Side by side: our methods, the raw model passes, and the peers, in one run: `make bench`.

Each model is measured in a process of its own, and so is each start. The tables go to benchmarks/RESULTS.md,
with the machine they are from.
"""

import json
import os
import platform
import subprocess
import sys
from functools import partial
from importlib.metadata import version
from pathlib import Path

import psutil
from timing import interleaved

HERE = Path(__file__).parent
ROUNDS, SECONDS, STARTS = 3, 5, 5
LIBRARIES = ("numpy", "torch", "keras", "captum", "lime", "shap")


def measure(framework, kind):
    """Rows of (title, who, seconds, ratio to the raw passes), printed as they come."""
    from cases import PAIRS, cases, explaining

    import xaiteach as xt

    if kind == "explain":
        rows = explaining(xt.load_photo_classifier(framework), xt.load_photo("cat"))
    else:
        make_sizes, make_model = PAIRS[kind]
        rows = cases(make_model(framework), make_sizes())
    for title, ways in rows:
        for who, (seconds, ratio) in interleaved(ways, ROUNDS, SECONDS).items():
            print(json.dumps([title, who, seconds, ratio]), flush=True)


def table(framework, kind):
    """A table in Markdown: a line a method, a column a contestant."""
    run = subprocess.run(
        [sys.executable, __file__, framework, kind], stdout=subprocess.PIPE, text=True, check=True, cwd=HERE
    )
    rows = {}
    for line in run.stdout.splitlines():
        title, who, seconds, ratio = json.loads(line)
        rows.setdefault(title, {})[who] = (seconds, ratio)
    others = sorted({who for row in rows.values() for who in row} - {"raw passes", "xaiteach"})
    columns = ["xaiteach", *others]
    head = f"| method | raw passes (s) | {' | '.join(columns)} |\n| --- | ---: |{' ---: |' * len(columns)}\n"
    return head + "".join(_line(title, row, columns) for title, row in rows.items())


def _line(title, row, columns):
    cells = [f"{row[who][1]:.2f}×" if who in row else "" for who in columns]
    return f"| {title} | {row['raw passes'][0]:.2f} | {' | '.join(cells)} |\n"


def machine():
    cores, memory = os.cpu_count(), psutil.virtual_memory().total / 2**30
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    system = f"{platform.system()}, Python {platform.python_version()}"
    return f"{_processor()}, {cores} cores, {memory:.0f} GB; {system}, {versions}."


def _processor():
    described = Path("/proc/cpuinfo")
    lines = described.read_text().splitlines() if described.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


FIRST_MAP = """
import xaiteach as xt
xt.grad_cam(xt.load_cnn({framework!r}), xt.load_mnist().x_test[0])
"""


def starts():
    """A table in Markdown: from a fresh process to the first map, beside the framework's own import."""
    head = "| framework | its own import (s) | to the first map (s) | ratio |\n| --- | ---: | ---: | ---: |\n"
    return head + _start("PyTorch", "torch") + _start("Keras", "keras")


def _start(name, framework):
    alone = partial(_in_a_fresh_process, f"import {framework}")
    first_map = partial(_in_a_fresh_process, FIRST_MAP.format(framework=framework))
    (bare, _), (ours, ratio) = interleaved({"import": alone, "map": first_map}, STARTS).values()
    return f"| {name} | {bare:.1f} | {ours:.1f} | {ratio:.2f}× |\n"


def _in_a_fresh_process(code):
    quiet = {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
    subprocess.run([sys.executable, "-c", code], check=True, cwd=HERE.parent, env=os.environ | quiet)


OPENING = """# Side by side

`make bench` wrote this file. Each method is timed in turns with the model passes it needs, in the fastest
form that the framework has, and with the libraries that people use, {rounds} times or more; the numbers are
medians of the ratios to the raw passes. Below 1× means: fewer passes, since identical pictures are sent once
and passes are shared.

Measured on: {machine}
"""
START = """## From a fresh process to the first map

A process that imports the framework and no more, and one that imports xaiteach, loads the course's network
and the digits, and makes one Grad-CAM map, {starts} times in turns; medians.

{table}"""
HEADINGS = {
    ("torch", "digits"): "PyTorch, the course's network, 8 digits of 28×28, batches of 32",
    ("keras", "digits"): "Keras, the course's network, 8 digits of 28×28, batches of 32",
    ("torch", "photo"): "PyTorch, ResNet-50, a photo of 224×224, batches of 8",
    ("keras", "photo"): "Keras, ResNet-50, a photo of 224×224, batches of 8",
    ("torch", "explain"): "PyTorch, xt.explain, the course's classifier of photos, a photo of 149×224",
    ("keras", "explain"): "Keras, xt.explain, the course's classifier of photos, a photo of 149×224",
}


def main():
    parts = [OPENING.format(rounds=ROUNDS, machine=machine())]
    parts.append(START.format(starts=STARTS, table=starts()))
    print(parts[-1], flush=True)
    for case, heading in HEADINGS.items():
        parts.append(f"## {heading}\n\n{table(*case)}")
        print(parts[-1], flush=True)
    new = HERE / "RESULTS.md.new"
    new.write_text("\n".join(parts), "utf-8")
    new.replace(HERE / "RESULTS.md")


if __name__ == "__main__":
    measure(*sys.argv[1:]) if sys.argv[1:] else main()
