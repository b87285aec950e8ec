"""Write requirements.txt anew from pyproject.toml. Pins that still fit are kept; `--upgrade` lets go of them.

PyTorch's CUDA wheel pins NVIDIA's libraries itself, so their lines are left out: a machine with CPU builds
needs none.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.txt"
FORM = ["--universal", "--python-version=3.11", "--extra=dev", "--no-header", "--no-annotate", "--quiet"]
ONLY_FOR_CUDA = ("nvidia-", "cuda-", "triton==")


def compile_lock(target, options):
    """Solve into `target`; uv takes the lines it finds there as its preferences."""
    command = [sys.executable, "-m", "uv", "pip", "compile", *FORM, *options, "-o", target, "pyproject.toml"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def main(options):
    draft = LOCK.with_suffix(".draft")
    draft.write_bytes(LOCK.read_bytes())
    compile_lock(draft, options)
    kept = [line for line in draft.read_text().splitlines() if not line.startswith(ONLY_FOR_CUDA)]
    draft.write_text("\n".join(kept) + "\n")
    os.replace(draft, LOCK)


if __name__ == "__main__":
    main(sys.argv[1:])
