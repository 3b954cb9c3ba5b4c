"""A party that the hub does not know: who may be asked, what is stored, what is sealed and when."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from tests.factories.case_parties import give_key
from tests.factories.cases import ExclusionFactory, ParticipantFactory
from tests.factories.desk import InterestFactory
from tests.factories.directory import (
    OrganisationFactory,
    TeamFactory,
    TeamMembershipFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.parties import (
    ADDRESS,
    CONTACT,
    a_case,
    asked_out,
    brought,
    confirmed,
    joined,
    leader,
    mailed_token,
)
from tests.principals import PASSPHRASE, principal_of

from tcert.community.accounts.domain.links import open_link
from tcert.community.accounts.models import OneTimeLink, Person
from tcert.community.accounts.tokens import digest
from tcert.community.directory.domain import keys, organisations, people
from tcert.community.directory.enums import (
    KeyState,
    OrganisationState,
    SecondChannel,
    TeamRole,
)
from tcert.community.directory.models import Channel, Organisation, Team, TeamKey
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.mail import Mail
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.sealed.models import Recipient
from tcert.foundation.ui.waiting import waiting_for
from tcert.response.advisories import parties as of_advisories
from tcert.response.cases.domain import participants, threads, triage
from tcert.response.cases.domain.machines import move_embargo
from tcert.response.cases.enums import (
    Consent,
    EmbargoAct,
    EmbargoState,
    InvitationState,
    ManagementAct,
    Presence,
    Role,
    ThreadPurpose,
)
from tcert.response.cases.models import Case, Participant
from tcert.response.parties.domain import confirming, inviting, joining
from tcert.response.parties.enums import PartyState
from tcert.response.parties.jobs import run_clocks
from tcert.response.parties.models import PartyInvitation
from tcert.response.parties.queries import Step, standings

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def at_noon():
    with clock.frozen(NOW):
        yield


def step_of(invitation):
    [one] = standings([PartyInvitation.objects.get(pk=invitation.pk)])
    return one.step


def sealed_to(team):
    """Count the reader sets of threads in which a team stands."""
    return Recipient.objects.filter(holder_id=team.id).count()


# Inviting --------------------------------------------------------------------


def test_the_mail_is_neutral_and_its_secret_stands_nowhere_but_in_it():
    case = a_case()
    invitation = asked_out(case, addresses=[ADDRESS, "cert@corevale.example"])
    mails = {m.recipient: (m.subject, bytes(m.entity).decode()) for m in Mail.objects.all()}
    assert set(mails) == {ADDRESS, "cert@corevale.example"}
    for subject, text in mails.values():
        for word in (case.code_name, case.number, "Corevale", "UDM", "vulnerab", "embargo", "case"):
            assert word.lower() not in (subject + text).lower()
    token = mailed_token()
    assert OneTimeLink.objects.get(digest=digest(token)).expires_at == NOW + 72 * HOUR
    assert mailed_token("cert@corevale.example") != token
    stored = str(list(OneTimeLink.objects.values())) + str(list(AuditRecord.objects.values()))
    assert token not in stored + str(list(PartyInvitation.objects.values()))
    assert (invitation.state, step_of(invitation)) == (PartyState.SENT, Step.SENT)
    assert not Team.objects.exclude(is_desk=True).exists()


def test_the_link_never_outlives_the_embargo():
    case = a_case(parts__embargo=EmbargoState.ACTIVE)
    case.embargo.ends_at = NOW + 10 * HOUR
    case.embargo.save()
    invitation = asked_out(case)
    assert invitation.expires_at == NOW + 10 * HOUR
    move_embargo(principal=leader(), embargo=case.embargo, act=EmbargoAct.PROPOSE)
    move_embargo(
        principal=leader(),
        embargo=case.embargo,
        act=EmbargoAct.ACCEPT,
        ends_at=NOW + 4 * HOUR,
    )
    jobs.run_due()
    invitation.refresh_from_db()
    assert invitation.expires_at == NOW + 4 * HOUR
    assert OneTimeLink.objects.get().expires_at == NOW + 4 * HOUR


def excluded_by(case, how):
    """Enter somebody who must not be told, and return what of the invitation reaches them."""
    house = OrganisationFactory(name="Hidden", website="https://www.hidden.example/")
    team = TeamFactory(organisation=house)
    if how == "typed name":
        ExclusionFactory(case=case, team=None, name="corevale")
        return {}
    ExclusionFactory(case=case, team=None, organisation=house)
    if how == "group":
        return {"group": house}
    if how == "domain":
        return {"addresses": ["psirt@mail.hidden.example"]}
    if how == "channel":
        Channel.objects.create(team=team, kind="email", value="Team@elsewhere.example")
        return {"addresses": ["team@elsewhere.example"]}
    return {"addresses": [member_of(team).email]}


def test_who_is_tied_to_the_owner_of_a_party_is_kept_out_from_the_invitation_on():
    """Before the terms the party is no participant; its line on the case's page would tell all."""
    case, tied = a_case(), coordinator_of_desk()
    owner = InterestFactory(person=tied).organisation
    assert case.is_coordinated_by(principal_of(tied, coordinator=True))
    invitation = asked_out(case, group=owner)
    principal = principal_of(tied, coordinator=True)
    assert not case.is_coordinated_by(principal)
    assert not Case.objects.visible_to(principal).exists()
    assert not PartyInvitation.objects.visible_to(principal).exists()
    assert not AuditRecord.objects.visible_to(principal).filter(act="cases:party-invited").exists()
    inviting.withdraw(principal=leader(), invitation=invitation, revision=None)
    assert case.is_coordinated_by(principal_of(tied, coordinator=True)), "named by mistake"


