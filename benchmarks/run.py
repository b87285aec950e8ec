"""Side by side: our methods, the raw model passes, and the peers, in one run: `make bench`.

Each model is measured in a process of its own. The table goes to benchmarks/RESULTS.md, with the machine it is from.
"""

import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import psutil

HERE = Path(__file__).parent
ROUNDS, SECONDS = 3, 5
LIBRARIES = ("numpy", "torch", "keras", "captum", "lime", "shap")


def measure(framework, kind):
    """Rows of (title, who, seconds, ratio to the raw passes), printed as they come."""
    from cases import PAIRS, cases
    from timing import interleaved

    sizes, model = (make(*arguments) for make, arguments in zip(PAIRS[kind], ((), (framework,)), strict=True))
    for title, ways in cases(model, sizes):
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


OPENING = """# Side by side

`make bench` wrote this file. Each method is timed in turns with the model passes it needs, in the fastest form that
the framework has, and with the libraries that people use, {rounds} times or more; the numbers are medians of the
ratios to the raw passes. Below 1× means: fewer passes, since identical pictures are sent once and passes are shared.

Measured on: {machine}
"""
HEADINGS = {
    ("torch", "digits"): "PyTorch, the course's network, 8 digits of 28×28, batches of 32",
    ("keras", "digits"): "Keras, the course's network, 8 digits of 28×28, batches of 32",
    ("torch", "photo"): "PyTorch, ResNet-50, a photo of 224×224, batches of 8",
    ("keras", "photo"): "Keras, ResNet-50, a photo of 224×224, batches of 8",
}


def main():
    parts = [OPENING.format(rounds=ROUNDS, machine=machine())]
    for case, heading in HEADINGS.items():
        parts.append(f"## {heading}\n\n{table(*case)}")
        print(parts[-1], flush=True)
    new = HERE / "RESULTS.md.new"
    new.write_text("\n".join(parts), "utf-8")
    new.replace(HERE / "RESULTS.md")


if __name__ == "__main__":
    measure(*sys.argv[1:]) if sys.argv[1:] else main()
