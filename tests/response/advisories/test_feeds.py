"""The feeds of advisories: read as a feed reader and a CSAF program read them.

They hold what a stranger may read, for everybody, and one entry for each advisory for ever.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.factories import advisories as made
from tests.factories.desk import confirmed
from tests.factories.directory import DeskFactory, TeamFactory, member_of
from tests.principals import sign_in

from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.advisories import atom
from tcert.response.advisories.conformance import shapes
from tcert.response.advisories.domain import release, review, writing
from tcert.response.advisories.models import Release
from tcert.response.advisories.views import feeds

pytestmark = pytest.mark.django_db

ATOM = "/advisories/feed.atom"
ROLIE = "/.well-known/csaf/white/csaf-feed-tlp-white.json"
CATEGORIES = "/.well-known/csaf/white/category-white.json"
SERVICE = "/.well-known/csaf/service.json"
GREEN = "/.well-known/csaf/green/csaf-feed-tlp-green.json"
GREEN_CATEGORIES = "/.well-known/csaf/green/category-green.json"
METADATA = "/.well-known/csaf/provider-metadata.json"
ALL = (ATOM, ROLIE, CATEGORIES, SERVICE)
NS = {"a": atom.NAMESPACE}


def parsed(client: Client, path: str = ATOM) -> Any:
    """Read the feed as a feed reader does, which must find nothing to repair."""
    found = feedparser.parse(client.get(path).content)
    assert not found.bozo, found.get("bozo_exception")
    return found


def entries(client: Client) -> dict[str, Any]:
    """Return the entries of the ROLIE feed by their numbers."""
    return {e["id"]: e for e in json.loads(client.get(ROLIE).content)["feed"]["entry"]}


def revise(out: Release, at: timedelta, tlp: Tlp = Tlp.CLEAR) -> Release:
    """Publish a second release of an advisory, some time after the first."""
    with clock.frozen(clock.now() + at):
        author, other = made.writer(), made.writer()
        text = release.start_revision(
            principal=author, advisory_id=out.advisory_id, text_version=out.advisory.text_version
        )
        text = writing.save_text(
            principal=author,
            advisory_id=text.id,
            text_version=text.text_version,
            content=replace(made.TEXT, title="Open5GS: the AMF stops"),
            tlp=tlp,
            change_summary="Names the fixed version",
        )
        version = text.text_version
        review.submit(principal=author, advisory_id=text.id, text_version=version)
        review.approve(principal=other, advisory_id=text.id, text_version=version)
        release.publish_now(
            principal=other, advisory_id=text.id, text_version=version, typed_number=out.number
        )
        jobs.run_due()
    return Release.objects.get(advisory=text, is_current=True)


def withdraw(out: Release, at: timedelta) -> Release:
    """Take an advisory back, some time from now."""
    with clock.frozen(clock.now() + at):
        release.withdraw(
            principal=made.writer(),
            advisory_id=out.advisory_id,
            text_version=out.advisory.text_version,
            reason="It was another product.",
            typed_number=out.number,
            confirmation=confirmed(release.WITHDRAW, out.advisory_id),
        )
        jobs.run_due()
    return Release.objects.get(advisory_id=out.advisory_id, is_current=True)


def test_a_feed_reader_finds_page_document_hashes_and_signature(
    client: Client, hub_key: None
) -> None:
    out = made.published()
    answer = client.get(ATOM)
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert "Set-Cookie" not in answer
    (entry,) = parsed(client).entries
    page = f"http://localhost:8000/advisories/{out.number}/"
    document = f"http://localhost:8000/.well-known/csaf/white/{out.entry.path}"
    assert entry.id == page
    assert entry.title == f"{out.number}: {out.title}"
    assert entry.author == out.advisory.publisher.name
    assert entry.summary == made.TEXT.summary
    assert [(link.rel, link.type, link.href) for link in entry.links] == [
        ("alternate", "text/html", page),
        ("alternate", "application/json", document),
        ("hash", "text/plain", f"{document}.sha256"),
        ("hash", "text/plain", f"{document}.sha512"),
        ("signature", "application/pgp-signature", f"{document}.asc"),
    ]
    for link in entry.links:
        served = client.get(link.href.removeprefix("http://localhost:8000"))
        assert served.status_code == 200, "every link leads somewhere"
        assert served["Content-Type"].startswith(link.type)


def test_the_feed_keeps_the_rules_of_rfc_4287(client: Client, hub_key: None) -> None:
    first, second = made.published(), made.published()
    revise(first, timedelta(hours=1))
    withdraw(second, timedelta(hours=2))
    root = ET.fromstring(client.get(ATOM).content)  # noqa: S314 - our own feed
    assert root.tag == f"{{{atom.NAMESPACE}}}feed"
    for node in (root, *root.findall("a:entry", NS)):
        for name in ("id", "title", "updated"):
            assert len(node.findall(f"a:{name}", NS)) == 1, name
        assert node.findtext("a:author/a:name", "", NS)
        kinds = [(link.get("rel"), link.get("type")) for link in node.findall("a:link", NS)]
        alternate = [kind for kind in kinds if kind[0] == "alternate"]
        assert len(alternate) == len(set(alternate)) > 0
        for moment in (*node.findall("a:updated", NS), *node.findall("a:published", NS)):
            assert str(moment.text).endswith("Z")
    ids = [node.text for node in root.findall("a:entry/a:id", NS)]
    assert len(ids) == len(set(ids)) == 2
    assert root.findtext("a:updated", "", NS) == max(
        str(node.text) for node in root.findall("a:entry/a:updated", NS)
    )
    assert root.findtext("a:id", "", NS) == "http://localhost:8000/advisories/feed.atom"


def test_a_revision_and_a_withdrawal_change_the_same_entry(client: Client, hub_key: None) -> None:
    first, second = made.published(), made.published()
    was = {e.id: e for e in parsed(client).entries}
    again = revise(first, timedelta(hours=1))
    now = parsed(client).entries
    assert {e.id for e in now} == set(was)
    assert now[0].id.endswith(f"/{first.number}/"), "what changed last stands first"
    assert now[0].published == was[now[0].id].published
    assert now[0].updated > was[now[0].id].updated
    assert now[0].summary.startswith("Release 2: Names the fixed version")
    assert [tag.term for tag in now[0].tags] == [again.severity, "revised"]
    withdraw(second, timedelta(hours=2))
    top = parsed(client).entries[0]
    assert top.id.endswith(f"/{second.number}/")
    assert (top.title, top.summary) == (
        f"{second.number}: Withdrawn: {second.title}",
        "It was another product.",
    )
    assert [tag.term for tag in top.tags] == ["withdrawn"]
    assert entries(client)[second.number]["title"].startswith("Withdrawn: ")


def test_nothing_of_members_is_in_any_feed_for_anybody(client: Client, hub_key: None) -> None:
    made.published()
    member = sign_in(Client(), member_of(TeamFactory()))
    before = {path: client.get(path).content for path in (*ALL, METADATA)}
    with clock.frozen(clock.now() + timedelta(days=1)):
        green = made.published(tlp=Tlp.GREEN, title="A restricted title")
        made.approved(title="A title nobody has published")
    assert member.get(f"/advisories/{green.number}/").status_code == 200
    for path, content in before.items():
        for reader in (client, member):
            assert reader.get(path).content == content, "not even a date tells that it is there"


def test_a_marking_that_was_widened_tells_no_earlier_date(client: Client, hub_key: None) -> None:
    out = made.published(tlp=Tlp.GREEN)
    again = revise(out, timedelta(days=1), Tlp.GREEN)
    assert parsed(client).entries == []
    again.advisory.refresh_from_db()
    revise(again, timedelta(days=2), Tlp.CLEAR)
    (entry,) = parsed(client).entries
    assert entry.published == entry.updated
    assert entries(client)[out.number]["published"] == entry.updated


def test_the_same_bytes_go_to_everybody(client: Client, hub_key: None) -> None:
    made.published()
    member = sign_in(Client(), member_of(TeamFactory()))
    for path in ALL:
        stranger = client.get(path)
        assert stranger.content == member.get(path).content
        assert stranger.content == client.get(path, headers={"Accept-Language": "de"}).content
        assert stranger["Access-Control-Allow-Origin"] == "*"
        assert client.head(path).content == b""
        assert client.post(path).status_code == 405


@pytest.mark.slow
@pytest.mark.parametrize("path", ALL)
def test_nothing_new_costs_a_reader_one_line(client: Client, hub_key: None, path: str) -> None:
    made.published()
    first = client.get(path)
    known = {"If-None-Match": first["ETag"]}
    again = client.get(path, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert again["Access-Control-Allow-Origin"] == "*"
    other = sign_in(Client(), member_of(TeamFactory())).get(path)
    assert other["ETag"] == first["ETag"], "the validator marks nobody"
    assert "Last-Modified" not in first
    lines = made.TEXT.products
    changed = (replace(lines[0], vendor="Kamailio", name="Kamailio"), lines[1])
    made.published(products=changed)
    fresh = client.get(path, headers=known)
    expected = 304 if path == SERVICE else 200
    assert fresh.status_code == expected, "a service document does not change with its feed"


def test_no_page_carries_a_validator(client: Client, hub_key: None) -> None:
    out = made.published()
    for path in ("/advisories/", f"/advisories/{out.number}/", "/.well-known/csaf/white/"):
        assert "ETag" not in client.get(path)
        assert "Last-Modified" not in client.get(path)


def test_a_long_feed_comes_in_pages(
    client: Client, hub_key: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [made.published().number for _ in range(5)]
    monkeypatch.setattr(feeds, "PAGE_SIZE", 2)
    seen, path, walked = [], ATOM, []
    while path:
        found = parsed(client, path)
        assert found.feed.id == "http://localhost:8000/advisories/feed.atom"
        seen += [entry.title.split(":")[0] for entry in found.entries]
        links = {link.rel: link.href for link in found.feed.links}
        walked.append(sorted(links))
        assert links["self"].endswith(path)
        assert links["last"].endswith("?page=3")
        path = links.get("next", "").removeprefix("http://localhost:8000")
    assert sorted(seen) == sorted(numbers)
    assert walked == [
        ["alternate", "first", "last", "next", "self"],
        ["alternate", "first", "last", "next", "previous", "self"],
        ["alternate", "first", "last", "previous", "self"],
    ]
    for wrong in ("4", "0", "-1", "x", "", "9" * 30):
        assert client.get(f"{ATOM}?page={wrong}").status_code == 404, wrong
    assert len(entries(client)) == 5, "CSAF wants all of one level in a single ROLIE feed"


def test_a_hub_without_an_advisory_has_valid_feeds(client: Client) -> None:
    assert client.get(ATOM).status_code == 404, "without a desk nobody publishes"
    DeskFactory()
    assert parsed(client).entries == []
    assert shapes.problems("feed", json.loads(client.get(ROLIE).content)) == []
    assert shapes.problems("categories", json.loads(client.get(CATEGORIES).content)) == []


def test_what_a_person_typed_breaks_no_feed(client: Client, hub_key: None) -> None:
    title = 'AMF <script>alert(1)</script> & "quotes" ]]> \u2028 \U0001f4a5'
    made.published(title=title, summary="a\x0bb <b>bold</b>")
    (entry,) = parsed(client).entries
    root = ET.fromstring(client.get(ATOM).content)  # noqa: S314 - our own feed
    assert root.findtext("a:entry/a:title", "", NS).endswith(title)
    assert root.findtext("a:entry/a:summary", "", NS) == "a\ufffdb <b>bold</b>"
    assert b"<script>" not in client.get(ATOM).content
    assert entry.title_detail.type == "text/plain"
    assert entries(client)[entry.title.split(":")[0]]["title"] == title


def test_the_rolie_files_have_the_form_of_the_standard(client: Client, hub_key: None) -> None:
    first, second = made.published(), made.published()
    metadata = json.loads(client.get(METADATA).content)
    rolie = metadata["distributions"][1]["rolie"]
    base = "http://localhost:8000"
    assert rolie["services"] == [base + SERVICE]
    assert rolie["categories"] == [base + CATEGORIES, base + GREEN_CATEGORIES]
    told = [(feed["tlp_label"], feed["url"]) for feed in rolie["feeds"]]
    assert told == [("WHITE", base + ROLIE), ("GREEN", base + GREEN)]
    for shape, path in (
        ("metadata", METADATA),
        ("feed", ROLIE),
        ("service", SERVICE),
        ("categories", CATEGORIES),
    ):
        answer = client.get(path)
        assert answer["Content-Type"] == "application/json"
        assert shapes.problems(shape, json.loads(answer.content)) == []
    found = entries(client)
    assert set(found) == {first.number, second.number}
    document = f"{base}/.well-known/csaf/white/{first.entry.path}"
    said = json.loads(bytes(first.document))["document"]["tracking"]
    entry = found[first.number]
    assert entry["content"] == {"type": "application/json", "src": document}
    assert entry["link"] == [
        {"rel": "self", "href": document},
        {"rel": "hash", "href": f"{document}.sha256"},
        {"rel": "hash", "href": f"{document}.sha512"},
        {"rel": "signature", "href": f"{document}.asc"},
    ]
    assert entry["updated"] == said["current_release_date"]
    assert entry["published"] == said["initial_release_date"]
    workspaces = json.loads(client.get(SERVICE).content)["service"]["workspace"]
    listed = [[c["href"] for c in workspace["collection"]] for workspace in workspaces]
    assert listed == [[base + ROLIE], [base + GREEN]]
    terms = json.loads(client.get(CATEGORIES).content)["categories"]["category"]
    assert terms == [{"term": "Open5GS"}]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "path", "break_it", "told"),
    [
        ("feed", ROLIE, lambda d: d["feed"].pop("updated"), "'updated' is a required"),
        ("feed", ROLIE, lambda d: d["feed"].update(id="urn:x y"), "/feed/id"),
        ("feed", ROLIE, lambda d: d["feed"]["category"].clear(), "/feed/category"),
        ("feed", ROLIE, lambda d: d["feed"]["link"].reverse(), "/feed/link/0/rel"),
        ("feed", ROLIE, lambda d: d["feed"]["entry"][0].pop("format"), "/feed/entry/0"),
        ("feed", ROLIE, lambda d: d["feed"]["entry"][0].update(updated="now"), "/updated"),
        ("service", SERVICE, lambda d: d["service"]["workspace"].clear(), "/workspace"),
        ("categories", CATEGORIES, lambda d: d.pop("categories"), "'categories'"),
        ("metadata", METADATA, lambda d: d.update(role="csaf_lister"), "/role"),
        ("metadata", METADATA, lambda d: d.update(metadata_version="2.1"), "/metadata_version"),
        ("metadata", METADATA, lambda d: d["publisher"].pop("namespace"), "/publisher"),
        ("metadata", METADATA, lambda d: d["distributions"].append({}), "/distributions/2"),
    ],
)
def test_a_form_that_is_not_kept_is_found(
    client: Client,
    hub_key: None,
    shape: str,
    path: str,
    break_it: Callable[[Any], object],
    told: str,
) -> None:
    made.published()
    document = json.loads(client.get(path).content)
    break_it(document)
    assert any(told in problem for problem in shapes.problems(shape, document))


def test_the_list_leads_feed_readers_to_the_feed(client: Client) -> None:
    html = client.get("/advisories/").content.decode()
    head = html.partition("</head>")[0]
    assert (
        '<link rel="alternate" type="application/atom+xml" title="Advisories" '
        'href="/advisories/feed.atom">' in head
    )


@pytest.mark.slow
def test_a_feed_costs_the_same_for_one_and_for_thirty(client: Client, hub_key: None) -> None:
    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(path).status_code == 200
        return len(caught)

    made.published()
    one = {path: cost(path) for path in (*ALL, METADATA)}
    for _ in range(29):
        made.published()
    assert len(entries(client)) == 30
    assert {path: cost(path) for path in one} == one
    assert max(one.values()) <= 6
