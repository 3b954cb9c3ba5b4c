"""Whose is this: one answer for page, command and calls, and how little of a closed claim it tells.

Protects: the right team is told, nobody learns a range or a party that is not open to them, and
what was asked stands nowhere.
"""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories.claims import ClaimFactory
from tests.factories.directory import (
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.reference import NetworkFactory
from tests.principals import principal_of
from tests.response.reference.test_asn import package

from tcert import cli
from tcert.community.claims.enums import State
from tcert.community.directory.enums import ChannelKind, ChannelPurpose, TeamKind
from tcert.community.directory.models import Channel
from tcert.foundation.identifiers import registry
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import ANONYMOUS, REPORTER, SYSTEM
from tcert.response.reference.domain import addresses
from tcert.response.routing import corrections, table, telling
from tcert.response.routing.resolving import Verdict, answers
from tcert.response.snapshot.enums import Basis, Side
from tcert.response.snapshot.resolution import resolve

pytestmark = pytest.mark.django_db


def a_team(name, **more):
    team = TeamFactory(organisation=OrganisationFactory(name=name, **more), name=f"{name} CERT")
    Channel.objects.create(
        team=team,
        kind=ChannelKind.EMAIL,
        purpose=ChannelPurpose.EMERGENCY,
        value=f"night@{name.split()[0].lower()}.example",
    )
    return team


def holder(value="999-70", name="Altus Networks", **claim):
    team = a_team(name)
    options = {"kind": "plmn", "verified": True, "tlp": "GREEN", **claim}
    ClaimFactory(organisation=team.organisation, value=value, **options)
    return team


@pytest.fixture
def member():
    return principal_of(member_of(TeamFactory()))


def asked(principal, *texts, **more):
    return answers(texts, at=more.pop("at", None) or clock.now(), principal=principal, **more)


def only(found):
    (line,) = found.lines
    return line


def test_a_proven_claim_decides_and_names_the_team_with_its_channels(member):
    team = holder()
    found = asked(member, "99970")
    line = only(found)
    (reading,) = line.readings
    (one,) = reading.candidates
    assert line.verdict == Verdict.DECIDED
    assert (one.name, one.team, one.confidence, one.matched) == (
        "Altus Networks",
        team.id,
        95,
        "999-70",
    )
    assert one.reason == "holder of 999-70 (verified)"
    party = found.parties[team.organisation_id, team.id]
    assert [reach.value for reach in party.contact.channels] == ["night@altus.example"]


def test_what_is_derived_waits_for_a_person_and_is_masked(member):
    holder()
    line = only(asked(member, "imsi-999700123456789"))
    (reading,) = line.readings
    assert (line.verdict, reading.shown) == (Verdict.WAITING, "99970xxxxxxxxxx")
    assert (reading.first[0].confidence, reading.first[0].basis) == (70, Basis.DERIVED)


def test_source_and_victim_are_worded_apart(member):
    holder("operator.example", kind="realm")
    said = {
        side: only(asked(member, "operator.example", side=side)).readings[0].says
        for side in (Side.SOURCE, Side.VICTIM, None)
    }
    assert said[Side.SOURCE] == "traffic that claims to come from"
    assert said[Side.VICTIM] == "traffic that claims to concern"
    assert "writes what they like" in said[None]


def test_a_moment_in_the_past_is_answered_as_of_then(member):
    now = clock.now()
    holder(name="Former One", valid_from=now - timedelta(days=90), valid_until=now, verified=False)
    holder(name="Present One")
    assert only(asked(member, "999-70")).readings[0].first[0].name == "Present One"
    then = only(asked(member, "999-70", at=now - timedelta(days=60)))
    assert then.readings[0].first[0].name == "Former One"


def test_a_closed_claim_tells_whom_to_turn_to_and_nothing_else(member):
    team = holder("+4917100", kind="gt-range", tlp="AMBER", evidence="Licence 12")
    holder("+49171", name="Behind Them", kind="gt-range", tlp="AMBER")
    found = asked(member, "+491710012345")
    told = json.dumps(telling.as_data(found)) + telling.as_csv(found)
    line = only(found)
    ((one,),) = [reading.candidates for reading in line.readings]
    assert (one.name, one.is_open, one.confidence) == ("Altus Networks", False, 95)
    assert found.parties[team.organisation_id, team.id].contact.channels
    assert (one.role, one.state, one.matched, one.source, one.on) == (None, None, "", "", None)
    for kept in ("4917100", "Behind Them", "typed", "Licence", "verified", "holder"):
        assert kept not in told.replace(line.readings[0].shown, "")


def test_nobody_but_who_sees_a_claim_reads_of_it_as_the_claims_say(member):
    """What is open is what `Claim.is_visible_to` says, for each mark, holder and reader."""
    from tcert.community.claims.models import Claim

    own = principal_of(member_of(holder("999-01", name="Own", tlp="AMBER")))
    for n, tlp in enumerate(("AMBER", "GREEN", "CLEAR"), 2):
        holder(f"999-{n:02}", name=f"Other {n}", tlp=tlp)
    free = principal_of(coordinator_of_desk(), coordinator=True)
    without = principal_of(coordinator_of_desk())
    for who in (own, member, free, without):
        for claim in Claim.objects.select_related("organisation"):
            one = only(asked(who, claim.value)).readings[0].first[0]
            assert one.is_open == claim.is_visible_to(who), (claim.value, who)


@pytest.mark.parametrize("who", [ANONYMOUS, REPORTER])
def test_a_stranger_is_refused(who):
    with pytest.raises(PermissionDenied):
        asked(who, "999-70")


def test_two_holders_are_both_told_and_a_person_decides(member):
    holder()
    holder(name="Other One")
    line = only(asked(member, "999-70"))
    assert line.verdict == Verdict.WAITING
    assert {one.name for one in line.readings[0].first} == {"Altus Networks", "Other One"}


def test_a_dispute_is_shown_and_decides_nothing(member):
    holder(state=State.DISPUTED)
    line = only(asked(member, "999-70"))
    assert line.verdict == Verdict.WAITING
    assert line.readings[0].first[0].is_disputed


def test_a_text_with_several_readings_is_told_as_such(member):
    """Fifteen digits are a subscriber or a device: each leads to somebody, none is guessed."""
    holder("351-74", name="Operator", kind="plmn")
    holder("35174605", name="Maker", kind="tac")
    line = only(asked(member, "351746051234568"))
    assert line.is_ambiguous
    assert line.verdict == Verdict.WAITING
    assert {r.first[0].name for r in line.readings} == {"Operator", "Maker"}


def test_a_cut_number_never_decides_since_a_part_of_it_may_be_anothers(member):
    holder("+4917100", kind="gt-range")
    assert only(asked(member, "+491710012345")).verdict == Verdict.DECIDED
    cut = only(asked(member, "+49171001xxxx"))
    assert cut.verdict == Verdict.WAITING
    assert cut.readings[0].first[0].name == "Altus Networks"
    holder("+491710012", name="Of A Part", kind="gt-range")
    assert only(asked(member, "+49171001xxxx")).readings[0].first[0].name == "Altus Networks"


def test_the_steps_lead_through_the_group_to_the_desk(member):
    group = a_team("Group Holding")
    coordinator_of_desk()
    team = holder()
    team.organisation.group = group.organisation
    team.organisation.save()
    found = asked(member, "999-70")
    chain = [one.name for one in found.parties[team.organisation_id, team.id].chain]
    assert chain[:2] == ["Altus Networks CERT", "Group Holding CERT"]
    assert len(chain) == 3


def test_a_team_for_lawful_interception_is_never_named(member):
    team = holder()
    team.kind = TeamKind.LAWFUL_INTERCEPTION
    team.save()
    table.forget()
    assert only(asked(member, "999-70")).readings[0].first[0].team is None


def test_public_lists_answer_where_nobody_claims_it(member):
    NetworkFactory(plmn="208-01", operator="Orange S.A.")
    line = only(asked(member, "208-01"))
    (one,) = line.readings[0].candidates
    assert (line.verdict, one.name, one.organisation, one.confidence) == (
        Verdict.WAITING,
        "Orange S.A.",
        None,
        50,
    )
    assert one.on == clock.today()


def test_nobody_and_unread_are_apart_and_repeats_are_asked_once(member):
    found = asked(member, "999-70", "", "nonsense!", "999-70 ", "x" * 600, "+8821612345678")
    verdicts = {line.numbers: line.verdict for line in found.lines}
    assert verdicts == {
        (1, 4): Verdict.NOBODY,
        (3,): Verdict.UNREAD,
        (5,): Verdict.UNREAD,
        (6,): Verdict.NOBODY,
    }
    assert found.count(Verdict.NOBODY) == 3


def test_questions_stay_as_many_however_much_is_asked_and_claimed(member):
    def questions(*texts):
        with CaptureQueriesContext(connection) as captured:
            asked(member, *texts)
        return len(captured)

    holder()
    table.current()
    few = questions("999-70")
    for n in range(12):
        holder(f"998-{n:02}", name=f"Operator {n:02}")
    table.forget()
    table.current()
    assert questions(*[f"998-{n:02}" for n in range(12)], "+491710012345", "192.0.2.1") == few


def test_addresses_are_answered_as_from_a_table_with_all_their_networks(
    member, client, tmp_path, settings
):
    """The page asks the list for what was asked; a run over files has all of it compiled."""
    settings.DATA_DIR = tmp_path / "data"
    addresses.take(proposal=addresses.propose([package()]))
    team = holder("38803", name="Gamma", kind="asn")
    holder("1.0.4.0/24", name="Delta", kind="cidr", verified=False)
    whole = table.entire()
    at = clock.now()
    texts = ("1.0.0.7", "1.0.4.9", "1.0.5.9", "1.0.5.0/24", "9.9.9.9", "2001:470::1", "AS13335")
    for text in (*texts, "AS38803", "AS64500"):
        found = registry.guess(text)[0]
        compiled = resolve(whole, found, at).candidates
        (reading,) = [r for r in only(asked(member, text)).readings if r.kind == found.kind] or [()]
        told = reading.candidates if reading else ()
        assert [(one.confidence, one.place, one.basis, one.role) for one in told] == [
            (one.confidence, one.place, one.basis, one.role) for one in compiled
        ], text
    found = asked(member, "1.0.5.9")
    assert only(found).readings[0].first[0].team == team.id
    assert "db-ip.com" in found.attribution
    assert asked(member, "9.9.9.9").attribution == ""


HOSTILE = [
    "٣١٠٤١٠١٢٣٤٥٦٧٨٩",
    "\x00999-70",
    "999-70\u202e",
    "=cmd|' /C calc'!A0",
    "'; DROP TABLE claims_claim; --",
    "{{ 7*7 }}",
    "../../etc/passwd",
    "9" * 512,
    "x" * 511,
    "@" * 500,
    "-" * 500,
    "1.2.3.4/99",
    ":" * 500,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_answered_or_not_read(member, text):
    found = asked(member, text)
    assert all(one.verdict in {Verdict.UNREAD, Verdict.NOBODY} for one in found.lines)
    assert all(row[:1] not in "=+-@" for row in telling.as_csv(found).splitlines())


# The command ------------------------------------------------------------------


def run(monkeypatch, capsys, *words, given=b""):
    from io import BytesIO, TextIOWrapper

    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(given)))
    monkeypatch.setattr("tcert.foundation.kernel.schema.refuse_newer", lambda: None)
    code = cli._run(cli.build_parser().parse_args(["resolve", *words]))
    return code, capsys.readouterr()


