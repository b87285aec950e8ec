"""Arguments that many functions share are told once; `help()` of each shows the full text, in order."""

import re
from inspect import cleandoc

_ENTRY = re.compile(r"^(?=    \w+: )", re.MULTILINE)
_AFTER_ARGS = re.compile(r"^(?=Returns:|Raises:|Warns:|Source:)", re.MULTILINE)


def complete_args(docstring, names, shared):
    """A docstring in Google's style whose Args tell of all `names`, in this order.

    What it does not tell of a name itself comes from `shared`, the Args that many functions take.
    """
    text, *rest = _AFTER_ARGS.split(cleandoc(docstring), maxsplit=1)
    text, _, own = text.partition("Args:\n")
    entries = _entries(shared) | _entries(own)
    args = [entries[name] for name in names if name in entries]
    sections = [text.rstrip(), "\n".join(["Args:", *args]), *rest]
    return "\n\n".join(sections)


def _entries(args):
    """From each name to its lines, four spaces in."""
    entries = {}
    for lines in _ENTRY.split(args)[1:]:
        name = lines.partition(":")[0].strip()
        entries[name] = lines.rstrip()
    return entries