@pytest.mark.parametrize("how", ["typed name", "group", "domain", "channel", "person"])
def test_who_must_not_be_told_is_not_reached_from_outside_either(how):
    case = a_case()
    about = excluded_by(case, how)
    with pytest.raises(DomainError, match="must not be told"):
        asked_out(case, **about)
    assert not Mail.objects.exists()
    assert not PartyInvitation.objects.exists()


def test_other_refusals_send_nothing():
    case, by = a_case(), leader()
    OrganisationFactory(name="Corevale Networks", short_name="Corevale")
    with pytest.raises(DomainError, match="in the directory"):
        asked_out(case, by)
    tied = OrganisationFactory()
    person = coordinator_of_desk()
    TeamMembershipFactory(team=TeamFactory(organisation=tied), person=person)
    with pytest.raises(DomainError, match="tied to"):
        asked_out(case, principal_of(person, coordinator=True), name="Daughter of tied", group=tied)
    for wrong in ({"addresses": []}, {"addresses": [f"a{n}@x.example" for n in range(6)]}):
        with pytest.raises(DomainError, match="addresses"):
            asked_out(case, by, name="New", **wrong)
    with pytest.raises(DomainError, match="role"):
        asked_out(case, by, name="New", roles=[])
    case.exclusions_settled_at = None
    case.save()
    with pytest.raises(DomainError, match="First say who"):
        asked_out(case, by, name="New")
    assert not Mail.objects.exists()


def test_only_the_desk_invites_and_not_without_rights():
    with pytest.raises(PermissionDenied):
        asked_out(by=principal_of(coordinator_of_desk()))
    other = TeamFactory()
    give_key(other)
    chosen = a_case(coordinating_team=other)
    with pytest.raises(PermissionDenied):
        asked_out(chosen, principal_of(member_of(other)))


def test_the_same_party_twice_is_told():
    case = a_case()
    asked_out(case)
    with pytest.raises(Conflict, match="invited into this case already"):
        asked_out(case, name="COREVALE")
    assert Mail.objects.count() == 1


# Joining ---------------------------------------------------------------------


