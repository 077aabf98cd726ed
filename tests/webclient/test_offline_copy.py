"""The service worker holds all that the candidate's page needs, and nothing else."""

import gzip
import re
from pathlib import Path

WEBCLIENT = Path(__file__).parents[2] / "webclient"
_IMPORT = re.compile(r'(?:from|import|new Worker)\s*\(?\s*"([^"]+)"')
_MINIFIED = re.compile(r'from\s*"([^"]+)"')


def import_map() -> dict[str, str]:
    page = (WEBCLIENT / "candidate.html").read_text(encoding="utf-8")
    return dict(re.findall(r'"([\w@/.-]+)":"(/vendor/[^"]+)"', page))


def needed() -> set[str]:
    """Every file that the candidate's page reaches by imports, starting from its HTML."""
    page = (WEBCLIENT / "candidate.html").read_text(encoding="utf-8")
    found = set(re.findall(r'(?:href|src)="(/[^"]+)"', page))
    names = import_map()
    waiting = [path for path in found if path.endswith("js")]
    while waiting:
        path = waiting.pop()
        file = WEBCLIENT / path[1:]
        pattern = _MINIFIED if path.startswith("/vendor/") else _IMPORT
        for name in pattern.findall(file.read_text(encoding="utf-8")):
            if name.startswith("."):
                target = "/" + str((file.parent / name).resolve().relative_to(WEBCLIENT))
            else:
                target = names.get(name, name)
            if target.startswith("/") and target not in found:
                found.add(target)
                waiting.append(target)
    return found


def listed() -> set[str]:
    source = (WEBCLIENT / "sw.js").read_text(encoding="utf-8")
    files = re.search(r"const FILES = \[(.*?)\];", source, re.DOTALL)
    assert files
    return set(re.findall(r'"(/[^"]+)"', files[1]))


def test_every_module_that_the_page_imports_is_kept():
    assert sorted(needed() - listed()) == []


def test_nothing_is_kept_that_the_page_does_not_need():
    assert listed() - needed() == {"/vendor/pdfjs/pdf.worker.min.mjs"}


def test_every_kept_file_exists():
    assert [path for path in listed() if not (WEBCLIENT / path[1:]).is_file()] == []


def test_the_page_without_pdf_and_uploads_stays_small():
    lazy = ("/vendor/pdfjs/", "/vendor/tus.js", "/lang/en.js")
    files = [path for path in needed() if not path.startswith(lazy)]
    sent = sum(len(gzip.compress((WEBCLIENT / path[1:]).read_bytes())) for path in files)
    assert sent < 115_000  # as the server sends them; a second and a half at 600 kbit/s
