"""Entries, contacts, claims and reports: what is taken, what is refused, what each side learns."""

from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.core.exceptions import PermissionDenied
from tests.factories.desk import InterestFactory, confirmed
from tests.factories.directory import (
    DeskFactory,
    TeamFactory,
    TeamMembershipFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.market import (
    ContactFactory,
    MeasureClaimFactory,
    NeedFactory,
    OfferFactory,
    ProviderFactory,
    ReportFactory,
)
from tests.factories.talks import RefusalFactory, side
from tests.principals import principal_of

from tcert.community.directory.enums import OrganisationState, TeamRole
from tcert.community.market import jobs, queries, waiting
from tcert.community.market.domain import ageing, contacts, entries, reports, wishes
from tcert.community.market.enums import Act, ContactState, Ground, Kind, Outcome, State
from tcert.community.market.models import LONGEST, Contact, Entry, Happened, Report, Wish
from tcert.community.notices.models import Notice
from tcert.community.talks.domain.opening import NotTaken
from tcert.community.talks.models import Talk
from tcert.community.talks.readers import NoKey
from tcert.foundation.kernel import clock
from tcert.foundation.kernel import jobs as kernel_jobs
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError, TooMany
from tcert.foundation.kernel.second import NeedsSecond
from tcert.foundation.kernel.shown import mark

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def values(**changed):
    return {
        "is_unnamed": False,
        "subject": "audit",
        "title": "A review of SEPP rules",
        "text": "Two days on site.",
        "terms": "free",
        "valid_until": clock.today() + 90 * DAY,
        "domains": ["signalling"],
        "languages": ["en"],
        "regions": [],
        "audience": [],
        **changed,
    }


def lead_of(team):
    return principal_of(member_of(team, TeamRole.REPRESENTATIVE))


def moved(entry, act, by=None):
    done = entries.move(principal=by or lead_of(entry.team), entry=entry, act=act)
    entry.refresh_from_db()
    return done


# Entries -----------------------------------------------------------------------------------------


def test_who_leads_a_team_enters_for_it_and_nobody_else():
    team = TeamFactory()
    strangers = [
        principal_of(member_of(team)),
        principal_of(member_of(team, TeamRole.DUTY_OFFICER)),
        lead_of(TeamFactory()),
        principal_of(coordinator_of_desk(), coordinator=True),
    ]
    for principal in strangers:
        with pytest.raises(PermissionDenied):
            entries.enter(principal=principal, team=team, kind=Kind.OFFER, **values())
    made = entries.enter(principal=lead_of(team), team=team, kind=Kind.OFFER, **values())
    assert (made.state, made.listed_from, made.domains) == (State.DRAFT, None, ",signalling,")


def test_the_desk_offers_nothing_itself():
    desk = principal_of(coordinator_of_desk(), coordinator=True)
    with pytest.raises(PermissionDenied):
        entries.enter(principal=desk, team=DeskFactory(), kind=Kind.OFFER, **values())


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"text": "Write to cert@alder.example"}, "text"),
        ({"title": "Call +358 9 123 4567"}, "title"),
        ({"is_unnamed": True, "title": "ALDER  seeks an audit"}, "title"),
        ({"is_unnamed": True, "text": "See www.alder.example/plan"}, "text"),
        ({"valid_until": "past"}, "valid_until"),
        ({"valid_until": "far"}, "valid_until"),
    ],
)
def test_words_and_days_that_must_not_stand_there_are_refused_at_their_field(changed, field):
    days = {"past": clock.today() - DAY, "far": clock.today() + LONGEST + DAY}
    if "valid_until" in changed:
        changed = {"valid_until": days[changed["valid_until"]]}
    team = TeamFactory(name="Alder CERT", organisation__short_name="Alder")
    with pytest.raises(DomainError) as refused:
        entries.enter(principal=lead_of(team), team=team, kind=Kind.NEED, **values(**changed))
    assert refused.value.code == field
    assert not Entry.objects.exists()


def test_an_offer_always_has_a_name():
    team = TeamFactory()
    made = entries.enter(
        principal=lead_of(team), team=team, kind=Kind.OFFER, **values(is_unnamed=True)
    )
    assert made.is_unnamed is False


