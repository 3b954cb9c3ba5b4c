"""The house stands: no room reaches for one above it, in templates and strings either.

Imports are held by the contracts in pyproject.toml; this holds what they cannot see.
"""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "tcert"

FLOORS = {
    "kernel": 0,
    "ui": 1,
    "openpgp": 1,
    "identifiers": 1,
    "sealed": 2,
    "language": 2,
    "transparency": 3,
    "accounts": 10,
    "directory": 11,
    "notices": 12,
    "keyring": 12.5,
    "inventory": 13,
    "reachability": 13,
    "desk": 14,
    "bundle": 13,
    "claims": 15,
    "imports": 15,
    "responsibility": 15,
    "talks": 13,
    "membership": 16,
    "conduct": 17,
    "duties": 17,
    "market": 17,
    "joining": 17,
    "maturity": 17,
    "participation": 18,
    "groups": 19,
    "captures": 19.1,
    "snapshot": 19.1,
    "formats": 19.1,
    "reference": 19.5,
    "explain": 19.5,
    "routing": 20,
    "bulk": 21,
    "playbooks": 21,
    "cases": 21,
    "incidents": 22,
    "requests": 22,
    "intake": 22,
    "advisories": 22,
    "parties": 22,
    "notifications": 22,
    "followups": 23,
    "retention": 23,
    "feedkeys": 23,
    "site": 90,
}
"""Each room's floor; a room may name its own and lower floors (design/architecture.md)."""

NAMED = re.compile(
    r"""(?:url|extends|include|load|static|scripts|reverse|redirect|resolve_url|reverse_lazy"""
    r"""|ForeignKey|OneToOneField|ManyToManyField|get_model)"""
    r"""[\s(]+(?:[A-Za-z_]+\s*=\s*)?["']?([a-z_]+)(?=[:/.][\w\-/.]*["']|\s*%})"""
)


def room_of(path: Path) -> str:
    parts = path.relative_to(SOURCE).parts
    return parts[0] if parts[0] in {"site", "cli.py"} else parts[1]


def upward_references(text: str, room: str) -> list[str]:
    floor = FLOORS[room]
    found = {m for m in NAMED.findall(text) if m in FLOORS and m != room}
    return sorted(m for m in found if FLOORS[m] >= floor)


FILES = sorted(
    p
    for pattern in ("*.py", "*.html", "*.txt")
    for p in SOURCE.rglob(pattern)
    if len(p.relative_to(SOURCE).parts) > 2 and "migrations" not in p.parts
)


def test_every_room_has_a_floor():
    assert {room_of(p) for p in FILES} <= set(FLOORS)


def test_no_room_names_one_that_stands_above_or_beside_it():
    wrong = {}
    for path in FILES:
        references = upward_references(path.read_text(), room_of(path))
        if references:
            wrong[str(path.relative_to(ROOT))] = references
    assert wrong == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{% url 'cases:case' case.id %}", ["cases"]),
        ('{% include "advisories/row.html" %}', ["advisories"]),
        ("{% load ui %}", []),
        ('reverse("intake:report")', ["intake"]),
        ('models.ForeignKey("cases.Case", on_delete=x)', ["cases"]),
        ('{% static "site/x.js" %}', ["site"]),
        ("a case is in cases: see the guide", []),
    ],
)
def test_an_upward_reference_is_found(text, found):
    assert upward_references(text, "directory") == found


FORBIDDEN = {
    "a text marked safe": re.compile(r"\|\s*safe\b|mark_safe\("),
    "a door without the forgery check": re.compile("csrf_" + "exempt"),
    "a note for later": re.compile(r"\b(?:TO" + "DO|FIX" + r"ME|X" + r"XX)\b"),
    "an inline style or handler": re.compile(r"<[a-z][^>]*\s(?:style|on[a-z]+)=\"", re.IGNORECASE),
}


