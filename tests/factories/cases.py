"""Cases with their coordinating team, participants and invitations."""

from datetime import UTC, datetime, time, timedelta

import factory
from tests.factories.directory import DeskFactory, TeamFactory

from tcert.foundation.kernel import clock
from tcert.response.cases.enums import (
    CaseKind,
    Consent,
    EmbargoState,
    Management,
    Position,
    Presence,
    Role,
)
from tcert.response.cases.models import (
    Case,
    CaseProduct,
    Embargo,
    Exclusion,
    Invitation,
    Participant,
    ParticipantRole,
    Statement,
)

END = datetime.combine(clock.today() + timedelta(days=65), time(17), UTC)
"""When an embargo ends whose end a test does not choose: after everything that it does."""


class ParticipantFactory(factory.django.DjangoModelFactory):
    """A vendor that takes part and has received the report."""

    class Meta:
        model = Participant
        skip_postgeneration_save = True

    case = factory.SubFactory("tests.factories.cases.CaseFactory")
    team = factory.SubFactory(TeamFactory)
    presence = Presence.TAKING_PART
    management = Management.RECEIVED
    consent = Consent.NO_EMBARGO

    @factory.post_generation
    def roles(self, _create, extracted, **_kwargs):
        for role in extracted or (Role.VENDOR,):
            ParticipantRole.objects.create(participant=self, role=role)


class CaseFactory(factory.django.DjangoModelFactory):
    """A case that the desk has accepted: numbered, nobody excluded, ready to invite."""

    class Meta:
        model = Case
        skip_postgeneration_save = True

    code_name = factory.Sequence(lambda n: f"Quiet Harbour {n}")
    number = factory.Sequence(lambda n: f"TCERT-2025-{n:04d}")
    kind = CaseKind.VULNERABILITY
    coordinating_team = factory.SubFactory(DeskFactory)
    exclusions_settled_at = factory.LazyFunction(clock.now)

    @factory.post_generation
    def parts(self, _create, _extracted, management=Management.ACCEPTED, embargo=None):
        holds = embargo in {EmbargoState.ACTIVE, EmbargoState.REVISE}
        Embargo.objects.create(
            case=self, state=embargo or EmbargoState.NONE, ends_at=END if embargo else None
        )
        ParticipantFactory(
            case=self,
            team=self.coordinating_team,
            management=management,
            consent=Consent.SIGNATORY if holds else Consent.NO_EMBARGO,
            roles=(Role.COORDINATOR,),
        )


class ReceivedFactory(CaseFactory):
    """A case as the report has just opened it."""

    class Meta:
        model = Case
        skip_postgeneration_save = True

    number = None
    exclusions_settled_at = None
    parts__management = Management.RECEIVED


class CaseProductFactory(factory.django.DjangoModelFactory):
    """A product that a case is about."""

    class Meta:
        model = CaseProduct

    case = factory.SubFactory(CaseFactory)
    name = factory.Sequence(lambda n: f"Corevale UDM {n}")


class StatementFactory(factory.django.DjangoModelFactory):
    """A vendor's statement that its product is affected."""

    class Meta:
        model = Statement

    participant = factory.SubFactory(ParticipantFactory)
    product = factory.LazyAttribute(lambda o: CaseProductFactory(case=o.participant.case))
    version = "4.2"
    position = Position.KNOWN_AFFECTED
    text = "We reproduced it."


class InvitationFactory(factory.django.DjangoModelFactory):
    """An invitation that can still be answered."""

    class Meta:
        model = Invitation

    participant = factory.SubFactory(
        ParticipantFactory, presence=Presence.INVITED, management=Management.START
    )
    tlp = "AMBER"
    expires_at = factory.LazyFunction(lambda: clock.now() + timedelta(hours=72))


class ExclusionFactory(factory.django.DjangoModelFactory):
    """A team that must not be told."""

    class Meta:
        model = Exclusion

    case = factory.SubFactory(CaseFactory)
    team = factory.SubFactory(TeamFactory)
