"""The pages: public ones, the editor, review and publication; hostile input; query counts."""

from typing import Any

import pytest
from django.test import Client
from tests.factories import advisories as made
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.principals import principal_of, sign_in

from tcert.foundation.kernel import jobs
from tcert.foundation.kernel.principal import ANONYMOUS, SYSTEM
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.advisories.enums import AdvisoryState
from tcert.response.advisories.models import Advisory, Release
from tcert.response.advisories.navigation import find

pytestmark = pytest.mark.django_db

STEPS = ["basics", "products", "vulnerabilities", "statuses", "remedies", "references"]


@pytest.fixture
def desk() -> Client:
    """A coordinator in a staff session."""
    return sign_in(Client(), coordinator_of_desk(), coordinator=True)


def management(prefix: str, total: int, initial: int = 0) -> dict[str, str]:
    """Return the hidden fields of a formset."""
    return {f"{prefix}-TOTAL_FORMS": str(total), f"{prefix}-INITIAL_FORMS": str(initial)}


def test_the_page_says_what_matters(client: Client, hub_key: None) -> None:
    out = made.published()
    page = client.get(f"/advisories/{out.number.lower()}/")
    html = page.content.decode()
    for words in (
        "Open5GS: denial of service in the AMF",
        "Open5GS before 2.7.3",
        "Update to 2.7.3.",
        "CVE-2026-12345",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
        "CVSS:4.0/",
        "Ada Example",
        out.sha256,
        "gpg --verify",
        f"{out.file_name}.asc",
    ):
        assert words in html, words


def test_the_list_is_filtered(client: Client, hub_key: None) -> None:
    out = made.published()
    year = out.released_at.year
    for query, found in (
        ("", True),
        ("?q=assertion amf", True),
        ("?q=nothing-like-it", False),
        (f"?year={year}", True),
        (f"?year={year - 1}", False),
        ("?vendor=open5", True),
        ("?product=kamailio", False),
        ("?severity=high", True),
        ("?severity=low", False),
        ("?year=x&severity=strange", True),
        ("?page=999", True),
        ("?q=%00%ff", True),
    ):
        html = client.get(f"/advisories/{query}").content.decode()
        assert (out.title in html) is found, query


def test_the_list_costs_the_same_for_three(
    client: Client, hub_key: None, django_assert_max_num_queries: Any
) -> None:
    made.published()
    with django_assert_max_num_queries(4):
        client.get("/advisories/")
    made.published()
    made.published()
    with django_assert_max_num_queries(4):
        client.get("/advisories/")