def test_a_team_has_so_many_entries_at_most():
    team = TeamFactory()
    OfferFactory.create_batch(entries.MOST, team=team)
    lead = lead_of(team)
    with pytest.raises(DomainError, match="30 entries"):
        entries.enter(principal=lead, team=team, kind=Kind.OFFER, **values())
    moved(Entry.objects.first(), Act.WITHDRAW, lead)
    entries.enter(principal=lead, team=team, kind=Kind.OFFER, **values())
    gone = Entry.objects.get(state=State.WITHDRAWN)
    with pytest.raises(DomainError, match="30 entries"):
        moved(gone, Act.TAKE_UP, lead)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("act", list(entries.MOVES))
def test_each_move_from_each_state(state, act):
    entry = OfferFactory(state=state)
    sources, target = entries.MOVES[act]
    if state in sources:
        assert moved(entry, act).state == target
        assert Happened.objects.get().act == act
    else:
        with pytest.raises(AlreadyDone):
            moved(entry, act)
        assert Entry.objects.get().state == state


def test_an_unnamed_need_comes_with_the_next_day_and_a_change_takes_it_there_again():
    need = NeedFactory(state=State.DRAFT, listed_from=None)
    reader = principal_of(member_of(TeamFactory()))
    lead, start = lead_of(need.team), clock.now()
    moved(need, Act.PUBLISH, lead)
    assert not Entry.objects.listed_to(reader).exists()
    with clock.frozen(start + DAY):
        assert Entry.objects.listed_to(reader).exists()
        entries.change(
            principal=lead,
            entry=need,
            shown=mark(need, entries.FIELDS),
            **values(is_unnamed=True),
        )
        assert not Entry.objects.listed_to(reader).exists()
    with clock.frozen(start + 2 * DAY):
        assert Entry.objects.listed_to(reader).exists()


def test_what_stood_with_a_name_does_not_lose_it_under_the_same_id():
    """Whoever kept the list of yesterday would read the name there."""
    team = TeamFactory()
    lead = lead_of(team)
    need = entries.enter(principal=lead, team=team, kind=Kind.NEED, **values())

    def hide():
        need.refresh_from_db()
        entries.change(
            principal=lead,
            entry=need,
            shown=mark(need, entries.FIELDS),
            **values(is_unnamed=True),
        )

    hide()
    need.refresh_from_db()
    assert need.is_unnamed, "a draft was seen by nobody"
    entries.change(principal=lead, entry=need, shown=mark(need, entries.FIELDS), **values())
    moved(need, Act.PUBLISH, lead)
    for act in (None, Act.WITHDRAW, Act.TAKE_UP):
        if act:
            moved(need, act, lead)
        if need.state != State.WITHDRAWN:
            with pytest.raises(DomainError, match="stood there with your team's name") as refused:
                hide()
            assert refused.value.code == "is_unnamed"


def test_of_two_who_change_it_the_second_is_told():
    entry = OfferFactory()
    lead, shown = lead_of(entry.team), mark(entry, entries.FIELDS)
    entries.change(principal=lead, entry=entry, shown=shown, **values())
    with pytest.raises(Conflict):
        entries.change(principal=lead, entry=entry, shown=shown, **values(title="Other"))


def test_still_true_in_one_act_lengthens_it_and_never_beyond_half_a_year():
    entry = OfferFactory(valid_until=clock.today() + 3 * DAY)
    moved(entry, Act.RENEW)
    assert entry.valid_until == clock.today() + 90 * DAY
    longest = OfferFactory(valid_until=clock.today() + LONGEST)
    moved(longest, Act.RENEW)
    assert longest.valid_until == clock.today() + LONGEST


def test_what_is_over_ends_is_reminded_of_before_and_forgotten_long_after():
    entry = OfferFactory(valid_until=clock.today() + 10 * DAY)
    contact = ContactFactory(entry=NeedFactory(valid_until=clock.today() + 10 * DAY))
    start, lead = clock.now(), lead_of(entry.team)
    jobs.age()
    jobs.age()
    kernel_jobs.run_due()
    assert Notice.objects.filter(team=entry.team).count() == 1
    (line,) = waiting.entries(lead)
    assert "true still" in str(line.title)
    with clock.frozen(start + 11 * DAY):
        jobs.age()
        entry.refresh_from_db()
        contact.refresh_from_db()
        assert (entry.state, contact.state) == (State.EXPIRED, ContactState.LAPSED)
        assert not list(waiting.entries(lead))
    with clock.frozen(start + 11 * DAY + ageing.KEEP):
        jobs.age()
        assert Entry.objects.filter(pk=entry.pk).exists()
        ReportFactory(entry=entry)
    with clock.frozen(start + 13 * DAY + ageing.KEEP):
        jobs.age()
        assert set(Entry.objects.all()) == {entry}, "a report waits on it"
        Report.objects.update(settled_at=clock.now())
        jobs.age()
        assert not Entry.objects.exists()


