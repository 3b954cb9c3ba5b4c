"""What goes with a case that is deleted; what was published stays (`models.Advisory`)."""

from uuid import UUID

from django.db.models import Exists, OuterRef

from tcert.response.advisories.models import Advisory, FinalCopy, Release


def has_plans(case_id: UUID) -> bool:
    """Tell whether the hub is about to publish something of the case."""
    return Advisory.objects.filter(case_id=case_id).exclude(pending="").exists()


def forget_case(case_id: UUID) -> tuple[list[UUID], list[UUID]]:
    """Delete the parties' marked copies, and the texts that were never published.

    Returns the texts that are gone, and those that stay and whose records name parties.
    """
    texts = Advisory.objects.filter(case_id=case_id)
    FinalCopy.objects.filter(advisory__in=texts).delete()
    published = Exists(Release.objects.filter(advisory=OuterRef("pk")))
    stay = list(texts.filter(published).values_list("id", flat=True))
    gone = list(texts.exclude(published).values_list("id", flat=True))
    texts.filter(id__in=gone).delete()
    return gone, stay
