"""What the views share: finding a matrix and an entry within rights, and words for states."""

from uuid import UUID

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.enums import OrganisationState
from tcert.community.directory.models import Organisation
from tcert.community.responsibility.enums import EntryState, Gap
from tcert.community.responsibility.models import Entry, Matrix
from tcert.foundation.kernel.access import allowed, principal_of, require
from tcert.foundation.kernel.permissions import Permission

STATES = {
    EntryState.EMPTY: ("no", "bad", _("nobody")),
    EntryState.NEVER: ("open", "warn", _("not confirmed yet")),
    EntryState.CONFIRMED: ("done", "good", _("confirmed")),
    EntryState.DUE: ("half", "warn", _("to be confirmed again")),
    EntryState.OVERDUE: ("no", "bad", _("overdue")),
    EntryState.REFUSED: ("no", "bad", _("says: not mine")),
    EntryState.LEFT: ("no", "bad", _("has left")),
}
"""Shape, tone and word of each state (see the tag `state`)."""
GAPS = {
    Gap.NOBODY: _("Nobody is accountable."),
    Gap.TEAMS_ALONE: _("Teams do the work, and nobody is accountable."),
    Gap.LEFT: _("Who was accountable has left."),
    Gap.REFUSED: _("Who is named says that it is not theirs."),
    Gap.OVERDUE: _("Nobody has confirmed it for 90 days."),
    Gap.UNCONFIRMED: _("Who is named has not confirmed it yet."),
    Gap.NO_CHAIN: _("Nobody answers when the network is down: the phone chain is empty."),
    Gap.NO_DEPUTY: _("The phone chain has no deputy: one person at one telephone."),
    Gap.CHAIN_LEFT: _("Somebody in the phone chain has left."),
}


def organisation_for(
    request: HttpRequest, pk: UUID, permission: Permission | None = None
) -> Organisation:
    """Return a listed organisation that the person sees (404) and may act for (403)."""
    principal = principal_of(request)
    seen = Organisation.objects.visible_to(principal).filter(state=OrganisationState.LISTED)
    found: Organisation = get_object_or_404(seen.select_related("group__group"), pk=pk)
    if permission is not None:
        require(principal, permission, found)
    return found


def matrix_for(request: HttpRequest, pk: UUID, permission: Permission | None = None) -> Matrix:
    """Return the matrix of such an organisation; without one there is none."""
    organisation = organisation_for(request, pk, permission)
    found = get_object_or_404(Matrix.objects.visible_to(principal_of(request)), organisation=pk)
    found.organisation = organisation
    return found


def inner_matrix_for(request: HttpRequest, pk: UUID, permission: Permission) -> Matrix:
    """Return a matrix that the person reads in this way; to others its page does not exist."""
    found = matrix_for(request, pk)
    if not allowed(principal_of(request), permission, found.organisation):
        raise Http404
    return found


def entry_for(request: HttpRequest, pk: UUID, domain: str) -> Entry:
    """Return an entry that the person sees."""
    matrix = matrix_for(request, pk)
    seen = Entry.objects.visible_to(principal_of(request)).select_related("person")
    found: Entry = get_object_or_404(seen, matrix=matrix, domain=domain)
    found.matrix = matrix
    return found