def test_the_work_list_costs_the_same_for_three(
    desk: Client, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    made.a_draft()
    with CaptureQueriesContext(
        connection,
    ) as one:
        assert desk.get("/advisories/texts/").status_code == 200
    made.a_draft()
    made.a_draft()
    with CaptureQueriesContext(connection) as three:
        desk.get("/advisories/texts/")
    assert len(three) == len(one)


@pytest.mark.parametrize("name", STEPS)
def test_every_step_shows(desk: Client, name: str) -> None:
    draft = made.a_draft()
    assert desk.get(f"/advisories/texts/{draft.id}/{name}/").status_code == 200


def test_strangers_find_no_working_text(client: Client) -> None:
    draft = made.a_draft()
    addresses = [f"/advisories/texts/{draft.id}/{rest}" for rest in ("", "basics/", "preview/")]
    member = sign_in(Client(), member_of(TeamFactory()))
    resting = sign_in(Client(), coordinator_of_desk())
    for address in addresses:
        assert client.get(address).status_code == 302
        assert member.get(address).status_code == 404
        assert resting.get(address).status_code in {403, 404}


def test_an_advisory_is_written_step_by_step_and_published(hub_key: None) -> None:
    author = sign_in(Client(), coordinator_of_desk(), coordinator=True)
    hub = made.DeskFactory().organisation
    started = author.post(
        "/advisories/texts/new/",
        {"title": "Open5GS: denial of service", "publisher": hub.id, "tlp": "CLEAR"},
    )
    text = Advisory.objects.get()
    assert started["Location"].endswith(f"{text.id}/basics/")
    root = f"/advisories/texts/{text.id}/"

    def save(name: str, data: dict[str, Any]) -> None:
        version = Advisory.objects.get().text_version
        answer = author.post(f"{root}{name}/", {"text_version": version, "then": "next", **data})
        assert answer.status_code == 302, answer.content.decode()

    save(
        "basics",
        {
            "title": "Open5GS: denial of service",
            "summary": "One message stops the AMF.",
            "details": "",
            "lang": "en",
            "status": "final",
            "tlp": "CLEAR",
            "publisher": hub.id,
            "publisher_category": "coordinator",
            "change_summary": "",
        },
    )
    save(
        "products",
        {
            **management("products", 3),
            "products-0-vendor": "Open5GS",
            "products-0-name": "Open5GS",
            "products-0-version": "<2.7.3",
            "products-0-is_range": "on",
            "products-1-vendor": "Open5GS",
            "products-1-name": "Open5GS",
            "products-1-version": "2.7.3",
        },
    )
    save(
        "vulnerabilities",
        {
            **management("flaws", 1),
            "flaws-0-title": "Reachable assertion",
            "flaws-0-description": "A request reaches an assertion.",
            "flaws-0-cve": "cve-2026-12345",
            "flaws-0-cwe": "617",
            "flaws-0-cvss3": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
        },
    )
    save(
        "statuses",
        {"s-V1-CSAFPID-0001": "known_affected", "s-V1-CSAFPID-0002": "fixed"},
    )
    save(
        "remedies",
        {
            **management("remedies", 1),
            **management("threats", 0),
            "remedies-0-category": "vendor_fix",
            "remedies-0-details": "Update to 2.7.3.",
        },
    )
    save(
        "references",
        {
            **management("references", 1),
            **management("credits", 2),
            "references-0-summary": "Fix",
            "references-0-url": "https://open5gs.example/fix",
            "credits-0-names": "Ada Example",
            "credits-0-agreed": "on",
            "credits-1-names": "Somebody Unasked",
        },
    )
    text.refresh_from_db()
    act = {"text_version": text.text_version}
    assert author.post(f"{root}submit/", act).status_code == 302
    own = author.post(f"{root}approve/", act)
    assert own.status_code == 400
    assert "Somebody else of your team must approve" in own.content.decode()
    second = sign_in(Client(), coordinator_of_desk(), coordinator=True)
    assert second.get(f"{root}review/").status_code == 200
    assert second.post(f"{root}approve/", act).status_code == 302
    text.refresh_from_db()
    wrong = second.post(f"{root}publish/", {**act, "typed_number": "TCERT-SA-0000-0000"})
    assert wrong.status_code == 400
    assert second.post(f"{root}publish/", {**act, "typed_number": text.number}).status_code == 302
    jobs.run_due()
    out = Release.objects.get()
    html = Client().get(f"/advisories/{out.number}/").content.decode()
    assert "Ada Example" in html
    assert "Somebody Unasked" not in html
    assert b"Somebody Unasked" not in bytes(out.document)


def test_what_was_typed_stays_on_every_error(desk: Client) -> None:
    draft = made.a_draft()
    data = {
        "text_version": 1,
        **management("flaws", 1),
        "flaws-0-title": "T" * 301,
        "flaws-0-description": "Kept & <b>escaped</b>",
        "flaws-0-cve": "CVE-26-1",
        "flaws-0-cwe": "CWE-9999999",
        "flaws-0-cvss3": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N",
        "flaws-0-other_id": "7",
        "flaws-0-discovered": "yesterday",
    }
    answer = desk.post(f"/advisories/texts/{draft.id}/vulnerabilities/", data)
    html = answer.content.decode()
    assert answer.status_code == 422
    for words in (
        "Kept &amp; &lt;b&gt;escaped&lt;/b&gt;",
        "CVE-26-1",
        "CWE-9999999",
        "yesterday",
        "A CVE id looks like",
        "There is no such weakness",
        "This is a vector of CVSS 4.0",
        "Give both the id",
    ):
        assert words in html, words
    draft.refresh_from_db()
    assert draft.text == made.TEXT


def test_the_second_writer_gets_409_with_the_typed_text(desk: Client) -> None:
    draft = made.a_draft()
    data = {
        "text_version": 1,
        **management("references", 1),
        **management("credits", 0),
        "references-0-summary": "Mine",
        "references-0-url": "https://a.example/",
    }
    address = f"/advisories/texts/{draft.id}/references/"
    assert desk.post(address, data).status_code == 302
    data["references-0-summary"] = "Typed by the second"
    answer = desk.post(address, data)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody else changed this advisory" in html
    assert "Typed by the second" in html
    assert 'name="text_version" value="2"' in html
    assert Advisory.objects.get().text.references[0].summary == "Mine"


HOSTILE = [
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "\x00",
    "\u202eevil",
    "A" * 30_000,
    "\ud800",
    "{{ 7*7 }}{% csrf_token %}",
    "' OR 1=1 --",
]


@pytest.mark.slow
@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("name", STEPS)
def test_hostile_input_is_refused_or_harmless(desk: Client, name: str, value: str) -> None:
    draft = made.a_draft()
    version = draft.text_version
    fields: dict[str, dict[str, str]] = {
        "basics": dict.fromkeys(("title", "summary", "details", "lang", "tlp", "publisher"), value),
        "products": {
            **management("products", 1),
            **{
                f"products-0-{k}": value for k in ("vendor", "name", "version", "cpe", "purl", "id")
            },
        },
        "vulnerabilities": {
            **management("flaws", 1),
            **{f"flaws-0-{k}": value for k in ("title", "description", "cve", "cwe", "cvss3")},
        },
        "statuses": {"s-V1-CSAFPID-0001": value, "s-V1-nobody": value},
        "remedies": {
            **management("remedies", 1),
            **management("threats", 1),
            "remedies-0-category": value,
            "remedies-0-details": value,
            "remedies-0-url": value,
            "remedies-0-products": value,
            "threats-0-details": value,
        },
        "references": {
            **management("references", 1),
            **management("credits", 1),
            "references-0-summary": value,
            "references-0-url": value,
            "credits-0-names": value,
            "credits-0-url": value,
        },
    }
    sent = {
        k: v.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        for k, v in fields[name].items()
    }
    answer = desk.post(f"/advisories/texts/{draft.id}/{name}/", {"text_version": version, **sent})
    assert answer.status_code in {302, 422}
    shown = desk.get(f"/advisories/texts/{draft.id}/preview/").content.decode()
    assert "<script>alert" not in shown
    assert 'href="javascript:' not in shown


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"text_version": "x"},
        {"text_version": "-1"},
        {"text_version": "1"},
        {"text_version": "1", "products-TOTAL_FORMS": "99999999", "products-INITIAL_FORMS": "0"},
        {"text_version": "1", "products-TOTAL_FORMS": "x", "products-INITIAL_FORMS": "-5"},
    ],
)
def test_broken_formsets_say_so(desk: Client, data: dict[str, str]) -> None:
    draft = made.a_draft()
    answer = desk.post(f"/advisories/texts/{draft.id}/products/", data)
    assert answer.status_code == 422
    assert Advisory.objects.get().text == made.TEXT


