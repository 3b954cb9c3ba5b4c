"""The directory's pages: who sees what, in how many queries, and what hostile input does."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.carried import carried, read
from tests.factories.directory import (
    DeskFactory,
    OrganisationFactory,
    TeamFactory,
    TeamMembershipFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.keys import active_key_of
from tests.principals import principal_of, sign_in

from tcert.community.directory.domain import people, teams
from tcert.community.directory.enums import (
    ChannelKind,
    ChannelPurpose,
    KeyState,
    OrganisationKind,
    OrganisationState,
    TeamKind,
    TeamRole,
)
from tcert.community.directory.models import (
    Channel,
    Organisation,
    Team,
    TeamChange,
    TeamKey,
    TeamKeyShare,
    TeamMembership,
    TeamSection,
    TeamSignature,
)
from tcert.foundation.kernel.errors import Conflict
from tcert.foundation.kernel.principal import ANONYMOUS
from tcert.foundation.kernel.records import AuditRecord

pytestmark = pytest.mark.django_db


def channel(team, value, **fields):
    defaults = {"kind": ChannelKind.EMAIL, "purpose": ChannelPurpose.MAIN}
    return Channel.objects.create(team=team, value=value, **{**defaults, **fields})


@pytest.fixture
def community():
    """One of everything that could leak."""
    altus = OrganisationFactory(name="Altus Networks", short_name="Altus", country="FI")
    cert = TeamFactory(
        organisation=altus,
        name="Altus CERT",
        description="our **secret** sauce",
        hours_note="always",
    )
    TeamSection.objects.create(team=cert, section="3.2", language="en", text="Altus core")
    interception = TeamFactory(
        organisation=altus, name="Altus LEA", kind=TeamKind.LAWFUL_INTERCEPTION
    )
    retired = TeamFactory(organisation=altus, name="Altus Old")
    Team.objects.filter(pk=retired.pk).update(retired_at="2026-01-01T00:00Z")
    hidden = OrganisationFactory(name="Hidden Lab", state=OrganisationState.PROVISIONAL)
    hidden_team = TeamFactory(organisation=hidden, name="Hidden CERT")
    channel(cert, "cert@altus.example", is_public=True)
    channel(cert, "night@altus.example")
    channel(interception, "lea@altus.example", is_public=True)
    channel(hidden_team, "hidden@lab.example", is_public=True)
    key = active_key_of(cert)
    TeamKey.objects.create(team=cert, fingerprint="AB" * 20, certificate="x")
    member = member_of(cert, TeamRole.REPRESENTATIVE, name="Mika Salo")
    return {
        "altus": altus,
        "cert": cert,
        "interception": interception,
        "hidden": hidden,
        "hidden_team": hidden_team,
        "retired": Team.objects.get(pk=retired.pk),
        "key": key,
        "member": member,
        "colleague": member_of(TeamFactory(), name="Other Person"),
        "coordinator": coordinator_of_desk(),
    }


def test_a_stranger_sees_names_kinds_public_channels_and_keys_only(client, community):
    cert = community["cert"]
    text = client.get(reverse("directory:team", args=[cert.id])).content.decode()
    for shown in (
        "Altus CERT",
        "CERT or CSIRT",
        "cert@altus.example",
        community["key"].fingerprint,
    ):
        assert shown in text
    for kept in ("night@altus.example", "Mika Salo", "secret", "Altus core", "always", "AB" * 20):
        assert kept not in text


def test_a_member_sees_people_and_all_channels(client, community):
    sign_in(client, community["colleague"])
    text = client.get(reverse("directory:team", args=[community["cert"].id])).content.decode()
    for shown in ("night@altus.example", "Mika Salo", "<strong>secret</strong>", "Altus core"):
        assert shown in text
    assert "AB" * 20 not in text


@pytest.mark.parametrize("which", ["interception", "hidden_team", "retired"])
def test_what_a_stranger_must_not_see_does_not_exist_for_them(client, community, which):
    team = community[which]
    for name in ("directory:team", "directory:keys", "directory:people"):
        assert client.get(reverse(name, args=[team.id])).status_code in {302, 404}
    listing = client.get("/directory/?q=" + team.name.split()[0])
    assert team.name not in listing.content.decode()
    assert team.name not in client.get("/directory/directory.csv").content.decode()


def test_a_search_by_a_hidden_teams_name_finds_nothing(client, community):
    assert b"0 organisations" in client.get("/directory/?q=LEA").content
    sign_in(client, community["colleague"])
    assert b"1 organisation" in client.get("/directory/?q=LEA").content


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=alt", ["Altus Networks"]),
        ("q=NETWORKS", ["Altus Networks"]),
        ("q=etworks", []),
        ("q=altus+cert", ["Altus Networks"]),
        ("q=%25", []),
        ("q=_", []),
        ("kind=vendor", ["Corevale"]),
        ("country=fi", ["Altus Networks"]),
        ("kind=nonsense", ["Altus Networks", "Corevale"]),
        ("country=toolong", ["Altus Networks", "Corevale"]),
        ("q=" + "x" * 101, ["Altus Networks", "Corevale"]),
        ("page=9999", ["Altus Networks", "Corevale"]),
        ("q=%00%ff", ["Altus Networks", "Corevale"]),
    ],
)
def test_search_by_the_beginning_of_words(client, query, names):
    TeamFactory(
        organisation=OrganisationFactory(name="Altus Networks", short_name="AN", country="FI"),
        name="CERT",
    )
    OrganisationFactory(
        name="Corevale", short_name="Cv", kind=OrganisationKind.VENDOR, country="BR"
    )
    response = client.get(f"/directory/?{query}")
    assert response.status_code == 200
    assert [one.name for one in response.context["page"]] == names


def test_the_list_asks_the_same_number_of_questions_for_one_and_for_three(
    client, django_assert_num_queries
):
    counts = []
    for _round in range(3):
        active_key_of(TeamFactory())
        TeamKey.objects.update(state=KeyState.SUPERSEDED)
        with CountQueries() as count:
            client.get("/directory/")
        counts.append(count.number)
        TeamKey.objects.all().delete()
    assert counts[0] == counts[1] == counts[2]


class CountQueries:
    """Counts the queries inside the block."""

    def __enter__(self):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        self.inner = CaptureQueriesContext(connection)
        self.inner.__enter__()
        return self

    def __exit__(self, *error):
        self.inner.__exit__(*error)
        self.number = len(self.inner)


TEAM_PAGES = ("team", "people", "keys", "history", "rfc2350", "sections", "hours", "vcard")


@pytest.mark.parametrize("name", [f"directory:{name}" for name in TEAM_PAGES])
def test_a_teams_pages_ask_the_same_number_of_questions_for_one_and_for_three(client, name):
    team = TeamFactory()
    sign_in(client, member_of(team, TeamRole.REPRESENTATIVE))
    address = reverse(name, args=[team.id])
    client.get(address)
    counts = []
    for n in range(3):
        member_of(team)
        channel(team, f"c{n}@operator.example")
        for section in ("3.1", "3.2"):
            language = ("en", "fi", "sv")[n]
            TeamSection.objects.create(team=team, section=section, language=language, text="x")
        TeamChange.objects.create(team=team, field="name", by=member_of(TeamFactory()).id)
        with CountQueries() as count:
            assert client.get(address).status_code == 200
        counts.append(count.number)
    assert counts[0] == counts[2]


def test_the_csv_cannot_carry_formulas(client):
    organisation = OrganisationFactory(name='=HYPERLINK("https://evil.example")', short_name="E")
    TeamFactory(organisation=organisation, name="@SUM(1)")
    rows = list(csv.reader(io.StringIO(client.get("/directory/directory.csv").content.decode())))
    assert rows[1][0].startswith("'=") and rows[1][4] == "'@SUM(1)"  # noqa: PT018


def test_the_csv_asks_as_often_for_many_teams_and_reads_no_certificate(client):
    counts = []
    for _ in range(2):
        for _ in range(3):
            active_key_of(TeamFactory())
        with CaptureQueriesContext(connection) as asked:
            lines = client.get("/directory/directory.csv").content.decode().splitlines()
        counts.append(len(asked))
        assert not any('"certificate"' in one["sql"] for one in asked)
        assert all(line[-40:].isalnum() for line in lines[1:])
    assert counts[0] == counts[1]
    assert len(lines) == 7


def test_only_known_keys_of_seen_teams_are_handed_out(client, community):
    cert = community["cert"]
    address = reverse("directory:asc", args=[cert.id, community["key"].fingerprint])
    response = client.get(address)
    assert response.content.decode() == community["key"].certificate
    assert response.headers["Content-Disposition"].endswith('.asc"')
    for fingerprint in ("AB" * 20, "CD" * 20, "..%2f..%2fetc", "%00"):
        assert client.get(f"/directory/teams/{cert.id}/keys/{fingerprint}.asc").status_code == 404
    sign_in(client, community["member"])
    assert client.get(f"/directory/teams/{cert.id}/keys/{'AB' * 20}.asc").status_code == 200


@pytest.mark.parametrize(
    "model",
    [
        Organisation,
        Team,
        TeamMembership,
        Channel,
        TeamKey,
        TeamKeyShare,
        TeamChange,
        TeamSection,
        TeamSignature,
    ],
)
@pytest.mark.parametrize("who", ["stranger", "member", "colleague", "coordinator", "plain-desk"])
def test_visible_to_and_is_visible_to_agree(community, model, who):
    principal = {
        "stranger": lambda: ANONYMOUS,
        "member": lambda: principal_of(community["member"]),
        "colleague": lambda: principal_of(community["colleague"]),
        "coordinator": lambda: principal_of(community["coordinator"], coordinator=True),
        "plain-desk": lambda: principal_of(community["coordinator"]),
    }[who]()
    TeamKeyShare.objects.create(
        team_key=community["key"],
        person=community["member"],
        personal_fingerprint="x",
        sealed_secret=b"x",
    )
    for team in Team.objects.all():
        TeamChange.objects.create(team=team, field="name")
    for audience in ("public", "members"):
        TeamSignature.objects.create(team=community["cert"], audience=audience)
    by_query = set(model.objects.visible_to(principal).values_list("pk", flat=True))
    by_object = {row.pk for row in model.objects.all() if row.is_visible_to(principal)}
    assert by_query == by_object


ORGANISATION = {
    "name": "New Carrier",
    "short_name": "NC",
    "safe_harbour": "not-stated",
    "kind": "interconnect-carrier",
    "country": "br",
    "website": "https://nc.example",
}


def test_a_coordinator_enters_changes_retires_and_restores(client, community):
    sign_in(client, community["coordinator"], coordinator=True)
    made = client.post("/directory/organisations/new/", ORGANISATION)
    found = Organisation.objects.get(name="New Carrier")
    assert made.headers["Location"] == reverse("directory:organisation", args=[found.id])
    assert found.country == "BR"
    base = f"/directory/organisations/{found.id}/"
    shown = carried(client, base + "edit/")
    client.post(base + "edit/", {**ORGANISATION, "country": "fi", **shown})
    client.post(base + "teams/new/", {"name": "NC CERT", "kind": "cert", "timezone": "UTC"})
    team = Team.objects.get(name="NC CERT")
    refused = client.post(f"/directory/teams/{team.id}/retire/", {"confirm_name": "no"})
    assert refused.status_code == 400
    client.post(f"/directory/teams/{team.id}/retire/", {"confirm_name": " nc  cert "})
    client.post(f"/directory/teams/{team.id}/restore/")
    client.post(base + "retire/", {"confirm_name": "New Carrier"})
    found.refresh_from_db()
    assert (found.state, found.country) == (OrganisationState.RETIRED, "FI")
    client.post(base + "restore/")
    found.refresh_from_db()
    team.refresh_from_db()
    assert (found.state, team.retired_at) == (OrganisationState.LISTED, None)
    acts = AuditRecord.objects.filter(object_id__in=[found.id, team.id]).order_by("at")
    assert [record.act for record in acts] == [
        "directory:organisation:create",
        "directory:organisation:change",
        "directory:team:create",
        "directory:team:retire",
        "directory:team:restore",
        "directory:organisation:retire",
        "directory:organisation:restore",
    ]


def test_the_people_of_an_organisation_off_the_list_are_no_members(community):
    """They go on with their cases and their key; what is for members is closed to them."""
    team = TeamFactory()
    person = member_of(team)
    assert principal_of(person).is_member
    body = Organisation.objects.filter(id=team.organisation_id)
    body.update(state=OrganisationState.RETIRED)
    left = principal_of(person)
    assert (left.is_member, left.is_in_team, left.team_ids) == (False, True, {team.id})
    TeamMembershipFactory(team=TeamFactory(), person=person)
    assert principal_of(person).is_member  # by the other team
    assert principal_of(person).listed_organisation_ids.isdisjoint({team.organisation_id})
    body.update(state=OrganisationState.LISTED)
    assert principal_of(member_of(team)).is_member


def test_a_coordinator_notes_the_owner_and_finds_what_is_not_listed(client, community):
    sign_in(client, community["coordinator"], coordinator=True)
    owner = community["altus"]
    client.post("/directory/organisations/new/", {**ORGANISATION, "group": str(owner.id)})
    assert Organisation.objects.get(name="New Carrier").group == owner
    assert "Hidden Lab" not in client.get("/directory/").content.decode()
    assert "Hidden Lab" in client.get("/directory/?state=all").content.decode()
    client.logout()
    assert "Hidden Lab" not in client.get("/directory/?state=all").content.decode()
    page = client.get("/directory/?q=New+Carrier").content.decode()
    assert "Altus" not in page


@pytest.mark.parametrize(
    "changes",
    [
        {"group": "00000000-0000-4000-8000-000000000000"},
        {"name": ""},
        {"name": "x" * 161},
        {"name": "Altus Networks"},
        {"name": "two\nlines"},
        {"kind": "hub"},
        {"kind": "nonsense"},
        {"country": "FIN"},
        {"country": "1A"},
        {"website": "javascript:alert(1)"},
        {"website": "ftp://nc.example"},
        {"short_name": "\x00"},
    ],
)
def test_bad_organisations_are_refused_and_nothing_typed_is_lost(client, community, changes):
    sign_in(client, community["coordinator"], coordinator=True)
    response = client.post("/directory/organisations/new/", {**ORGANISATION, **changes})
    assert response.status_code in {400, 409}
    assert not Organisation.objects.filter(short_name="NC").exists()
    kept = "New Carrier" if "name" not in changes else "NC"
    assert kept in response.content.decode()


def test_the_desk_and_its_organisation_stay(client, community):
    desk = DeskFactory()
    sign_in(client, community["coordinator"], coordinator=True)
    for address, name in (
        (f"/directory/teams/{desk.id}/retire/", desk.name),
        (f"/directory/organisations/{desk.organisation_id}/retire/", desk.organisation.name),
    ):
        assert client.post(address, {"confirm_name": name}).status_code == 400
    desk.refresh_from_db()
    assert desk.retired_at is None


def test_a_representative_changes_the_teams_own_words_but_not_its_name(client, community):
    team = community["cert"]
    sign_in(client, community["member"])
    data = {
        "name": "Evil CERT",
        "kind": "psirt",
        "description": "<script>alert(1)</script>",
        "languages": "Finnish",
        "timezone": "Europe/Oslo",
    }
    address = f"/directory/teams/{team.id}/edit/"
    data |= carried(client, address)
    assert client.post(address, data).status_code == 302
    team.refresh_from_db()
    assert (team.name, team.kind, team.timezone) == ("Altus CERT", TeamKind.CERT, "Europe/Oslo")
    page = client.get(f"/directory/teams/{team.id}/").content.decode()
    assert "<script>alert(1)</script>" not in page
    bad = client.post(address, {**data, "timezone": "Mars/Olympus"})
    assert bad.status_code == 400


@pytest.mark.parametrize(
    ("kind", "value", "good"),
    [
        ("email", "cert@altus.example", True),
        ("email", "not an address", False),
        ("email", "a@b.example\nBcc: x@y.example", False),
        ("phone", "+358 9 123 4567", True),
        ("phone", "112", False),
        ("phone", "+358'><script>", False),
        ("web", "https://altus.example/cert", True),
        ("web", "javascript:alert(1)", False),
        ("web", "data:text/html,x", False),
        ("fax", "+358 9 123 4568", True),
        ("pigeon", "x", False),
        ("email", "", False),
    ],
)
def test_channels_are_checked_by_their_kind(client, kind, value, good):
    team = TeamFactory()
    sign_in(client, member_of(team, TeamRole.DEPUTY))
    data = {"kind": kind, "purpose": "main", "value": value, "is_public": "on"}
    response = client.post(f"/directory/teams/{team.id}/channels/new/", data)
    assert response.status_code == (302 if good else 400)
    assert Channel.objects.filter(team=team).count() == int(good)
    if good:
        again = client.post(f"/directory/teams/{team.id}/channels/new/", data)
        assert again.status_code == 409


CHANGES = {
    "organisation": (
        "organisations/{organisation}/edit/",
        {**ORGANISATION, "name": "Altus Networks", "short_name": "Altus"},
        "website",
    ),
    "team": (
        "teams/{team}/edit/",
        {"name": "Altus CERT", "kind": "cert", "languages": "Finnish", "timezone": "UTC"},
        "languages",
    ),
    "channel": (
        "teams/{team}/channels/{channel}/",
        {"kind": "email", "purpose": "main", "value": "day@altus.example"},
        "value",
    ),
    "role": ("teams/{team}/people/{place}/role/", {"role": "duty-officer"}, "role"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_the_second_of_two_who_change_the_same_is_told_and_loses_nothing(client, community, what):
    route, data, field = CHANGES[what]
    team = community["cert"]
    member_of(team, TeamRole.DEPUTY)
    address = "/directory/" + route.format(
        organisation=team.organisation_id,
        team=team.id,
        channel=Channel.objects.get(value="night@altus.example").id,
        place=TeamMembership.objects.get(person=community["member"]).id,
    )
    sign_in(client, community["coordinator"], coordinator=True)
    both = carried(client, address)
    first = {
        "role": "deputy",
        "value": "first@altus.example",
        "website": "https://first.example",
        "languages": "English",
    }.get(field, "First")
    assert client.post(address, {**data, **both, field: first}).status_code == 302
    told = client.post(address, {**data, **both})
    html = told.content.decode()
    assert told.status_code == 409
    assert "Somebody changed this before you" in html
    assert f'value="{data[field]}"' in html
    again = client.post(address, {**data, **read(html)})
    assert again.status_code == 302


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_without_what_its_page_showed_is_refused(client, community, what):
    route, data, _field = CHANGES[what]
    team = community["cert"]
    address = "/directory/" + route.format(
        organisation=team.organisation_id,
        team=team.id,
        channel=Channel.objects.get(value="night@altus.example").id,
        place=TeamMembership.objects.get(person=community["member"]).id,
    )
    sign_in(client, community["coordinator"], coordinator=True)
    records = AuditRecord.objects.count()
    refused = client.post(address, data)
    assert refused.status_code == 400
    assert "Open it again; nothing was changed" in refused.content.decode()
    assert AuditRecord.objects.count() == records


def test_what_two_people_remove_is_removed_and_recorded_once(community):
    principal = principal_of(community["coordinator"], coordinator=True)
    found = Channel.objects.get(value="night@altus.example")
    place = TeamMembership.objects.get(person=community["member"])
    member_of(community["cert"], TeamRole.DEPUTY)
    stale = Channel.objects.get(pk=found.pk), TeamMembership.objects.get(pk=place.pk)
    teams.remove_channel(principal=principal, channel=found)
    people.remove_person(principal=principal, membership=place, confirmed_name="Mika Salo")
    records = AuditRecord.objects.count()
    with pytest.raises(Conflict):
        teams.remove_channel(principal=principal, channel=stale[0])
    with pytest.raises(Conflict):
        teams.change_channel(principal=principal, channel=stale[0], value="back@altus.example")
    with pytest.raises(Conflict):
        people.remove_person(principal=principal, membership=stale[1], confirmed_name="Mika Salo")
    with pytest.raises(Conflict):
        people.change_role(principal=principal, membership=stale[1], role=TeamRole.MEMBER)
    assert AuditRecord.objects.count() == records


def test_a_removed_channel_can_be_put_back_once(client, community):
    team = community["cert"]
    sign_in(client, community["member"])
    found = Channel.objects.get(value="night@altus.example")
    client.post(f"/directory/teams/{team.id}/channels/{found.id}/remove/")
    page = client.get(f"/directory/teams/{team.id}/").content.decode()
    assert "You removed night@altus.example" in page
    client.post(f"/directory/teams/{team.id}/undo/")
    assert Channel.objects.filter(value="night@altus.example", is_public=False).count() == 1
    assert client.post(f"/directory/teams/{team.id}/undo/").status_code == 404


def test_another_teams_channel_and_place_cannot_be_reached_through_ones_own(client, community):
    own = TeamFactory()
    sign_in(client, member_of(own, TeamRole.REPRESENTATIVE))
    found = Channel.objects.get(value="night@altus.example")
    place = TeamMembership.objects.get(person=community["member"])
    base = f"/directory/teams/{own.id}"
    assert client.get(f"{base}/channels/{found.id}/").status_code == 404
    assert client.post(f"{base}/channels/{found.id}/remove/").status_code == 404
    assert client.post(f"{base}/people/{place.id}/role/", {"role": "member"}).status_code == 404
    other = f"/directory/teams/{community['cert'].id}"
    assert client.get(f"{other}/channels/{found.id}/").status_code == 403
    assert client.get(f"{other}/edit/").status_code == 403
    assert client.get(f"{other}/people/").status_code == 403


def test_a_representative_invites_and_the_link_gives_the_place(client, community):
    team = community["cert"]
    sign_in(client, community["member"])
    data = {"name": "Nea Koski", "email": "nea@altus.example", "role": "duty-officer"}
    response = client.post(f"/directory/teams/{team.id}/people/", data)
    assert response.context["link"].startswith("http")
    from tcert.community.accounts.domain.people import accept_invitation
    from tcert.community.accounts.models import OneTimeLink

    link = OneTimeLink.objects.get(email="nea@altus.example")
    person = accept_invitation(link=link, name="Nea Koski", passphrase="granite otter waltz 92")
    place = TeamMembership.objects.get(person=person)
    assert (place.team, place.role) == (team, TeamRole.DUTY_OFFICER)


def test_to_a_representative_an_address_with_an_account_looks_like_any_other(client, community):
    known = community["colleague"]
    data = {"name": known.name, "email": known.email, "role": "member"}
    address = f"/directory/teams/{community['cert'].id}/people/"
    sign_in(client, community["member"])
    assert client.post(address, data).context["link"]
    sign_in(client, community["coordinator"], coordinator=True)
    assert client.post(address, data).status_code == 302
    assert TeamMembership.objects.filter(person=known, team=community["cert"]).exists()


def test_the_last_leader_stays_until_there_is_another(client, community):
    team = community["cert"]
    place = TeamMembership.objects.get(person=community["member"])
    sign_in(client, community["member"])
    base = f"/directory/teams/{team.id}/people/{place.id}"
    refused = client.post(f"{base}/role/", {"role": "member", **carried(client, f"{base}/role/")})
    assert refused.status_code == 400
    assert "Nobody else leads this team" in refused.content.decode()
    assert client.post(f"{base}/remove/", {"confirm_name": "Mika Salo"}).status_code == 400
    member_of(team, TeamRole.DEPUTY)
    assert client.post(f"{base}/remove/", {"confirm_name": "Mika"}).status_code == 400
    assert client.post(f"{base}/remove/", {"confirm_name": "mika salo"}).status_code == 302
    assert not TeamMembership.objects.filter(pk=place.pk).exists()