# Claims ------------------------------------------------------------------------------------------


def test_only_a_solution_provider_claims_and_only_clauses_of_the_list():
    entry = OfferFactory(team=ProviderFactory())
    lead = lead_of(entry.team)
    said = {"measure": "Gate 3.1", "requirement": "TS 33.117 4.2.3.4.2.1"}
    made = entries.claim(principal=lead, entry=entry, **said)
    assert made.title.startswith("Account protection")
    with pytest.raises(Conflict):
        entries.claim(principal=lead, entry=entry, **said)
    for changed, match in (
        ({"requirement": "TS 33.117"}, "list"),
        ({"requirement": "TS 99.999 1"}, "list"),
        ({"measure": "Gate 3, certified"}, "Certificates"),
    ):
        with pytest.raises(DomainError, match=match):
            entries.claim(principal=lead, entry=entry, **{**said, **changed})
    entries.unclaim(principal=lead, claim=made)
    with pytest.raises(AlreadyDone):
        entries.unclaim(principal=lead, claim=made)
    operator = OfferFactory()
    need = OfferFactory(team=entry.team, kind=Kind.NEED)
    for other in (operator, need):
        with pytest.raises(DomainError, match="solution providers"):
            entries.claim(principal=lead_of(other.team), entry=other, **said)


# Contacts ----------------------------------------------------------------------------------------


def test_turning_to_a_named_entry_opens_a_sealed_talk_about_it():
    a, b = side("Alder CERT"), side("Birch CERT")
    entry = OfferFactory(team=b.team)
    made = contacts.turn_to(principal=a.principal, entry=entry, team=a.team)
    talk = Talk.objects.get()
    assert (talk.about_kind, talk.about_id) == ("market-entry", entry.id)
    assert {p.team_id for p in talk.places.all()} == {a.team.id, b.team.id}
    assert (made.state, made.talk) == (ContactState.TALKING, talk)
    with pytest.raises(Conflict, match="already"):
        contacts.turn_to(principal=a.principal, entry=entry, team=a.team)
    RefusalFactory(team=b.team, other=a.team)
    with pytest.raises(NotTaken):
        contacts.turn_to(principal=a.principal, entry=OfferFactory(team=b.team), team=a.team)


def test_of_an_unnamed_need_nothing_is_opened_until_its_team_answers():
    a, b = side("Alder CERT"), side("Birch CERT")
    need = NeedFactory(team=b.team)
    asked = contacts.turn_to(principal=a.principal, entry=need, team=a.team)
    assert (asked.state, asked.talk) == (ContactState.ASKED, None)
    assert not Talk.objects.exists()
    (line,) = waiting.entries(b.principal)
    assert "asks to talk" in str(line.title)
    assert not list(waiting.entries(a.principal))
    with pytest.raises(PermissionDenied):
        contacts.answer(principal=a.principal, contact=asked)
    done = contacts.answer(principal=b.principal, contact=asked)
    assert done.talk.opened_by == b.team
    assert {p.team_id for p in done.talk.places.all()} == {a.team.id, b.team.id}
    with pytest.raises(AlreadyDone):
        contacts.decline(principal=b.principal, contact=asked)
    with pytest.raises(AlreadyDone):
        contacts.take_back(principal=a.principal, contact=asked)
    kernel_jobs.run_due()
    told = " ".join(m.body + m.subject for m in outbox.outbox)
    assert "Alder" not in told
    assert "Birch" not in told


def test_a_refused_team_sees_what_one_sees_whom_nobody_answers():
    """What the other side does (nothing, no, refusing talks) must not tell that it is there."""
    silent, no, refuses = side(), side(), side()
    a = side("Alder CERT")
    RefusalFactory(team=refuses.team, other=a.team)
    seen = []
    for other in (silent, no, refuses):
        asked = contacts.turn_to(
            principal=a.principal, entry=NeedFactory(team=other.team), team=a.team
        )
        if other is no:
            contacts.decline(principal=no.principal, contact=asked)
        asked.refresh_from_db()
        seen.append((asked.state_for_asker, asked.talk_id, asked.lapses_on))
    assert len(set(seen)) == 1
    assert not list(waiting.entries(refuses.principal)), "it is not bothered"
    with clock.frozen(clock.now() + 31 * DAY):
        ageing.lapse()
        assert set(Contact.objects.values_list("state", flat=True)) == {ContactState.LAPSED}
    assert a.principal.is_member


