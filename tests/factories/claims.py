"""Claims with what they cover, proofs, disputes, imports."""

from datetime import timedelta

import factory
from tests.factories.directory import OrganisationFactory, TeamFactory

from tcert.community.claims import spaces
from tcert.community.claims.enums import Proof, State, Way
from tcert.community.claims.models import (
    VERIFIED_FOR,
    Answer,
    Batch,
    Claim,
    Covered,
    Dispute,
    Verification,
)
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel import clock


class ClaimFactory(factory.django.DjangoModelFactory):
    """A claim on a network, as it was typed a month ago; it covers what its value says."""

    class Meta:
        model = Claim
        skip_postgeneration_save = True

    organisation = factory.SubFactory(OrganisationFactory)
    kind = Kind.PLMN
    value = "999-70"
    evidence = "Licence 12 of the regulator"
    valid_from = factory.LazyFunction(lambda: clock.now() - timedelta(days=30))
    created_at = factory.LazyFunction(lambda: clock.now() - timedelta(days=30))

    class Params:
        verified = factory.Trait(
            state=State.VERIFIED,
            verified_from=factory.LazyFunction(lambda: clock.now() - timedelta(days=20)),
            verified_until=factory.LazyFunction(
                lambda: clock.now() - timedelta(days=20) + VERIFIED_FOR
            ),
        )

    @factory.post_generation
    def covered(self, *_args, **_kwargs):
        for one in spaces.stretches(spaces.read(Kind(self.kind), self.value)):
            Covered.objects.create(claim=self, space=one.space, prefix=one.prefix)


class VerificationFactory(factory.django.DjangoModelFactory):
    """The word of a team of another house, asked for and not given yet."""

    class Meta:
        model = Verification

    claim = factory.SubFactory(ClaimFactory)
    way = Way.ATTESTATION
    state = Proof.ASKED
    by_team = factory.SubFactory(TeamFactory)
    expires_at = factory.LazyFunction(lambda: clock.now() + timedelta(days=30))


class DisputeFactory(factory.django.DjangoModelFactory):
    """A dispute that waits for a decision, about a claim that is marked so."""

    class Meta:
        model = Dispute

    claim = factory.SubFactory(ClaimFactory, state=State.DISPUTED)
    organisation = factory.SubFactory(OrganisationFactory)
    reason = "We hold it since 2019."


class AnswerFactory(factory.django.DjangoModelFactory):
    """What the one who contests adds."""

    class Meta:
        model = Answer

    dispute = factory.SubFactory(DisputeFactory)
    organisation = factory.SelfAttribute("dispute.organisation")
    text = "The regulator's letter says so."


class BatchFactory(factory.django.DjangoModelFactory):
    """An import that is still to be read."""

    class Meta:
        model = Batch

    organisation = factory.SubFactory(OrganisationFactory)
