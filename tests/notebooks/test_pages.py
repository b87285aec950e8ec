"""Guards on the pages beside the lessons: glossary, troubleshooting, references, teaching."""

import ast
import re
from functools import cache

import pytest
import test_notebooks
from test_notebooks import LESSONS, NOTEBOOKS, ROOT, each_lesson

PAGES = sorted([*(ROOT / "notebooks").glob("*.md"), *ROOT.glob("*.md")])
GLOSSARY = ROOT / "notebooks" / "glossary.md"
TERM = re.compile(r'- <a id="([a-z0-9-]+)"></a>\*\*(.+?)\*\*: (.+) \[(\d\d)\]\((\S+)\)')


def read(path):
    return path.read_text(encoding="utf-8")


def prose(path):
    """The text of a page or a notebook without code."""
    text = read(path) if path.suffix == ".md" else "\n".join(c.source for c in markdown(path))
    return re.sub(r"(`+)[^`\n].*?\1", "", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def markdown(path):
    return [cell for cell in test_notebooks.read(path).cells if cell.cell_type == "markdown"]


def links(path):
    """Pairs of file and anchor, relative to the page; addresses on the web are left out."""
    found = re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)", prose(path))
    return [pair for pair in found if "://" not in pair[0]]


def anchors(path):
    """What a link into a page can point at: marked places, and headings as GitHub names them."""
    headings = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    slugs = [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]
    return {*slugs, *re.findall(r'<a id="([^"]+)">', prose(path))}


@pytest.mark.parametrize("path", [*PAGES, *NOTEBOOKS], ids=lambda p: p.name)
def test_a_page_has_one_title_skips_no_level_and_its_links_lead_to_a_file_and_a_place_in_it(path):
    levels = [len(marks) for marks in re.findall(r"^(#+) ", prose(path), re.MULTILINE)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b <= a + 1 for a, b in zip(levels, levels[1:], strict=False))
    for file, anchor in links(path):
        target = path.parent / file if file else path
        assert target.exists(), file
        assert not anchor or anchor in anchors(target), f"{file}#{anchor}"


def terms():
    return [TERM.fullmatch(line) for line in read(GLOSSARY).splitlines() if line.startswith("-")]


def test_a_term_is_one_line_with_its_lesson_in_alphabetical_order_and_comes_once():
    assert len(terms()) >= 50 and all(terms())
    lessons = {path.name[:2]: path.name for path in LESSONS}
    assert all(lessons[term[4]] == term[5] for term in terms())
    names = [term[2].lower() for term in terms()]
    assert names == sorted(names)
    assert len({term[1] for term in terms()}) == len(names)


@each_lesson
def test_a_lesson_links_to_the_glossary_at_the_first_use_of_a_term(path):
    found = [anchor for file, anchor in links(path) if file == "glossary.md"]
    assert len(found) >= 3
    assert len(found) == len(set(found)), "one link a term is enough"


@cache
def messages():
    """Every text in the code, as its fixed length and a pattern: what is filled in may be anything."""
    packages = [*(ROOT / "xaiteach").rglob("*.py"), *(ROOT / "xaiteach_course").rglob("*.py")]
    files = [*packages, ROOT / "tools" / "course.py"]
    parts = [parts_of(node) for file in files for node in ast.walk(ast.parse(read(file)))]
    return [(len("".join(p)), re.compile(".+?".join(map(re.escape, p)), re.DOTALL)) for p in parts if any(p)]


def is_ours(quote):
    return any(fixed > len(quote) / 3 and pattern.search(quote) for fixed, pattern in messages())