def test_the_command_says_whose_it_is_and_ends_with_a_code(monkeypatch, capsys):
    holder(tlp="AMBER")
    code, said = run(monkeypatch, capsys, "999-70")
    assert code == 0
    for word in ("decided", "Altus Networks", "holder of 999-70 (verified)", "night@altus.example"):
        assert word in said.out
    code, said = run(monkeypatch, capsys, given=b"999700123456789\nnonsense!\n")
    assert code == 1
    assert "0123456789" not in said.out
    assert "no identifier that can be read" in said.out
    code, said = run(monkeypatch, capsys, "--json", "--side", "source", "999-70")
    assert code == 0
    assert json.loads(said.out)["answers"][0]["readings"][0]["candidates"][0]["confidence"] == 95


def test_the_command_refuses_nothing_and_too_much(monkeypatch, capsys):
    assert run(monkeypatch, capsys, given=b"\n\n")[0] == 2
    code, said = run(monkeypatch, capsys, given=b"1\n" * 5_001)
    assert code == 2
    assert "5000 lines" in said.err
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, capsys, "--at", "yesterday", "999-70")
    assert ended.value.code == 2


def test_the_operator_reads_all(monkeypatch):
    holder(tlp="AMBER")
    assert only(asked(SYSTEM, "999-70")).readings[0].first[0].is_open