def test_an_account_comes_with_a_provisional_team_without_rights():
    invitation, person = joined()
    team = invitation.team
    assert team.organisation.state == OrganisationState.PROVISIONAL
    assert person.memberships.get().role == TeamRole.REPRESENTATIVE
    principal = principal_of(person)
    assert (principal.is_in_team, principal.is_member) == (True, False)
    other = member_of(listed := TeamFactory())
    assert set(Team.objects.visible_to(principal_of(other)).exclude(is_desk=True)) == {listed}
    assert not Organisation.objects.visible_to(principal_of(other)).filter(name="Corevale").exists()
    assert not Case.objects.visible_to(principal).exists()
    assert not Participant.objects.filter(team=team).exists()
    assert step_of(invitation) == Step.ACCOUNT
    assert invitation.expires_at == NOW + 72 * HOUR
    told = [str(line.title) for line in waiting_for(principal)]
    assert "Go on with your invitation: bring a key" in told
    assert not [t for t in told if invitation.case.code_name in t]


def test_of_two_addresses_the_first_counts():
    invitation = asked_out(addresses=[ADDRESS, "cert@corevale.example"])
    first, second = open_link(mailed_token()), open_link(mailed_token("cert@corevale.example"))
    joining.join(link=first, name="Kim", passphrase=PASSPHRASE)
    with pytest.raises(Conflict):
        joining.join(link=second, name="Lee", passphrase=PASSPHRASE)
    with pytest.raises(DomainError, match="does not work"):
        open_link(mailed_token("cert@corevale.example"))
    assert Person.objects.filter(name__in=["Kim", "Lee"]).get().name == "Kim"
    invitation.refresh_from_db()
    assert invitation.state == PartyState.JOINED


def test_a_person_who_has_an_account_comes_in_with_it():
    person = member_of(TeamFactory())
    invitation = asked_out()
    link = open_link(mailed_token())
    joining.join_with_account(link=link, person=person)
    invitation.refresh_from_db()
    assert {m.team for m in person.memberships.all()} >= {invitation.team}
    assert principal_of(person).is_member
    assert Channel.objects.get(team=invitation.team).value == ADDRESS


@pytest.mark.parametrize("who", ["of an excluded team", "of the desk"])
def test_an_account_that_must_not_be_told_is_kept_out_without_a_reason(who):
    invitation = asked_out()
    link = open_link(mailed_token())
    person = coordinator_of_desk()
    if who == "of an excluded team":
        person = member_of(team := TeamFactory())
        ExclusionFactory(case=invitation.case, team=team)
    with pytest.raises(joining.NotForYou) as refused:
        joining.join_with_account(link=link, person=person)
    assert str(refused.value.message).startswith("This link cannot be used now")
    invitation.refresh_from_db()
    assert (invitation.state, invitation.team) == (PartyState.SENT, None)
    recorded = AuditRecord.objects.filter(act="cases:party-refused").exists()
    assert recorded == (who == "of an excluded team")


def test_an_exclusion_entered_after_the_mail_keeps_the_party_out():
    invitation = asked_out()
    ExclusionFactory(case=invitation.case, team=None, name="Corevale")
    with pytest.raises(joining.NotForYou):
        joined(invitation)
    assert not Organisation.objects.filter(name="Corevale").exists()
    assert not Person.objects.filter(email=ADDRESS).exists()
    open_link(mailed_token())  # nothing was used up


def test_a_closed_case_leads_nobody_on():
    invitation = asked_out()
    token = mailed_token()
    triage.judge(principal=leader(), case=invitation.case, revision=None, act=ManagementAct.CLOSE)
    jobs.run_due()
    with clock.frozen(NOW + HOUR):
        run_clocks()
    with pytest.raises(DomainError, match="does not work"):
        open_link(token)
    assert step_of(invitation) == Step.EXPIRED
    with pytest.raises(DomainError, match="accepted"):
        inviting.renew(
            principal=leader(), invitation=invitation, revision=None, addresses=[ADDRESS]
        )


