"""The service worker holds all that the candidate's page needs, and nothing else."""

import gzip
import re
from pathlib import Path

WEBCLIENT = Path(__file__).parents[2] / "webclient"
_IMPORT = re.compile(r'(?:from|import|new Worker)\s*\(?\s*"([^"]+)"')
_AT_ONCE = re.compile(r'^(?:import|export)\s[^;]*?"([^"]+)";', re.MULTILINE)
_MINIFIED = re.compile(r'from\s*"([^"]+)"')


def import_map() -> dict[str, str]:
    page = (WEBCLIENT / "candidate.html").read_text(encoding="utf-8")
    return dict(re.findall(r'"([\w@/.-]+)":"(/vendor/[^"]+)"', page))


def needed(imports: re.Pattern[str] = _IMPORT) -> set[str]:
    """Every file that the candidate's page reaches by such imports, starting from its HTML."""
    page = (WEBCLIENT / "candidate.html").read_text(encoding="utf-8")
    found = set(re.findall(r'(?:href|src)="(/[^"]+)"', page))
    names = import_map()
    waiting = [path for path in found if path.endswith("js")]
    while waiting:
        path = waiting.pop()
        file = WEBCLIENT / path[1:]
        pattern = _MINIFIED if path.startswith("/vendor/") else imports
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


def test_what_the_page_begins_with_is_small():
    files = needed(_AT_ONCE) | {"/lang/vi.js"}
    assert "/pages/candidate/controller.js" in files
    assert not files & {"/vendor/tus.js", "/pages/candidate/lobby.js", "/pages/candidate/exam.js", "/lang/en.js"}
    sent = sum(len(gzip.compress((WEBCLIENT / path[1:]).read_bytes())) for path in files)
    assert sent < 105_000  # as the server sends them; a second and a half at 600 kbit/s
