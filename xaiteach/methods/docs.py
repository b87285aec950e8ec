"""Arguments that many functions share are told once; `help()` of each shows the full text, in order."""

import re
from inspect import cleandoc

_ENTRY = re.compile(r"^(?=    \w+: )", re.MULTILINE)
_AFTER_ARGS = re.compile(r"^(?=Returns:|Raises:|Warns:|Source:)", re.MULTILINE)


def complete_args(docstring, names, shared):
    """A docstring whose Args tell of every name.

    Args:
        docstring: of a function, in Google's style. What it tells of a name itself stays.
        names: the arguments, in the order in which they are to be told.
        shared: a docstring with Args that many functions take.
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
