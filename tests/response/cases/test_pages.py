"""The pages: who is served what, what a hostile form meets, how many questions a list asks."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from tests.factories.case_parties import give_key, make_report
from tests.factories.cases import (
    END,
    CaseFactory,
    CaseProductFactory,
    InvitationFactory,
    ParticipantFactory,
    ReceivedFactory,
    StatementFactory,
)
from tests.factories.claims import ClaimFactory
from tests.factories.directory import (
    DeskFactory,
    OrganisationFactory,
    TeamFactory,
    TeamMembershipFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.inventory import EquipmentFactory, ProductFactory
from tests.principals import principal_of, sign_in

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.sealed.models import Message
from tcert.foundation.ui import words
from tcert.response.cases.domain import participants, threads, triage
from tcert.response.cases.enums import (
    EmbargoState,
    Management,
    Presence,
    Role,
    ThreadPurpose,
)
from tcert.response.cases.models import Case, CaseNetwork, Embargo, Invitation, Participant
from tcert.response.cases.queries import SORTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk_person():
    return coordinator_of_desk()


@pytest.fixture
def desk(client, desk_person):
    return sign_in(client, desk_person, coordinator=True)


@pytest.fixture
def party(client_of):
    """A vendor that takes part in an ordinary case, and its signed-in client."""
    case = CaseFactory()
    give_key(case.coordinating_team)
    row = ParticipantFactory(case=case)
    give_key(row.team)
    threads.open_with_desk(principal=principal_of(member_of(row.team)), participant=row)
    return row, client_of(row.team)


@pytest.fixture
def client_of():
    from django.test import Client

    return lambda team: sign_in(Client(), member_of(team))


def get(client, name, *args, **query):
    return client.get(reverse(f"cases:{name}", args=args), query)


def post(client, name, *args, **data):
    return client.post(reverse(f"cases:{name}", args=args), data)


def pages_of(case):
    return [
        reverse(f"cases:{name}", args=[case.id])
        for name in ("case", "triage", "involve", "embargo", "facts", "own", "state", "new_thread")
    ]


def test_every_page_of_a_case_opens_for_the_desk(desk):
    case, _stranger = make_report()
    CaseProductFactory(case=case)
    for url in pages_of(case):
        assert desk.get(url).status_code == 200, url
    assert desk.get(reverse("cases:board")).status_code == 200
    link = case.threads.get(purpose=ThreadPurpose.REPORT)
    for name in ("gpg", "keyring", "draft", "hand_over", "context"):
        assert get(desk, name, case.id, link.id).status_code == 200, name


def test_the_board_opens_in_every_order(desk):
    case, _stranger = make_report()
    for sort in ("", *SORTS, *(f"-{name}" for name in SORTS)):
        page = desk.get(reverse("cases:board"), {"sort": sort, "state": "all"})
        assert case.code_name in page.content.decode(), sort


def test_the_boards_length_is_what_its_filters_find(desk):
    held = give_key(DeskFactory())
    for management in (Management.RECEIVED, Management.VALID, Management.CLOSED):
        case, _stranger = make_report(held)
        case.participants.filter(team=held.holder.id).update(management=management)
    for state in ("", "all", "nonsense", *Management):
        page = desk.get(reverse("cases:board"), {"state": state}).context["page"]
        assert page.paginator.count == len(page.object_list), state


def test_a_case_does_not_exist_for_others(desk, client_of, client, desk_person):
    case, _stranger = make_report()
    link = case.threads.get(purpose=ThreadPurpose.REPORT)
    message = Message.objects.get(kind="facts")
    urls = [
        *pages_of(case),
        reverse("cases:context", args=[case.id, link.id]),
        reverse("cases:message", args=[case.id, message.id]),
    ]
    stranger = client_of(TeamFactory())
    without_session = sign_in(type(client)(), desk_person)
    for url in urls:
        assert stranger.get(url).status_code in {403, 404}, url
        assert without_session.get(url).status_code in {403, 404}, url
        assert type(client)().get(url).status_code == 302, url


def test_a_party_sees_its_own_row_and_who_shows_itself(party):
    row, client = party
    hidden = ParticipantFactory(case=row.case, team__name="Hidden PSIRT")
    shown = ParticipantFactory(case=row.case, team__name="Open CERT", shows_itself=True)
    invited = ParticipantFactory(
        case=row.case,
        team__name="Asked SOC",
        presence=Presence.INVITED,
        shows_itself=True,
    )
    StatementFactory(participant=hidden, text="a secret of ours", version="9.9.9")
    page = get(client, "case", row.case.id).content.decode()
    assert row.team.name in page
    assert "Open CERT" in page
    for secret in ("Hidden PSIRT", hidden.team.organisation.name, "Asked SOC", "9.9.9"):
        assert secret not in page
    assert get(client, "participant", row.case.id, shown.id).status_code == 200
    for other in (hidden, invited):
        assert get(client, "participant", row.case.id, other.id).status_code == 404


def test_the_timeline_names_nobody_whom_the_viewer_does_not_see(party, desk_person):
    row, client = party
    coordinator = principal_of(desk_person, coordinator=True)
    other = TeamFactory(name="Hidden PSIRT")
    give_key(other)
    invitation = participants.invite(
        principal=coordinator, case=row.case, team=other, roles=[Role.VENDOR]
    )
    participants.accept(
        principal=principal_of(member_of(other)),
        invitation=invitation,
        revision=None,
        agreed_end=None,
    )
    triage.exclude(principal=coordinator, case=row.case, name="Somebody else")
    page = get(client, "case", row.case.id).content.decode()
    assert "Hidden PSIRT" not in page
    assert "must not be told" not in page
    assert "was invited" not in page


def test_a_coordinator_in_conflict_is_not_served_and_it_is_recorded(client):
    person = coordinator_of_desk()
    case = CaseFactory()
    vendor = ParticipantFactory(case=case)
    TeamMembershipFactory(team=TeamFactory(organisation=vendor.team.organisation), person=person)
    sign_in(client, person, coordinator=True)
    assert get(client, "case", case.id).status_code == 404
    assert get(client, "board").status_code == 200
    assert case.code_name not in get(client, "board").content.decode()
    assert AuditRecord.objects.filter(act="cases:conflict-refused", object_id=case.id).exists()


@pytest.mark.parametrize("named", ["product", "network", "group"])
def test_a_coordinator_of_a_house_that_the_case_names_is_not_served(client, named):
    case = ReceivedFactory()
    torn = coordinator_of_desk()
    house = TeamMembershipFactory(person=torn).team.organisation
    principal = principal_of(torn, coordinator=True)
    assert case.is_coordinated_by(principal)
    if named == "network":
        ClaimFactory(organisation=house, value="999-42")
        CaseNetwork.objects.create(case=case, plmn="999-42", by_reporter=True)
    else:
        if named == "group":
            house.group = OrganisationFactory()
            house.save()
        vendor = house.group or house
        CaseProductFactory(case=case, product=ProductFactory(vendor=vendor))
    case = Case.objects.get(id=case.id)
    principal = principal_of(torn, coordinator=True)  # as in the next request
    assert case.is_in_conflict_for(principal)
    assert not case.is_visible_to(principal)
    assert not Case.objects.visible_to(principal).filter(id=case.id).exists()
    desk = sign_in(client, torn, coordinator=True)
    assert get(desk, "case", case.id).status_code == 404
    assert AuditRecord.objects.filter(act="cases:conflict-refused").exists()


def test_a_participant_reads_through_its_own_team_in_spite_of_a_conflict(client):
    person = coordinator_of_desk()
    case = CaseFactory()
    vendor = ParticipantFactory(case=case)
    TeamMembershipFactory(team=vendor.team, person=person)
    sign_in(client, person, coordinator=True)
    assert get(client, "case", case.id).status_code == 200
    assert get(client, "triage", case.id).status_code == 403


def test_an_invitee_is_led_to_the_terms_and_sees_no_content(client_of):
    case = CaseFactory(parts__embargo=EmbargoState.ACTIVE)
    CaseProductFactory(case=case, name="Secret product")
    invitation = InvitationFactory(participant__case=case)
    client = client_of(invitation.participant.team)
    answer = get(client, "case", case.id)
    assert answer.status_code == 302
    page = client.get(answer.url).content.decode()
    assert "Secret product" not in page
    assert words.day(END) in page
    for url in pages_of(case)[1:]:
        assert client.get(url).status_code in {403, 404}, url


@pytest.mark.parametrize("act", ["decline", "withdraw"])
def test_who_stays_out_learns_no_later_terms(client_of, act):
    case = CaseFactory(parts__embargo=EmbargoState.ACTIVE)
    invitation = InvitationFactory(
        participant__case=case,
        participant__presence=Presence.INVITED,
        embargo_ends_at=case.embargo.ends_at,
        tlp=case.tlp,
    )
    member = client_of(invitation.participant.team)
    address = reverse("cases:invitation", args=[invitation.id])
    assert words.day(END) in member.get(address).content.decode()
    invitation.refresh_from_db()
    if act == "decline":
        member.post(address, {"act": "decline", "revision": invitation.revision})
    else:
        Invitation.objects.update(state="withdrawn")
    case.tlp = "RED"
    case.save()
    later = END + timedelta(days=400)
    Embargo.objects.filter(case=case).update(ends_at=later)
    html = member.get(address).content.decode()
    assert words.day(later) not in html
    assert "TLP:RED" not in html


def test_accepting_needs_the_tick_and_keeps_the_form(client_of):
    case = CaseFactory()
    give_key(case.coordinating_team)
    invitation = InvitationFactory(participant__case=case)
    give_key(invitation.participant.team)
    client = client_of(invitation.participant.team)
    answer = post(client, "invitation", invitation.id, act="accept", revision=0, agreed_end="")
    assert answer.status_code == 422
    assert "Tick this box" in answer.content.decode()
    answer = post(
        client, "invitation", invitation.id, act="accept", revision=0, agreed_end="", terms="on"
    )
    assert answer.status_code == 302
    assert case.is_joined_by(principal_of(member_of(invitation.participant.team)))


def test_the_second_of_two_coordinators_is_told_409(desk):
    case = ReceivedFactory()
    first = post(desk, "triage", case.id, act="validate", revision=0)
    second = post(desk, "triage", case.id, act="invalidate", revision=0)
    assert (first.status_code, second.status_code) == (302, 409)
    assert "before you" in second.content.decode()


@pytest.mark.parametrize("revision", ["", "x", "-1", "1e3", "9" * 40, "٣"])
def test_a_form_without_its_revision_is_refused(desk, revision):
    case = ReceivedFactory()
    answer = post(desk, "triage", case.id, act="validate", revision=revision)
    assert answer.status_code == 400
    case.refresh_from_db()
    assert case.number is None


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"act": "nonsense", "revision": 0},
        {"act": "product", "p-name": "x" * 5000},
        {"act": "product", "p-name": "\x00"},
        {"act": "product", "p-name": "bell\x07"},
        {"act": "network", "n-plmn": "208-01\x1b"},
        {"act": "network", "n-plmn": "<script>alert(1)</script>"},
        {"act": "exclude", "x-team": "not-a-uuid"},
        {"act": "lift", "exclusion": "'; DROP TABLE cases_case; --"},
        {"act": "tlp", "tlp": "PURPLE", "revision": 0},
        {"act": "duplicate", "duplicate_of": str(uuid.uuid4()), "revision": 0},
    ],
)
def test_triage_refuses_nonsense(desk, data):
    case = ReceivedFactory()
    answer = post(desk, "triage", case.id, **data)
    assert answer.status_code in {400, 422}
    assert "<script>alert" not in answer.content.decode()
    case.refresh_from_db()
    assert (case.number, case.products.count(), case.networks.count()) == (None, 0, 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("day", "hour", "zone"),
    [
        ("", "", ""),
        ("2026-13-40", "12:00", "UTC"),
        ("2999-01-01", "12:00", "UTC"),
        ("2020-01-01", "12:00", "UTC"),
        ("2027-01-01", "25:00", "UTC"),
        ("2027-01-01", "12:00", "Mars/Olympus"),
    ],
)
def test_an_end_of_nonsense_is_refused_and_kept(party, day, hour, zone):
    row, client = party
    answer = post(
        client, "embargo", row.case.id, act="propose", revision=0, day=day, hour=hour, zone=zone
    )
    assert answer.status_code in {400, 422}
    if day:
        assert day in answer.content.decode()
    row.case.embargo.refresh_from_db()
    assert row.case.embargo.state == EmbargoState.NONE


def test_an_end_is_proposed_with_hour_and_zone(party):
    row, client = party
    day = (clock.now() + timedelta(days=40)).date().isoformat()
    answer = post(
        client,
        "embargo",
        row.case.id,
        act="propose",
        revision=0,
        day=day,
        hour="18:00",
        zone="Asia/Tokyo",
    )
    assert answer.status_code == 302
    proposal = row.case.embargo.proposals.get()
    assert proposal.ends_at.strftime("%H:%M") == "09:00"
    assert proposal.zone == "Asia/Tokyo"
    assert "proposes that the embargo ends" in get(client, "case", row.case.id).content.decode()


def test_a_statement_is_made_changed_and_taken_back(party):
    row, client = party
    product = CaseProductFactory(case=row.case)
    data = {
        "product": product.id,
        "version": "4.2",
        "position": "known_affected",
        "fix_state": "in_test",
        "text": "**We** <script>alert(1)</script>",
    }
    assert post(client, "state", row.case.id, **data).status_code == 302
    again = post(client, "state", row.case.id, **data)
    assert again.status_code == 409
    statement = row.statements.get()
    page = get(client, "participant", row.case.id, row.id).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    changed = post(
        client, "statement", row.case.id, statement.id, **{**data, "fix_state": "ready"}, revision=0
    )
    assert changed.status_code == 302
    late = post(client, "statement", row.case.id, statement.id, **data, revision=0)
    assert late.status_code == 409
    assert (
        post(client, "statement", row.case.id, statement.id, act="withdraw", revision=1).status_code
        == 302
    )
    assert not row.statements.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"position": "fixed"},
        {"position": "known_not_affected", "text": ""},
        {"position": "nonsense"},
        {"text": "x" * 9000},
        {"version": "x" * 500},
        {"product": str(uuid.uuid4())},
    ],
)
def test_a_statement_of_nonsense_is_refused_and_kept(party, change):
    row, client = party
    product = CaseProductFactory(case=row.case)
    foreign = CaseProductFactory()
    data = {
        "product": product.id,
        "version": "4.2",
        "position": "known_affected",
        "fix_state": "none",
        "text": "kept words",
        **change,
    }
    answer = post(client, "state", row.case.id, **data)
    assert answer.status_code in {400, 422}
    if data["text"] == "kept words":
        assert "kept words" in answer.content.decode()
    assert post(client, "state", row.case.id, **{**data, "product": foreign.id}).status_code == 422
    assert not row.statements.exists()


def test_proposals_have_reasons_and_leave_out_who_must_not_be_told(desk):
    case = CaseFactory()
    product = ProductFactory(name="UDM")
    vendor = TeamFactory(organisation=product.vendor, kind="psirt", name="Corevale PSIRT")
    operator = TeamFactory(name="North CERT")
    EquipmentFactory(organisation=operator.organisation, product=product)
    kept_out = TeamFactory(name="Kept out CERT")
    EquipmentFactory(organisation=kept_out.organisation, product=product)
    CaseProductFactory(case=case, product=product, name="UDM")
    case.exclusions.create(team=kept_out)
    page = get(desk, "involve", case.id).content.decode()
    assert "makes UDM" in page
    assert "runs UDM 4.2 (declared)" in page
    proposals = page.split("<h2>Another team")[0]
    assert "Kept out CERT" not in proposals
    answer = post(
        desk,
        "involve",
        case.id,
        act="proposed",
        proposal=[f"{vendor.id}:vendor", f"{operator.id}:deployer", f"{kept_out.id}:vendor"],
    )
    assert answer.status_code == 302
    invited = {p.team for p in case.participants.filter(presence=Presence.INVITED)}
    assert invited == {vendor, operator}
    refused = post(desk, "involve", case.id, act="proposed", proposal=[f"{kept_out.id}:deployer"])
    assert refused.status_code == 400
    assert post(desk, "involve", case.id, act="proposed").status_code == 400


def test_removal_asks_for_the_name(desk, party):
    row, client = party
    assert (
        post(desk, "remove", row.case.id, row.id, typed_name="yes", revision=0).status_code == 400
    )
    done = post(desk, "remove", row.case.id, row.id, typed_name=row.team.name, revision=0)
    assert done.status_code == 302
    assert get(client, "case", row.case.id).status_code == 404


@pytest.mark.parametrize(
    "sealed",
    [
        b"",
        b"hello",
        b"-----BEGIN PGP MESSAGE-----\n\nhello\n-----END PGP MESSAGE-----\n",
        b"\x00" * 4096,
        b"\xff\xfe" * 100,
    ],
)
def test_plaintext_is_never_taken(party, sealed):
    from django.core.files.uploadedfile import SimpleUploadedFile

    row, client = party
    link = row.case.threads.get(purpose=ThreadPurpose.DESK)
    answer = post(
        client,
        "post",
        row.case.id,
        link.id,
        kind="message",
        version=1,
        sealed=SimpleUploadedFile("m.pgp", sealed),
    )
    assert answer.status_code == 400
    assert answer.json()["message"]
    assert not Message.objects.exists()


def test_a_post_without_anything_is_refused(party):
    row, client = party
    link = row.case.threads.get(purpose=ThreadPurpose.DESK)
    for data in ({}, {"version": "1"}, {"version": "x"}, {"version": "1", "kind": "facts"}):
        answer = post(client, "post", row.case.id, link.id, **data)
        assert answer.status_code == 400, data


def test_sealed_bytes_are_served_to_their_readers_in_their_case_only(desk, party):
    row, client = party
    case, _stranger = make_report(give_key(DeskFactory()))
    message = Message.objects.get(kind="facts")
    assert get(desk, "message", case.id, message.id).status_code == 200
    assert get(desk, "message", row.case.id, message.id).status_code == 404
    assert get(client, "message", row.case.id, message.id).status_code == 404
    answer = get(desk, "message", case.id, message.id)
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"


def test_wide_conversations_ask_first(desk, party):
    row, client = party
    answer = post(desk, "new_thread", row.case.id, purpose="all", asked=[str(row.id)])
    assert answer.status_code == 302
    link = row.case.threads.get(purpose=ThreadPurpose.ALL)
    reader = link.readers.get(participant=row)
    assert not link.is_visible_to(principal_of(member_of(row.team)))
    assert "shows" in get(client, "join", row.case.id, reader.id).content.decode()
    assert post(client, "join", row.case.id, reader.id, act="join").status_code == 302
    assert get(client, "context", row.case.id, link.id).status_code == 200
    assert post(client, "join", row.case.id, reader.id, act="leave").status_code == 302
    assert get(client, "context", row.case.id, link.id).status_code == 404


def test_the_reporter_and_foreign_parties_are_not_asked(desk):
    case, _stranger = make_report()
    finder = case.participants.get(team=None)
    answer = post(desk, "new_thread", case.id, purpose="all", asked=[str(finder.id)])
    assert answer.status_code == 422


def count_of(client, url, django_assert_max_num_queries, limit):
    with django_assert_max_num_queries(limit) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_lists_ask_the_same_number_of_questions_for_one_and_three(
    desk, client_of, django_assert_max_num_queries
):
    team = TeamFactory()
    member = client_of(team)
    urls = [(desk, reverse("cases:board")), (member, reverse("cases:list"))]

    def grow():
        case = CaseFactory()
        ParticipantFactory(case=case, team=team)
        InvitationFactory(participant__team=team)

    grow()
    one = [count_of(c, u, django_assert_max_num_queries, 60) for c, u in urls]
    grow()
    grow()
    three = [count_of(c, u, django_assert_max_num_queries, 60) for c, u in urls]
    assert one == three


def test_a_case_asks_the_same_number_of_questions_for_one_and_three_parties(
    desk, django_assert_max_num_queries
):
    case = CaseFactory()
    url = reverse("cases:case", args=[case.id])

    def grow():
        StatementFactory(participant=ParticipantFactory(case=case))

    grow()
    desk.get(url)
    one = count_of(desk, url, django_assert_max_num_queries, 80)
    grow()
    grow()
    assert count_of(desk, url, django_assert_max_num_queries, 80) == one


def test_120_vendors_stay_usable(desk):
    case = CaseFactory()
    for number in range(120):
        ParticipantFactory(case=case, team__name=f"Vendor {number:03d} PSIRT")
    first = get(desk, "case", case.id).content.decode()
    assert first.count("Vendor ") <= 3 * 20 + 5
    assert "1 to 20 of 121" in first
    found = get(desk, "case", case.id, party="Vendor 117").content.decode()
    assert "Vendor 117 PSIRT" in found
    assert "Vendor 003 PSIRT" not in found


def test_my_day_says_why_and_what_otherwise(desk_person, client_of):
    from tcert.foundation.ui.waiting import waiting_for

    ReceivedFactory()
    invitation = InvitationFactory()
    coordinator = waiting_for(principal_of(desk_person, coordinator=True))
    assert any("Report to judge" in str(line.title) for line in coordinator)
    invitee = waiting_for(principal_of(member_of(invitation.participant.team)))
    [line] = [li for li in invitee if "Invitation" in str(li.title)]
    assert line.due == invitation.expires_at
    assert "lapses" in str(line.otherwise)
    assert not [li for li in waiting_for(principal_of(desk_person)) if "judge" in str(li.title)]


def test_states_filter_the_board(desk):
    ReceivedFactory(code_name="Calm Bay")
    CaseFactory(code_name="Quiet Pier")
    CaseFactory(code_name="Late Ferry", parts__management=Management.CLOSED)
    assert "Late Ferry" not in get(desk, "board").content.decode()
    received = get(desk, "board", state="received").content.decode()
    assert "Calm Bay" in received
    assert "Quiet Pier" not in received
    hostile = get(desk, "board", sort="password", state="' OR 1=1", page="x", q="\x00%")
    assert hostile.status_code == 200
    assert Case.objects.count() == 3
    assert Participant.objects.exists()


def test_the_breadcrumb_names_the_link_that_the_side_list_marks(desk, party):
    """A coordinator comes from the board: the list of cases does not hold what the desk leads."""
    row, client = party
    for viewer, name, leads in ((desk, "Triage", "board"), (client, "Cases", "list")):
        for page in (
            get(viewer, "case", row.case_id),
            get(viewer, "participant", row.case_id, row.id),
        ):
            html = page.content.decode()
            address = reverse(f"cases:{leads}")
            assert f'aria-label="Breadcrumb"><a href="{address}">{name}</a>' in html
            assert html.count(f'<a href="{address}" aria-current="page"') == 2
            assert html.count('aria-current="page"') == 2


def test_the_desk_sees_a_conversation_by_its_party_and_hears_both(desk, party):
    row, client = party
    html = get(desk, "case", row.case_id).content.decode()
    team = row.case.coordinating_team.name
    assert f'>{row.team.name}<span class="sr-only"> and {team}</span> <span' in html
    assert f'>You and {team}<span class="sr-only"></span> <span' in (
        get(client, "case", row.case_id).content.decode()
    )


def test_a_statement_says_its_version_once(desk):
    """A reporter's line names product and version in one; the party states the version again."""
    statement = StatementFactory(version="4.2.1")
    statement.product.name = "Corevale UDM 4.2.1"
    statement.product.save()
    assert statement.subject == "Corevale UDM 4.2.1"
    statement.product.name = "Corevale UDM"
    assert statement.subject == "Corevale UDM 4.2.1"
    statement.version = ""
    assert statement.subject == "Corevale UDM"
    row = statement.participant
    html = get(desk, "participant", row.case_id, row.id).content.decode()
    assert "<h3>Corevale UDM 4.2.1</h3>" in html


def test_a_team_that_coordinates_is_offered_no_product_of_who_came_by_an_invitation(client_of):
    """That a vendor is there unlisted tells that another case is about it."""
    team = TeamFactory()
    case = CaseFactory(coordinating_team=team)
    ProductFactory(name="Listed UDM")
    ProductFactory(name="Hidden UDM", vendor__state="provisional")
    page = get(client_of(team), "triage", case.id).content.decode()
    assert "Listed UDM" in page
    assert "Hidden UDM" not in page