# Before the key is confirmed nothing is sealed -------------------------------


def test_before_the_desk_heard_the_fingerprint_every_door_is_shut():
    case, by = a_case(), leader()
    invitation, person = joined(case=case, by=by)
    team = invitation.team
    key = brought(invitation, person)
    assert (key.state, step_of(invitation)) == (KeyState.PENDING, Step.KEY_WAITS)
    with pytest.raises(DomainError, match="not confirmed"):
        participants.invite(principal=by, case=case, team=team, roles=[Role.VENDOR])
    with pytest.raises(DomainError, match="not confirmed"):
        participants.invite(principal=by, case=a_case(), team=team, roles=[Role.VENDOR])
    with pytest.raises(DomainError, match="not confirmed"):
        confirming.ask(principal=by, invitation=invitation, revision=None)
    with pytest.raises(threads.NoKey):
        threads.team_recipient(team)
    row = ParticipantFactory(case=case, team=team)  # as if a row stood there all the same
    with pytest.raises(threads.NoKey):
        threads.open_with_desk(principal=by, participant=row)
    with pytest.raises(DomainError, match="let the desk confirm it"):
        people.place_for(
            principal=principal_of(person), team=team, role=TeamRole.MEMBER, email="a@b.example"
        )
    wide = threads.open_wide(principal=by, case=case, purpose=ThreadPurpose.ALL, asked=[row])
    with pytest.raises(threads.NoKey):
        threads.join(principal=principal_of(person), reader=wide.readers.get(participant=row))
    threads.refresh_for_team(team.id)
    assert sealed_to(team) == 0
    invitation.refresh_from_db()
    assert invitation.state == PartyState.JOINED


def test_the_team_cannot_confirm_its_own_key_nor_list_itself():
    invitation, person = joined()
    key = brought(invitation, person)
    own = principal_of(person)
    for act in (
        lambda: confirmed(invitation, key, own),
        lambda: keys.confirm_key(
            principal=own,
            key=key,
            heard_fingerprint=key.fingerprint,
            channel=SecondChannel.PHONE,
            contact=CONTACT,
        ),
        lambda: organisations.restore_organisation(
            principal=own, organisation=invitation.team.organisation
        ),
    ):
        with pytest.raises(PermissionDenied):
            act()
    key.refresh_from_db()
    assert key.state == KeyState.PENDING


def test_the_whole_fingerprint_and_the_published_contact_are_asked_for():
    invitation, person = joined()
    key = brought(invitation, person)
    with pytest.raises(DomainError, match="not the fingerprint"):
        confirmed(invitation, key, heard_fingerprint=key.fingerprint[-16:])
    with pytest.raises(DomainError, match="published contact"):
        confirmed(invitation, key, contact=" ")
    with pytest.raises(DomainError, match="published contact"):
        keys.confirm_key(
            principal=leader(),
            key=key,
            heard_fingerprint=key.fingerprint,
            channel=SecondChannel.PHONE,
        )
    by = leader()
    confirmed(invitation, key, by)
    key.refresh_from_db()
    assert (key.state, key.confirmed_how, key.confirmed_contact) == (
        KeyState.ACTIVE,
        SecondChannel.PHONE,
        CONTACT,
    )
    assert (key.confirmed_by, key.confirmed_at) == (by.person_id, NOW)


def test_a_key_swapped_before_or_after_needs_confirming_again():
    invitation, person = joined()
    old = brought(invitation, person)
    new = brought(invitation, person, "third")  # between the call and the typing
    with pytest.raises(Conflict):
        confirmed(invitation, old)
    with pytest.raises(DomainError, match="not the fingerprint"):
        confirmed(invitation, new, heard_fingerprint=old.fingerprint)
    terms = confirmed(invitation, new)
    later = brought(invitation, person, "first")  # after, without the old key's signature
    assert later.state == KeyState.PENDING
    participants.accept(
        principal=principal_of(person), invitation=terms, revision=None, agreed_end=None
    )
    link = invitation.case.threads.get(purpose=ThreadPurpose.DESK)
    sealed = {r.fingerprint for r in link.thread.current_set.recipients.all()}
    assert new.fingerprint in sealed
    assert later.fingerprint not in sealed
    keys.withdraw_key(
        principal=principal_of(person),
        key=TeamKey.objects.get(pk=new.pk),
        confirmed_name="Corevale",
    )
    with pytest.raises(threads.NoKey):
        threads.team_recipient(invitation.team)