def test_a_dispute_of_a_closed_claim_does_not_show_in_what_is_decided(member):
    """A proven claim that is contested answers whom it is closed to as any other proven one."""
    told = set()
    for value, state in [("999-70", State.VERIFIED), ("999-71", State.DISPUTED)]:
        holder(value, name=f"House of {value}", tlp="AMBER", state=state)
        line = only(asked(member, value))
        (reading,) = line.readings
        (one,) = reading.candidates
        told.add((line.verdict, reading.decided, one.confidence, one.reason, one.is_open))
    assert len(told) == 1


def test_no_gap_in_the_places_tells_of_a_claim_that_is_kept_back(member):
    NetworkFactory(plmn="999-70", operator="Listed")
    holder()
    holder(name="Hidden", tlp="AMBER", verified=False)
    (reading,) = only(asked(member, "999-70")).readings
    assert [(one.name, one.place) for one in reading.candidates] == [
        ("Altus Networks", 0),
        ("Listed", 1),
    ]


def test_who_merely_claims_a_code_makes_no_proven_one_less_likely(member):
    """Nor does it show, by how sure the proven one is, that somebody claims another in secret."""
    holder("405-03")
    before = only(asked(member, "405034001111111")).readings
    holder("405-034", name="Hidden", tlp="AMBER", verified=False)
    table.forget()
    assert only(asked(member, "405034001111111")).readings == before
    assert before[0].first[0].confidence == 70