def test_a_declined_question_can_be_taken_back_and_asked_anew_like_a_silent_one():
    a, b = side(), side()
    need = NeedFactory(team=b.team)
    for declined in (False, True):
        asked = contacts.turn_to(principal=a.principal, entry=need, team=a.team)
        if declined:
            contacts.decline(principal=b.principal, contact=asked)
        contacts.take_back(principal=a.principal, contact=asked)
        asked.refresh_from_db()
        assert asked.state_for_asker == ContactState.TAKEN_BACK


def test_withdrawing_ends_what_waits():
    contact = ContactFactory(state=ContactState.DECLINED)
    moved(contact.entry, Act.WITHDRAW)
    contact.refresh_from_db()
    assert contact.state == ContactState.LAPSED


def test_a_team_turns_to_ten_in_a_day_and_needs_a_key_itself():
    a = side()
    for _ in range(contacts.BUDGET.limit):
        contacts.turn_to(principal=a.principal, entry=NeedFactory(), team=a.team)
    with pytest.raises(TooMany):
        contacts.turn_to(principal=a.principal, entry=NeedFactory(), team=a.team)
    keyless = TeamFactory()
    with pytest.raises(NoKey):
        contacts.turn_to(principal=lead_of(keyless), entry=NeedFactory(), team=keyless)


def test_whoever_may_not_see_an_entry_cannot_turn_to_it():
    a = side()
    for entry in (
        OfferFactory(audience=",vendor,"),
        OfferFactory(state=State.PAUSED),
        OfferFactory(team__organisation__state=OrganisationState.SUSPENDED),
        NeedFactory(listed_from=clock.today() + DAY),
    ):
        with pytest.raises(contacts.Gone):
            contacts.turn_to(principal=a.principal, entry=entry, team=a.team)
    with pytest.raises(DomainError, match="your own team"):
        contacts.turn_to(principal=a.principal, entry=OfferFactory(team=a.team), team=a.team)
    with pytest.raises(PermissionDenied):
        contacts.turn_to(
            principal=principal_of(member_of(a.team)), entry=OfferFactory(), team=a.team
        )


# Reports -----------------------------------------------------------------------------------------


def rights(person):
    return principal_of(person, coordinator=True)


def reported(entry):
    by = principal_of(member_of(TeamFactory()))
    return reports.report(principal=by, entry=entry, ground=Ground.FALSE_CLAIM, text="No.")


def test_a_coordinator_withdraws_a_named_entry_and_its_team_reads_why():
    entry = OfferFactory()
    about = reported(entry)
    waits = ContactFactory(entry=entry)
    reports.take_off(principal=rights(coordinator_of_desk()), about=about, reason="Untrue.")
    entry.refresh_from_db()
    waits.refresh_from_db()
    assert (entry.state, entry.taken_off_why) == (State.WITHDRAWN, "Untrue.")
    assert waits.state == ContactState.LAPSED
    kernel_jobs.run_due()
    assert Notice.objects.filter(team=entry.team).exists()
    with pytest.raises(DomainError, match="desk withdrew"):
        moved(entry, Act.TAKE_UP)
    with pytest.raises(AlreadyDone):
        reports.let_stay(principal=rights(coordinator_of_desk()), about=about, reason="No.")


def test_who_is_tied_needs_a_second_who_is_not_and_an_unnamed_need_always_takes_two():
    tied, other = coordinator_of_desk(), coordinator_of_desk()
    named, unnamed = OfferFactory(), NeedFactory()
    for entry in (named, unnamed):
        InterestFactory(person=tied, organisation=entry.team.organisation)
    about = reported(named)
    with pytest.raises(NeedsSecond):
        reports.take_off(principal=rights(tied), about=about, reason="Untrue.")
    agreed = confirmed(reports.TAKE_OFF, about.id)
    with pytest.raises(DomainError, match="tied"):
        reports.take_off(principal=rights(tied), about=about, reason="Untrue.", confirmation=agreed)
    with pytest.raises(DomainError, match="tied"):
        reports.let_stay(principal=rights(tied), about=about, reason="It is true.")
    done = reports.take_off(principal=rights(other), about=about, reason="Untrue.")
    assert done.outcome == Outcome.WITHDRAWN
    told = []
    for person in (tied, other):  # tied or not, the same is asked: else it would tell whose it is
        about = reported(unnamed)
        with pytest.raises(NeedsSecond) as raised:
            reports.take_off(principal=rights(person), about=about, reason="Untrue.")
        told.append((raised.value.act, raised.value.values))
        reports.let_stay(principal=rights(person), about=about, reason="It may stay.")
    assert told[0] == told[1]
    about = reported(unnamed)
    reports.take_off(
        principal=rights(tied),
        about=about,
        reason="Untrue.",
        confirmation=confirmed(reports.TAKE_OFF, about.id),
    )
    unnamed.refresh_from_db()
    assert unnamed.state == State.WITHDRAWN