def test_a_key_of_another_party_confirms_nothing():
    invitation, _person = joined()
    other, somebody = joined(name="Other", addresses=["psirt@other.example"])
    key = brought(other, somebody)
    with pytest.raises(DomainError, match="not the party's"):
        confirmed(invitation, key)
    key.refresh_from_db()
    assert key.state == KeyState.PENDING


def test_an_exclusion_entered_meanwhile_leaves_the_key_unconfirmed_too():
    invitation, person = joined()
    key = brought(invitation, person)
    ExclusionFactory(case=invitation.case, team=None, name="Corevale")
    with pytest.raises(DomainError, match="must not be told"):
        confirmed(invitation, key)
    key.refresh_from_db()
    invitation.refresh_from_db()
    assert (key.state, invitation.state) == (KeyState.PENDING, PartyState.JOINED)


# After it --------------------------------------------------------------------


def test_after_confirmation_everything_goes_the_ordinary_way():
    case = a_case(parts__embargo=EmbargoState.ACTIVE)
    invitation, person = joined(case=case)
    with clock.frozen(NOW + 10 * HOUR):
        terms = confirmed(invitation, brought(invitation, person))
        assert terms.expires_at == NOW + 82 * HOUR
    assert terms.embargo_ends_at == case.embargo.ends_at
    assert step_of(invitation) == Step.TERMS
    own = principal_of(person)
    assert not Case.objects.visible_to(own).exists()
    assert invitation.team not in of_advisories.facts(case.id).teams
    participants.accept(
        principal=own, invitation=terms, revision=None, agreed_end=case.embargo.ends_at
    )
    row = Participant.objects.get(team=invitation.team)
    assert (row.presence, row.consent) == (Presence.TAKING_PART, Consent.SIGNATORY)
    assert row.role_names == {Role.VENDOR}
    assert Case.objects.visible_to(own).get() == case
    assert step_of(invitation) == Step.ACCEPTED
    assert sealed_to(invitation.team) == 1


def test_listing_asks_for_a_confirmed_key():
    invitation, person = joined()
    house, by = invitation.team.organisation, leader()
    key = brought(invitation, person)
    with pytest.raises(DomainError, match="Confirm its key"):
        organisations.restore_organisation(principal=by, organisation=house)
    confirmed(invitation, key)
    organisations.restore_organisation(principal=by, organisation=house)
    assert Team.objects.visible_to(principal_of(member_of(TeamFactory()))).filter(
        pk=invitation.team_id
    )
    assert principal_of(person).is_member


# Clocks, sending anew, withdrawing -------------------------------------------


def test_a_link_that_nobody_used_runs_out_once_and_the_desk_is_told():
    invitation = asked_out()
    token = mailed_token()
    with clock.frozen(NOW + 72 * HOUR):
        run_clocks()
        run_clocks()
        with pytest.raises(DomainError, match="does not work"):
            open_link(token)
        by = leader()
        assert "Corevale did not follow the invitation" in {
            str(line.title) for line in waiting_for(by)
        }
    assert AuditRecord.objects.filter(act="cases:party-expired").count() == 1
    assert step_of(invitation) == Step.EXPIRED