@pytest.mark.parametrize("rule", FORBIDDEN)
def test_the_tree_holds_no(rule):
    tracked = subprocess.run(
        ["git", "ls-files", "src"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    pages = [
        ROOT / name
        for name in tracked
        if name.endswith((".html",) if "inline" in rule else (".py", ".html", ".js"))
    ]
    assert pages
    assert [str(p) for p in pages if p.exists() and FORBIDDEN[rule].search(p.read_text())] == []


WAYS_OUT = {
    "aiohttp",
    "asyncio",
    "dns",
    "ftplib",
    "http.client",
    "httpx",
    "imaplib",
    "poplib",
    "requests",
    "smtplib",
    "socket",
    "ssl",
    "telnetlib",
    "urllib.request",
    "urllib3",
    "xmlrpc",
}
ALLOWED_OUT = {
    "foundation/kernel/fetcher.py": {"http.client", "socket", "ssl"},
    "foundation/kernel/nameservice.py": {"dns"},  # text records, under its own bounds
    "foundation/kernel/mail.py": {"smtplib"},  # to the relay that the operator has set
    "foundation/kernel/mailbox.py": {"imaplib", "ssl"},  # the mailbox that the operator has set
    "site/gate.py": {"asyncio"},  # hands requests from the web server to threads
    "site/serving.py": {"socket"},  # asks its own server whether it is ready
}


def ways_out(text: str) -> set[str]:
    """The modules that reach another machine, in whichever way a file imports them."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    parents = {name.rpartition(".")[0] for name in names} | {n.partition(".")[0] for n in names}
    return (names | parents) & WAYS_OUT


@pytest.mark.slow
def test_only_the_fetcher_opens_what_somebody_supplied():
    """Server-side request forgery starts where a second module opens a URL."""
    found = {
        str(path.relative_to(SOURCE)): ways_out(path.read_text()) for path in SOURCE.rglob("*.py")
    }
    assert {name: ways for name, ways in found.items() if ways} == ALLOWED_OUT


def test_the_hubs_own_code_never_puts_another_fetcher_in_its_place():
    """The policy is injected by tests alone (decided.md 15)."""
    opened = re.compile(r"\breplaced\(|\bFetcher\(|\bPolicy\(")
    allowed = {"foundation/kernel/addresses.py", "foundation/kernel/fetcher.py"}
    found = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if opened.search(path.read_text())
    }
    assert found == allowed
    reads = (SOURCE / "foundation/kernel/fetcher.py").read_text()
    assert re.findall(r"settings\.(\w+)", reads) == ["PRODUCTION"]
    assert not re.search(r"\benviron\b|\bgetenv\b", reads)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import socket", {"socket"}),
        ("from urllib import request", {"urllib.request"}),
        ("from urllib.request import urlopen", {"urllib.request"}),
        ("def f():\n    import http.client as h", {"http.client"}),
        ("from urllib.parse import urlsplit", set()),
        ("import httpx", {"httpx"}),
    ],
)
def test_a_way_out_is_found(text, found):
    assert ways_out(text) == found


UNSAFE_READERS = {"dill", "jsonpickle", "marshal", "pickle", "shelve", "xmlrpc", "yaml"}
XML_READING = re.compile(
    r"\b(?:fromstring|fromstringlist|iterparse|XMLParser|XMLPullParser|minidom|sax)\b"
)


READS_XML = {"src/tcert/community/claims/ir21.py"}
"""Where XML comes in at all: through the library that refuses entities and document types."""


@pytest.mark.slow
def test_xml_is_read_in_one_place_and_no_objects_are_read_from_outside():
    """XML is hostile until proven otherwise; what becomes an object by being read is JSON alone."""
    found = []
    for path in (path for path in FILES if path.suffix == ".py"):
        text = path.read_text()
        names = {
            name.partition(".")[0]
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in [getattr(node, "module", None) or "", *(a.name for a in node.names)]
        }
        if names & UNSAFE_READERS or XML_READING.search(text):
            found.append(str(path.relative_to(ROOT)))
    assert set(found) == READS_XML
    for name in READS_XML:
        text = (ROOT / name).read_text()
        assert "from defusedxml.ElementTree import iterparse" in text
        assert "forbid_dtd=True" in text


NOT_FOR_SECRETS = {
    "community/notices/jobs.py",  # at which minute a digest goes out
    "foundation/kernel/jobs.py",  # how long to wait before another try
    "foundation/kernel/worker.py",  # when to look for work again
}


@pytest.mark.slow
def test_no_secret_comes_from_a_source_that_can_be_guessed():
    found = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if "random" in imported(path.read_text())
    }
    assert found == NOT_FOR_SECRETS
    scripts = [p for p in SOURCE.rglob("*.js") if "vendor" not in p.parts]
    assert scripts
    assert [str(p) for p in scripts if re.search(r"\bMath\s*\.\s*random\b", p.read_text())] == []


def imported(text: str) -> set[str]:
    """The first part of every name that a file imports."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}


def library_calls(text: str) -> list[ast.Call]:
    """Calls of the OpenPGP library by its own name."""
    return [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("pysequoia.")
    ]


@pytest.mark.slow
def test_the_openpgp_library_is_pinned_and_told_by_name_what_is_what():
    """Its releases change the order of arguments: a message would be sealed as a key."""
    calls = {
        f"{path.name}:{call.lineno}": call
        for path in SOURCE.rglob("*.py")
        for call in library_calls(path.read_text())
    }
    assert len(calls) > 10
    assert [place for place, call in calls.items() if call.args] == []
    wanted = (ROOT / "requirements" / "run.in").read_text()
    assert re.search(r"^pysequoia==[\d.]+$", wanted, re.MULTILINE)


def test_the_library_itself_opens_no_file_but_a_backup_that_streams_through_pipes():
    """On a damaged file its `decrypt_file` leaves the plaintext on disk."""
    found = {p.name for p in SOURCE.rglob("*.py") if "decrypt_file" in p.read_text()}
    assert found == {"streaming_child.py"}