def test_reporting_has_bounds_and_is_the_desks_to_decide():
    entry = OfferFactory()
    person = principal_of(member_of(TeamFactory()))
    typed = {"ground": Ground.OTHER, "text": "Look."}
    about = reports.report(principal=person, entry=entry, **typed)
    with pytest.raises(Conflict):
        reports.report(principal=person, entry=entry, **typed)
    with pytest.raises(DomainError, match="own team"):
        reports.report(principal=lead_of(entry.team), entry=entry, **typed)
    for principal in (person, principal_of(coordinator_of_desk())):
        with pytest.raises(PermissionDenied):
            reports.take_off(principal=principal, about=about, reason="Untrue.")
    with pytest.raises(DomainError, match="Say why"):
        reports.let_stay(principal=rights(coordinator_of_desk()), about=about, reason=" ")
    desk = rights(coordinator_of_desk())
    (line,) = waiting.reports(desk)
    assert "1" in str(line.title)


# Matches -----------------------------------------------------------------------------------------


def test_matches_stand_on_what_is_seen_and_say_why():
    own = OfferFactory(domains=",core,", languages=",en,")
    person = member_of(own.team)
    need = NeedFactory(domains=",core,ran,", languages=",en,fr,")
    NeedFactory(audience=",vendor,")
    NeedFactory(subject="training")
    NeedFactory(domains=",ran,")
    (fit,) = queries.fits(principal_of(person))
    ((seen, why),) = fit.others
    assert (seen.id, seen.team, seen.until) == (need.id, None, None)
    assert why == ["same subject: Test-bed", "same domain: Core network", "English in common"]


def test_only_who_asked_is_told_of_matches_and_only_of_new_ones():
    own, other = OfferFactory(), OfferFactory()
    start = clock.now()
    with clock.frozen(start - DAY):
        wishes.wish(principal=lead_of(own.team), team=own.team, wanted=True)
    NeedFactory(listed_from=clock.today() - DAY)
    NeedFactory(audience=",vendor,", listed_from=clock.today() - DAY)
    assert ageing.tell_of_matches() == 1
    kernel_jobs.run_due()
    assert Notice.objects.get().team_id == own.team_id
    assert ageing.tell_of_matches() == 0
    with clock.frozen(start + 7 * DAY):
        NeedFactory(audience=",vendor,", listed_from=clock.today() - DAY)
        assert ageing.tell_of_matches() == 0, "what the team cannot read"
        NeedFactory(listed_from=clock.today() - DAY)
        wishes.wish(principal=lead_of(own.team), team=own.team, wanted=False)
        assert ageing.tell_of_matches() == 0
    assert not Wish.objects.exists()
    assert other.pk


def test_what_is_published_on_the_day_of_the_mail_is_told_with_the_next_one():
    own = OfferFactory()
    wishes.wish(principal=lead_of(own.team), team=own.team, wanted=True)
    assert ageing.tell_of_matches() == 0
    NeedFactory(listed_from=clock.today())
    with clock.frozen(clock.now() + 7 * DAY):
        assert ageing.tell_of_matches() == 1
    with clock.frozen(clock.now() + 14 * DAY):
        assert ageing.tell_of_matches() == 0


def test_how_many_could_be_meant():
    need = NeedFactory(regions=",FI,", team__organisation__country="FI")
    TeamFactory(organisation__country="SE")
    assert queries.crowd(need) == 1
    need.regions = ""
    assert queries.crowd(need) == 2


def test_a_claim_goes_with_its_entry():
    claim = MeasureClaimFactory()
    TeamMembershipFactory(team=claim.entry.team)
    claim.entry.delete()
    assert not type(claim).objects.exists()