def test_a_group_stands_behind_its_member_where_the_claim_is_open(member):
    """A closed claim leads to nobody but its holder: whose group that is, would tell more of it."""
    group = a_team("Zephyr Group")
    team = holder(name="Altus Networks", tlp="GREEN")
    house = team.organisation
    house.group = group.organisation
    house.save()
    (line,) = answers(["999-70"], at=clock.now(), principal=member).lines
    first, second = line.readings[0].candidates
    assert line.verdict == Verdict.DECIDED
    assert (first.organisation, first.confidence) == (house.id, 95)
    assert (second.organisation, second.team, second.confidence, second.basis) == (
        group.organisation_id,
        group.id,
        85,
        Basis.GROUP,
    )
    assert second.reason.startswith("group or parent of Altus Networks: holder of 999-70")
    text = telling.as_csv(answers(["999-70"], at=clock.now(), principal=member))
    assert "group or parent of Altus Networks" in text
    house.claims.update(tlp="AMBER")
    table.forget()
    (closed,) = answers(["999-70"], at=clock.now(), principal=member).lines
    assert [one.organisation for one in closed.readings[0].candidates] == [house.id]
    sister = principal_of(member_of(group))
    (theirs,) = answers(["999-70"], at=clock.now(), principal=sister).lines
    assert len(theirs.readings[0].candidates) == 1, "a group opens no claim of its member"


def test_a_group_is_shown_whether_or_not_it_holds_something_closed_itself(member):
    """Were it left out, who may not open its own claim would see that there is one."""
    group = holder("999-70", "Zephyr Group", verified=False, tlp="AMBER")
    house = holder(name="Altus Networks", tlp="GREEN").organisation
    house.group = group.organisation
    house.save()
    with_claim = answers(["999-70"], at=clock.now(), principal=member).lines
    own = principal_of(member_of(group))
    (theirs,) = answers(["999-70"], at=clock.now(), principal=own).lines
    assert [(one.name, one.role is not None) for one in theirs.readings[0].candidates] == [
        ("Altus Networks", True),
        ("Zephyr Group", True),
    ]
    assert "group or parent" not in theirs.readings[0].candidates[1].reason
    group.organisation.claims.all().delete()
    table.forget()
    assert answers(["999-70"], at=clock.now(), principal=member).lines == with_claim
    assert len(with_claim[0].readings[0].candidates) == 2


def test_what_a_member_says_is_not_theirs_leads_not_to_its_group_first(member, monkeypatch):
    group = a_team("Zephyr Group")
    house = holder(name="Altus Networks", tlp="GREEN", verified=False).organisation
    house.group = group.organisation
    house.save()
    other = holder(name="Birch", tlp="GREEN", verified=False).organisation
    said = corrections.Corrected(house.id, "999-70", clock.today())
    monkeypatch.setattr(corrections, "_sources", [lambda _houses: [said]])
    (line,) = answers(["999-70"], at=clock.now(), principal=member).lines
    found = line.readings[0].candidates
    assert [one.organisation for one in found] == [other.id, house.id, group.organisation_id]
    assert all("not theirs" in one.reason for one in found[1:])


def test_of_a_code_that_nobody_holds_the_country_is_told(member):
    shown = {
        "262-99": "network code belongs to a range",
        "+49171123456": "number belongs to a range",
        "2-034-1": "point code belongs to an area",
        "DE/2/1234": "point code belongs to an area",
    }
    found = answers(list(shown), at=clock.now(), principal=member)
    for line, what in zip(found.lines, shown.values(), strict=True):
        assert line.verdict == Verdict.NOBODY
        (one,) = line.readings[0].candidates
        assert (one.name, one.confidence) == ("Germany (DE)", 20)
        assert one.reason == (f"the {what} of Germany (DE); no team is known: the desk's queue")