@pytest.mark.slow
@pytest.mark.parametrize(
    ("version", "is_range", "words"),
    [
        ("<2.7", "", "This looks like a range"),
        ("all", "", "This looks like a range"),
        ("soon", "on", ""),
        ("before 2", "on", "Write a range"),
        ("1, 1", "on", "Write a range"),
    ],
)
def test_versions_and_ranges_are_told_apart(
    desk: Client, version: str, is_range: str, words: str
) -> None:
    draft = made.a_draft()
    answer = desk.post(
        f"/advisories/texts/{draft.id}/products/",
        {
            "text_version": 1,
            **management("products", 1),
            "products-0-vendor": "V",
            "products-0-name": "P",
            "products-0-version": version,
            "products-0-is_range": is_range,
        },
    )
    assert (answer.status_code == 422) is bool(words)
    assert words in answer.content.decode()


def test_a_plan_names_its_zone_and_hour(desk: Client) -> None:
    text = made.approved()
    root = f"/advisories/texts/{text.id}/"
    planned = {"text_version": 1, "at": "2031-07-01T09:00", "zone": "Asia/Tokyo"}
    assert desk.post(f"{root}schedule/", planned).status_code == 302
    text.refresh_from_db()
    assert f"{text.scheduled_for:%Y-%m-%dT%H:%MZ}" == "2031-07-01T00:00Z"
    assert desk.post(f"{root}basics/", {"text_version": 1}).status_code == 422
    assert desk.post(f"{root}unschedule/", {"text_version": 1}).status_code == 302