def test_without_a_key_the_place_lapses_and_with_one_the_desk_is_waited_for():
    silent, _person = joined()
    waits, somebody = joined(name="Other", addresses=["psirt@other.example"])
    brought(waits, somebody)
    with clock.frozen(NOW + 73 * HOUR):
        run_clocks()
        by = leader()
        [line] = [w for w in waiting_for(by) if str(w.title) == "Confirm the key of Other"]
        assert line.due == NOW + 72 * HOUR
        assert (step_of(silent), step_of(waits)) == (Step.LAPSED, Step.KEY_WAITS)
        inviting.renew(principal=by, invitation=silent, revision=None)
        silent.refresh_from_db()
        assert (silent.state, silent.expires_at) == (PartyState.JOINED, NOW + 145 * HOUR)


def test_who_has_not_come_is_reminded_once_without_a_link():
    asked_out()
    token = mailed_token()
    Mail.objects.all().delete()
    with clock.frozen(NOW + 50 * HOUR):
        run_clocks()
        run_clocks()
    mail = Mail.objects.get(recipient__isnull=False)
    assert (mail.recipient, mail.subject) == (ADDRESS, "A reminder")
    assert token.encode() not in bytes(mail.entity)
    assert b"#" not in bytes(mail.entity)


def test_sent_anew_the_old_link_is_dead_and_a_mistyped_address_too():
    invitation = asked_out(addresses=["psrit@corevale.example"])
    old = mailed_token("psrit@corevale.example")
    with clock.frozen(NOW + HOUR):
        inviting.renew(
            principal=leader(),
            invitation=invitation,
            revision=invitation.revision,
            addresses=[ADDRESS],
        )
        with pytest.raises(DomainError, match="does not work"):
            open_link(old)
        assert open_link(mailed_token()).email == ADDRESS
    assert [a.email for a in invitation.addresses.all()] == [ADDRESS]
    invitation.refresh_from_db()
    assert invitation.expires_at == NOW + 73 * HOUR
    with pytest.raises(Conflict):  # a page that showed the older state
        inviting.renew(principal=leader(), invitation=invitation, revision=0, addresses=[ADDRESS])


def test_withdrawn_before_and_after_an_account():
    early = asked_out()
    inviting.withdraw(principal=leader(), invitation=early, revision=None)
    with pytest.raises(DomainError, match="does not work"):
        open_link(mailed_token())
    with clock.frozen(NOW + HOUR):
        late, person = joined()  # the same name may be invited again
    inviting.withdraw(principal=leader(), invitation=late, revision=None)
    assert not principal_of(person).is_in_team
    assert Person.objects.filter(pk=person.pk, is_active=True).exists()
    with pytest.raises(Conflict):
        inviting.withdraw(principal=leader(), invitation=late, revision=None)
    with pytest.raises(Conflict):
        confirming.ask(principal=leader(), invitation=late, revision=None)
    with pytest.raises(DomainError, match="taken off"):
        asked_out(late.case)


def test_terms_that_were_put_are_answered_withdrawn_and_lapse_as_ordinary_ones():
    invitation, person = joined()
    terms = confirmed(invitation, brought(invitation, person))
    with pytest.raises(Conflict):
        inviting.withdraw(principal=leader(), invitation=invitation, revision=None)
    participants.withdraw(principal=leader(), invitation=terms)
    assert step_of(invitation) == Step.TAKEN_BACK
    again = participants.invite(
        principal=leader(), case=invitation.case, team=invitation.team, roles=[Role.VENDOR]
    )
    participants.decline(principal=principal_of(person), invitation=again, revision=None)
    assert again.state == InvitationState.DECLINED
    assert step_of(invitation) == Step.DECLINED


def test_the_desk_is_told_that_a_key_waits():
    invitation, person = joined()
    Mail.objects.all().delete()
    Channel.objects.create(
        team=invitation.case.coordinating_team, kind="email", value="desk@tcert.example"
    )
    brought(invitation, person)
    jobs.run_due()
    assert "desk@tcert.example" in {m.recipient for m in Mail.objects.all()} or any(
        m.recipient is None for m in Mail.objects.all()
    )
