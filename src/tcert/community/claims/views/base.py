"""What the room's views share: finding things within rights."""

from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from tcert.community.claims.models import Batch, Claim
from tcert.community.directory.models import Organisation
from tcert.foundation.kernel.access import principal_of
from tcert.foundation.kernel.principal import Principal

PER_PAGE = 50


def organisation_for(request: HttpRequest, organisation_id: UUID) -> Organisation:
    """Return an organisation that the person sees."""
    found: Organisation = get_object_or_404(
        Organisation.objects.visible_to(principal_of(request)).select_related("group"),
        pk=organisation_id,
    )
    return found


def claim_for(request: HttpRequest, claim_id: UUID) -> Claim:
    """Return a claim that the person sees; to others it does not exist."""
    seen = Claim.objects.visible_to(principal_of(request))
    found: Claim = get_object_or_404(
        seen.select_related("organisation__group", "team"), pk=claim_id
    )
    return found


def batch_for(request: HttpRequest, batch_id: UUID) -> Batch:
    """Return an import of the person's organisation."""
    seen = Batch.objects.visible_to(principal_of(request))
    found: Batch = get_object_or_404(seen.select_related("organisation__group"), pk=batch_id)
    return found


def is_own(principal: Principal, claim: Claim) -> bool:
    """Tell whether evidence, proofs, overlaps and disputes are the person's to read."""
    own = claim.organisation_id in principal.listed_organisation_ids
    return own or principal.is_coordinator