@pytest.mark.slow
@pytest.mark.parametrize(
    ("at", "zone"),
    [
        ("2027-03-28T02:30", "Europe/Berlin"),
        ("2027-10-31T02:30", "Europe/Berlin"),
        ("2027-10-31T02:30", "Nowhere"),
        ("tomorrow", "UTC"),
        ("2020-01-01T00:00", "UTC"),
        ("0001-01-01T00:00", "Asia/Tokyo"),
        ("9999-12-31T23:59", "America/Los_Angeles"),
        ("", ""),
    ],
)
def test_hours_that_do_not_exist_are_refused(desk: Client, at: str, zone: str) -> None:
    text = made.approved()
    answer = desk.post(
        f"/advisories/texts/{text.id}/schedule/", {"text_version": 1, "at": at, "zone": zone}
    )
    assert answer.status_code in {400, 422}
    assert not Advisory.objects.get().pending


ACTS = {
    "send-back": {"remark": "Name the fixed version"},
    "publish": {"typed_number": "TCERT-SA-2026-0009", "short_notice_reason": "Seen in the wild"},
    "withdraw": {"reason": "It was no flaw", "typed_number": "TCERT-SA-2026-0009"},
    "schedule": {"at": "2031-07-01T09:00", "zone": "Asia/Tokyo"},
}


@pytest.mark.slow
@pytest.mark.parametrize("version", ["1", "7", "", "x"])
@pytest.mark.parametrize("state", ["a_draft", "in_review", "approved"])
@pytest.mark.parametrize("act", ACTS)
def test_whatever_an_advisory_refuses_says_why_and_keeps_what_was_typed(
    desk: Client, act: str, state: str, version: str
) -> None:
    text = getattr(made, state)()
    answer = desk.post(
        f"/advisories/texts/{text.id}/{act}/", {"text_version": version, **ACTS[act]}
    )
    if answer.status_code == 302:
        assert (act, state, version) in {
            ("send-back", "in_review", "1"),
            ("send-back", "approved", "1"),
            ("schedule", "approved", "1"),
        }
        return
    html = answer.content.decode()
    assert answer.status_code in {400, 409, 422}
    assert 'role="alert"' in html
    for typed in ACTS[act].values():
        assert typed in html
    assert Advisory.objects.get().text_version == text.text_version
    assert not Advisory.objects.get().pending


@pytest.mark.parametrize("remark", ["", "x" * 5_000])
def test_a_refused_remark_stays_on_the_page_of_the_review(desk: Client, remark: str) -> None:
    text = made.in_review()
    answer = desk.post(
        f"/advisories/texts/{text.id}/send-back/", {"text_version": 1, "remark": remark}
    )
    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'class="error"' in html
    assert "Your decision" in html
    assert remark in html
    assert Advisory.objects.get().state == "review"


def test_acts_out_of_turn_are_told(desk: Client) -> None:
    draft = made.a_draft()
    root = f"/advisories/texts/{draft.id}/"
    for act, data in (
        ("approve", {}),
        ("send-back", {"remark": "x"}),
        ("publish", {"typed_number": "TCERT-SA-2026-0001"}),
        ("revise", {}),
        ("withdraw", {"reason": "x", "typed_number": "TCERT-SA-2026-0001"}),
        ("unschedule", {}),
        ("final-text", {}),
        ("schedule", {"at": "2031-01-01T00:00", "zone": "UTC"}),
    ):
        answer = desk.post(f"{root}{act}/", {"text_version": 1, **data})
        assert answer.status_code in {400, 409}, act
        assert "Not done" in answer.content.decode()
        assert desk.get(f"{root}{act}/").status_code in {404, 405}
    assert Advisory.objects.get().state == AdvisoryState.DRAFT


def test_visible_to_matches_is_visible_to(hub_key: None) -> None:
    made.a_draft()
    made.published()
    made.published(tlp=Tlp.GREEN)
    stranger = member_of(TeamFactory())
    own = coordinator_of_desk()
    for principal in (
        ANONYMOUS,
        SYSTEM,
        principal_of(stranger),
        principal_of(own),
        principal_of(own, coordinator=True),
    ):
        for model in (Advisory, Release):
            shown = set(model.objects.visible_to(principal))
            assert shown == {o for o in model.objects.all() if o.is_visible_to(principal)}


def test_search_finds_what_is_published_and_no_draft(hub_key: None) -> None:
    out = made.published()
    made.a_draft(title="Zyxel: secret draft")
    made.published(tlp=Tlp.GREEN)
    assert [hit.note for hit in find(ANONYMOUS, "assertion")] == [out.number]
    assert not list(find(made.writer(), "zyxel"))