def parts_of(node):
    """The fixed parts of a text in the code, in order."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.split(r"\{[^{}]*\}", node.value.strip())  # a template may be filled in later
    if isinstance(node, ast.JoinedStr):
        text = "".join(part.value if isinstance(part, ast.Constant) else "\0" for part in node.values)
        return re.split("\0+", text.strip("\0 "))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return parts_of(node.left) + parts_of(node.right)
    return []


def test_an_entry_quotes_a_message_of_ours_says_why_and_what_to_do():
    page, quotes = read(ROOT / "notebooks" / "troubleshooting.md"), []
    for entry in re.split(r"^### ", page, flags=re.MULTILINE)[1:]:
        parts = re.search(r"\*\*You see\*\* (.+?)\n\n.*\*\*Cause\*\* .*\*\*Cure\*\* ", entry, re.DOTALL)
        assert parts, entry
        quotes += [quote for _, quote in re.findall(r"(`+)(.+?)\1", parts[1], re.DOTALL)]
    assert len(quotes) > 30
    strange = [quote for quote in quotes if quote != "[*]" and not is_ours(quote)]
    assert not strange, strange


def references():
    page = read(ROOT / "notebooks" / "references.md")
    return [line for line in page.splitlines() if line.startswith("- ")]


def plain(text):
    """Lower-case letters and digits only, so that spelling and line breaks make no difference."""
    return re.sub(r"[\W_]+", " ", text.lower()).strip()


def sources():
    """First author and year of what docstrings of methods and measures name as their source."""
    files = [path for part in ("methods", "metrics") for path in (ROOT / "xaiteach" / part).glob("*.py")]
    code = "\n".join(map(read, files))
    texts = [" ".join(found.split()) for found in re.findall(r"Source:(.+?)\n\s*\"\"\"", code, re.S)]
    names = r"([A-ZÀ-Ž][\w-]+)(?: et al\.|(?:, [A-ZÀ-Ž][\w-]+)* and [A-ZÀ-Ž][\w-]+)?, .*?\b((?:19|20)\d\d)\b"
    return {found for text in texts for found in re.findall(names, text)}


def test_what_methods_and_measures_name_is_listed_with_authors_a_title_a_year_and_a_reason():
    assert len(sources()) >= 20
    for who, year in sources():
        assert any(who in line and year in line for line in references()), (who, year)
    page = read(ROOT / "notebooks" / "references.md").split("## Documentation")[0]
    papers = re.findall(r"^- .+$", page, re.MULTILINE)
    assert all(re.fullmatch(r"- .+: \*.+\*\.? .*\b(19|20)\d\d\b.*\. .+", line) for line in papers)


@each_lesson
def test_what_a_lesson_tells_to_read_on_is_listed(path):
    listed = " ".join(map(plain, references()))
    cell = next(cell for cell in markdown(path) if cell.source.startswith("## Read on"))
    read_on = "\n".join(line for line in cell.source.splitlines() if "ocumentation" not in line)
    titles = re.findall(r"(?<!\*)\*([^*]{12,}?)\*(?!\*)|\[([^\]]{12,})\]\(https", read_on)
    missing = [title for pair in titles for title in pair if plain(title) not in listed]
    assert titles and not missing, missing


def rows(heading):
    """The rows of the first table below a heading of TEACHING.md, its head left out."""
    below = read(ROOT / "TEACHING.md").split(f"{heading}\n", 1)[1]
    table = re.search(r"(?:^\|.*\n)+", below, re.MULTILINE)[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table]


def test_every_lesson_has_its_minutes_which_add_up_and_its_part_for_the_teacher():
    timed = {row[0]: row[1:] for row in rows("## Minutes for each section")}
    for path in LESSONS:
        number = path.name[:2]
        *minutes, total = timed[number]
        assert sum(map(int, minutes)) == int(total), number
        assert re.search(r"(\d+)\W+minutes", markdown(path)[0].source)[1] == total, number
        part = read(ROOT / "TEACHING.md").split(f"### Lesson {number}\n")[1].split("\n### ")[0]
        for word in ("**What goes wrong.**", "**Ask.**", "**Board.**", "```"):
            assert word in part, number


@pytest.mark.parametrize(
    "plan, day, total", [("### A day", 0, 360), ("### A week", 1, 180), ("### A term", 1, 90)]
)
def test_a_plan_fills_its_hours(plan, day, total):
    heading = re.search(rf"^{plan}.*$", read(ROOT / "TEACHING.md"), re.MULTILINE)[0]
    found = {}
    for row in rows(heading):
        found[row[0] if day else ""] = found.get(row[0] if day else "", 0) + int(row[day])
    assert set(found.values()) == {total}, found
