"""What imports ask of the desk."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.imports.enums import Phase, Source
from tcert.community.imports.models import KEPT_FOR, SOURCES, Entry, Import
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.waiting import Urgency, Waiting


def desk(principal: Principal) -> Iterator[Waiting]:
    """Show imports to confirm, and in one line the entries to decide about."""
    if not principal.is_desk:
        return
    for batch in Import.objects.filter(phase=Phase.PREVIEW):
        yield Waiting(
            title=_("Confirm or stop an import: %(list)s")
            % {"list": SOURCES[Source(batch.source)]},
            why=_("It was read, and nothing is changed before somebody confirms."),
            otherwise=_("It is forgotten on that day."),
            url=reverse("imports:import", args=[batch.id]),
            due=batch.begun_at + KEPT_FOR,
        )
    undecided = Entry.objects.filter(is_open=True).count()
    if undecided:
        yield Waiting(
            title=_("Entries of other directories to decide: %(count)d") % {"count": undecided},
            why=_("Each shares something exact with a team here; a person says whether it is it."),
            otherwise=_("The team does not see what is said of it."),
            url=reverse("imports:entries") + "?show=open",
            urgency=Urgency.WHENEVER,
        )
