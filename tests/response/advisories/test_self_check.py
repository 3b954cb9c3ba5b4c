"""The self-check of a CSAF provider: what is whole is met, and each thing broken once is found."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.factories import advisories as made
from tests.factories.directory import DeskFactory, TeamFactory, coordinator_of_desk, member_of
from tests.factories.keys import KEYS
from tests.principals import sign_in
from tests.response.advisories.test_commands import run

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.openpgp import hubkey
from tcert.response.advisories.conformance import served
from tcert.response.advisories.conformance.hub import Answer, Hub
from tcert.response.advisories.conformance.looking import State
from tcert.response.advisories.conformance.requirements import check, supported_role
from tcert.response.advisories.models import Release
from tcert.response.advisories.views import selfcheck

pytestmark = pytest.mark.django_db

PAGE = "/advisories/texts/self-check/"
OPEN, GREEN = "/.well-known/csaf/white/", "/.well-known/csaf/green/"
DOCUMENT = r"/\d{4}/[^/]+\.json$"
Break = Callable[[Answer], Answer]


@pytest.fixture
def whole(settings: Any, hub_key: None) -> Iterator[tuple[Release, Release]]:
    """A hub behind TLS with two open advisories, an hour apart, and one for members."""
    settings.BASE_URL = "https://localhost"
    first = made.published()
    with clock.frozen(clock.now() + timedelta(hours=1)):
        second = made.published()
        made.published(tlp=Tlp.GREEN)
        yield first, second


def states(hub: Any = None) -> dict[int, State]:
    """Return the state of each requirement."""
    return {r.requirement.number: r.state for r in check(hub or served.this_hub())}


def failed(results: dict[int, State]) -> set[int]:
    """Return the numbers of those that are not met."""
    return {number for number, state in results.items() if state is State.NOT_MET}


def test_a_whole_hub_meets_all_that_can_be_checked(whole: object) -> None:
    found = states()
    assert sorted(found) == list(range(1, 21))
    assert found.pop(10) is State.NOT_CHECKABLE
    assert set(found.values()) == {State.MET}
    assert served.check_hub().role == "csaf_trusted_provider"


def test_an_empty_hub_has_nothing_to_fail_but_its_key(settings: Any, tmp_path: Path) -> None:
    settings.BASE_URL, settings.HUB_KEY_FILE = "https://localhost", tmp_path / "hub-key"
    DeskFactory()
    found = states()
    assert failed(found) == {20}, "there is no key yet"
    assert {n for n, state in found.items() if state is State.NOT_APPLICABLE} == {
        1, 2, 4, 11, 18, 19,
    }  # fmt: skip


def test_without_tls_three_requirements_say_so(whole: object, settings: Any) -> None:
    settings.BASE_URL = "http://localhost"
    assert failed(states()) == {3, 8, 9}
    assert served.check_hub().role == ""


def body(change: Callable[[str], str]) -> Break:
    """Change the text of an answer, which must make a difference."""

    def broken(answer: Answer) -> Answer:
        text = change(answer.text)
        assert text != answer.text, "nothing was broken"
        return replace(answer, body=text.encode())

    return broken


def said(change: Callable[[Any], object]) -> Break:
    """Change what a JSON file says."""

    def changed(text: str) -> str:
        document = json.loads(text)
        change(document)
        return json.dumps(document)

    return body(changed)


def status(number: int, location: str = "") -> Break:
    """Answer with another status, and nothing else."""
    return lambda _answer: Answer(number, location=location)


def lines(change: Callable[[list[str]], list[str]]) -> Break:
    """Change the lines of a text."""
    return body(lambda text: "".join(f"{line}\n" for line in change(text.splitlines())))


def swapped(rows: list[str]) -> list[str]:
    return rows[::-1]


def without_first(rows: list[str]) -> list[str]:
    return rows[1:]


def unquoted(text: str) -> str:
    return text.replace('"', "")


def with_label(label: str) -> Break:
    return said(lambda d: d["document"]["distribution"]["tlp"].update(label=label))


def tracking(**values: str) -> Break:
    return said(lambda d: d["document"]["tracking"].update(values))


def other_key(_answer: Answer) -> Answer:
    """Serve a key that nobody named."""
    return Answer(200, "application/pgp-keys", KEYS["ada"]["certificate"].encode())


def entry(change: Callable[[dict], object]) -> Break:
    return said(lambda d: change(d["feed"]["entry"][0]))


def no_link(rel: str) -> Break:
    def change(found: dict) -> None:
        found["link"] = [link for link in found["link"] if link["rel"] != rel]

    return entry(change)


METADATA = r"provider-metadata\.json$"
SECURITY = r"security\.txt$"
FEED, SERVICE, CATEGORY = r"csaf-feed-tlp-white\.json$", r"service\.json$", r"category-white\.json$"
BROKEN: list[tuple[set[int], str, Break]] = [
    ({1, 18, 19}, DOCUMENT, said(lambda d: d["document"].pop("title"))),
    ({1, 18, 19}, DOCUMENT, said(lambda d: d["vulnerabilities"][0]["cwe"].update(name="Made up"))),
    ({1, 2, 4, 11, 13, 15, 18, 19}, DOCUMENT, status(404)),
    ({1, 2, 11, 13, 15, 18, 19}, DOCUMENT, body(lambda _text: "{")),
    ({2, 15, 18, 19}, DOCUMENT, tracking(id="TCERT-SA-2026-9999")),
    ({1, 2, 4, 6, 11, 13, 15, 18, 19}, DOCUMENT, status(302, "/account/sign-in/")),
    ({5, 18, 19}, DOCUMENT, with_label("AMBER")),
    ({5, 18, 19}, DOCUMENT, with_label("GREEN")),
    ({5}, r"csaf/amber/$", status(200)),
    ({5}, r"csaf/red/index\.txt$", status(200)),
    ({5}, r"^/advisories/TCERT-SA-\d+-\d+/", status(200)),
    ({5}, rf"^{GREEN}csaf-feed-tlp-green", status(200)),
    ({5}, rf"^{GREEN}csaf-feed-tlp-green", status(404)),
    ({5}, rf"^{GREEN}category-green", lambda answer: replace(answer, challenge="")),
    ({5}, rf"^{GREEN}\d+/.*json$", status(200)),
    ({5}, rf"^{GREEN}\d+/.*asc$", status(200)),
    ({5, 6}, rf"^{GREEN}\d+/.*sha512$", status(302, "/account/sign-in/")),
    ({5, 18, 19}, rf"^member {GREEN}\d+/.*json$", with_label("AMBER")),
    ({15}, rf"^member {GREEN}csaf-feed", status(404)),
    ({15}, rf"^member {GREEN}csaf-feed", said(lambda d: d["feed"].pop("updated"))),
    ({15, 17}, rf"^member {GREEN}csaf-feed", said(lambda d: d["feed"]["entry"].clear())),
    ({17}, rf"^member {GREEN}category", said(lambda d: d["categories"]["category"].clear())),
    ({18}, rf"^member {GREEN}.*sha256$", status(404)),
    ({19}, rf"^member {GREEN}.*asc$", status(404)),
    ({6}, r"csaf/red/$", status(301, "https://elsewhere.example/")),
    ({7}, METADATA, said(lambda d: d.pop("role"))),
    ({7}, METADATA, said(lambda d: d.update(canonical_url="https://x/provider-metadata.json"))),
    ({7, 9, 15, 19, 20}, METADATA, status(404)),
    ({7, 9, 15, 19, 20}, METADATA, lambda answer: replace(answer, content_type="text/html")),
    ({3}, METADATA, said(lambda d: d["distributions"][0].update(directory_url="http://x/"))),
    ({8}, SECURITY, lines(lambda rows: [row for row in rows if not row.startswith("CSAF")])),
    ({8}, SECURITY, body(lambda text: text.replace("CSAF: https://", "CSAF: http://"))),
    (
        {8},
        SECURITY,
        body(lambda text: re.sub("Expires: .*", "Expires: 2020-01-01T00:00:00Z", text)),
    ),
    ({8}, SECURITY, status(404)),
    ({11, 18, 19}, DOCUMENT, tracking(initial_release_date="2019-01-01T00:00:00Z")),
    ({12}, r"white/index\.txt$", lines(without_first)),
    ({12}, r"white/index\.txt$", lines(lambda rows: [*rows, "2020/none.json"])),
    ({12}, r"white/index\.txt$", lines(lambda rows: [*rows, rows[0]])),
    ({13}, r"changes\.csv$", lines(without_first)),
    ({13}, r"changes\.csv$", lines(swapped)),
    ({13}, r"changes\.csv$", body(unquoted)),
    ({13}, r"changes\.csv$", body(lambda text: text.replace('Z"', '.5Z"'))),
    ({13}, r"changes\.csv$", body(lambda text: f'"file","time","x"\n{text}')),
    ({14}, r"white/$", body(lambda text: text.replace("index.txt", "index.html"))),
    ({14}, r"white/\d{4}/$", body(lambda text: text.replace(".asc", ".sig"))),
    ({14}, r"white/\d{4}/$", status(403)),
    ({15}, FEED, said(lambda d: d["feed"].pop("updated"))),
    ({15}, FEED, said(lambda d: d["feed"]["entry"].pop())),
    ({15}, FEED, no_link("hash")),
    ({15}, FEED, no_link("signature")),
    ({15}, FEED, entry(lambda e: e.update(updated="2020-01-01T00:00:00Z"))),
    ({15}, FEED, entry(lambda e: e.update(id="TCERT-SA-2026-9999"))),
    ({15}, METADATA, said(lambda d: d["distributions"].pop())),
    ({16}, SERVICE, said(lambda d: d["service"]["workspace"][0].update(collection=[]))),
    ({16}, SERVICE, body(lambda text: text.replace("tlp-white", "tlp-green"))),
    ({16}, SERVICE, status(404)),
    ({17}, CATEGORY, said(lambda d: d["categories"]["category"].append({"term": "Nobody"}))),
    ({17}, CATEGORY, said(lambda d: d["categories"]["category"].clear())),
    ({17}, CATEGORY, said(lambda d: d.update(categories=[]))),
    (
        {18},
        r"white/.*\.sha256$",
        body(lambda text: "0" + text[1:] if text[0] != "0" else "1" + text[1:]),
    ),
    ({18}, r"white/.*\.sha512$", status(404)),
    ({19}, r"white/.*\.json\.asc$", lines(lambda rows: rows[:3] + rows[4:])),
    ({19}, r"white/.*\.json\.asc$", status(404)),
    ({19, 20}, r"openpgp/[0-9A-F]+\.asc$", status(404)),
    ({19, 20}, r"openpgp/[0-9A-F]+\.asc$", other_key),
    ({20}, METADATA, said(lambda d: d["public_openpgp_keys"][0].update(fingerprint="0" * 40))),
    ({19, 20}, METADATA, said(lambda d: d["public_openpgp_keys"].clear())),
    ({3, 19, 20}, METADATA, said(lambda d: d["public_openpgp_keys"][0].update(url="http://x/k"))),
]


@pytest.fixture
def recorded(request: pytest.FixtureRequest) -> Hub:
    """What a whole hub really answered, asked once for all that follows."""
    if not RECORDED:
        request.getfixturevalue("whole")
        hub = served.this_hub()
        assert failed({r.requirement.number: r.state for r in check(hub)}) == set()
        RECORDED.append(hub)
    strangers, members = RECORDED[0].seen, RECORDED[0].members.seen
    answers = strangers | {f"member {path}": answer for path, answer in members.items()}
    return asking(RECORDED[0], lambda asked: answers.get(asked, Answer(404)))


def asking(hub: Hub, fetch: Callable[[str], Answer]) -> Hub:
    """Let a hub ask elsewhere; what is asked as a member is named so."""
    members = replace(hub.members, fetch=lambda path: fetch(f"member {path}"), seen={})
    return replace(hub, open=replace(hub.open, fetch=fetch, seen={}), members=members)


RECORDED: list[Hub] = []


@pytest.mark.parametrize(("expected", "path", "break_it"), BROKEN)
def test_what_is_broken_once_is_found(
    recorded: Hub, expected: set[int], path: str, break_it: Break
) -> None:
    broken: list[str] = []

    def ask(asked: str) -> Answer:
        member = asked.startswith("member ")
        folder = recorded.members if member else recorded.open
        return folder.fetch(asked.removeprefix("member "))

    def fetch(asked: str) -> Answer:
        if broken or not re.search(path, asked):
            return ask(asked)
        broken.append(asked)
        return break_it(ask(asked))

    results = check(asking(recorded, fetch))
    assert broken
    assert {r.requirement.number for r in results if r.state is State.NOT_MET} == expected
    for result in results:
        assert all(result.outcome.seen), "each says what was seen"
        assert str(result.requirement.how)
        assert str(result.requirement.cure)


def test_each_requirement_that_can_fail_is_broken_at_least_once() -> None:
    assert set().union(*(numbers for numbers, _path, _break in BROKEN)) == set(range(1, 21)) - {10}


def test_bytes_changed_in_the_database_are_found(whole: tuple[Release, Release]) -> None:
    Release.objects.filter(pk=whole[0].pk).update(
        document=bytes(whole[0].document).replace(b"AMF", b"SMF", 1)
    )
    assert failed(states()) == {18, 19}
    assert served.check_hub().role == "csaf_provider"


def test_an_expired_key_is_found(whole: object) -> None:
    with clock.frozen(clock.now() + hubkey.LIFETIME + timedelta(days=1)):
        assert 20 in failed(states())


@pytest.mark.parametrize(
    ("wrong", "role"),
    [
        (set(), "csaf_trusted_provider"),
        ({20}, "csaf_provider"),
        ({8, 9}, "csaf_publisher"),
        ({8}, "csaf_trusted_provider"),
        ({12}, "csaf_trusted_provider"),
        ({15}, "csaf_trusted_provider"),
        ({12, 15}, "csaf_publisher"),
        ({6}, "csaf_publisher"),
        ({3}, ""),
    ],
)
def test_the_role_follows_from_section_7_2(recorded: Hub, wrong: set[int], role: str) -> None:
    results = check(recorded)
    lacking = [
        replace(r, outcome=replace(r.outcome, state=State.NOT_MET))
        if r.requirement.number in wrong
        else r
        for r in results
    ]
    assert supported_role(lacking) == role


def test_nothing_outside_the_hub_is_asked(whole: object) -> None:
    hub = served.this_hub()
    assert hub.at("https://localhost.elsewhere.example/x") is None
    assert hub.at("https://elsewhere.example/x") is None
    assert not hub.seen


@pytest.mark.slow
def test_no_log_names_what_members_read(whole: object, caplog: pytest.LogCaptureFixture) -> None:
    served.check_hub()
    assert not [r for r in caplog.records if "TCERT-SA" in r.getMessage()]


@pytest.mark.slow
def test_the_command_prints_each_requirement(
    whole: object, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("check", "csaf", "--hub") == 0
    printed = capsys.readouterr().out
    for number in range(1, 21):
        assert re.search(rf"^ ?{number}  ", printed, re.MULTILINE)
    assert "NOT MET" not in printed
    assert "csaf_trusted_provider" in printed
    settings.BASE_URL = "http://localhost"
    assert run("check", "csaf", "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["documents"], told["opened"], told["role"]) == (3, 3, "")
    found = {r["number"]: r for r in told["requirements"]}
    assert found[3]["state"] == "not met"
    assert found[3]["cure"]
    assert found[1] | {"how": "", "title": ""} == {
        "number": 1,
        "title": "",
        "how": "",
        "state": "met",
        "seen": ["Documents that pass schema and mandatory tests: 3."],
        "cure": "",
    }


def test_the_command_takes_no_address(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        run("check", "csaf", "--url", "https://elsewhere.example/provider-metadata.json")
    assert refused.value.code == 2


def test_csaf_is_checked_on_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", "csaf", "tls") == 2
    assert "csaf is checked on its own" in capsys.readouterr().out
    assert run("check", "strange") == 2
    assert "csaf" in capsys.readouterr().out


def test_coordinators_see_each_requirement_by_word(whole: object) -> None:
    desk = sign_in(Client(), coordinator_of_desk(), coordinator=True)
    html = desk.get(PAGE).content.decode()
    for number in range(1, 21):
        assert f'id="requirement-{number}"' in html
    assert html.count(">met</span>") == 19
    assert ">not checkable here</span>" in html
    assert PAGE in desk.get("/advisories/texts/").content.decode()
    member = sign_in(Client(), member_of(TeamFactory()))
    assert member.get(PAGE).status_code == 403
    assert Client().get(PAGE).status_code == 302


@pytest.mark.slow
def test_the_page_opens_no_more_than_the_newest(
    whole: tuple[Release, Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = sign_in(Client(), coordinator_of_desk(), coordinator=True)
    monkeypatch.setattr(selfcheck, "MOST_OPENED", 1)

    def cost() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert desk.get(PAGE).status_code == 200
        return len(caught)

    two = cost()
    for _ in range(28):
        made.published()
    assert cost() == two
    assert "2 of 31" in desk.get(PAGE).content.decode()
