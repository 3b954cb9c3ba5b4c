"""Deleting notices with the thing that they speak of."""

from uuid import UUID

from tcert.community.notices.models import Notice


def forget_about(about: UUID) -> list[UUID]:
    """Delete every notice about a thing, with its pages; returns those that records may name."""
    notices = Notice.objects.filter(about=about)
    named = list(notices.filter(acknowledged_at__isnull=False).values_list("id", flat=True))
    notices.delete()
    return named
