"""What sharing groups ask of who leads teams, for my day: by counts, never by a group's name."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.groups import queries
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.waiting import Waiting


def groups(principal: Principal) -> Iterator[Waiting]:
    """Yield one line for each kind of thing that waits, by one question whatever their number."""
    if not queries.led_ids(principal):
        return
    told = queries.waiting_counts(principal)
    for name, title, why, otherwise in (
        (
            "invited",
            _("Invitations into sharing groups: %(count)d"),
            _("Other teams want yours in a group."),
            _("They run out, and nothing is shared with your team."),
        ),
        (
            "asked",
            _("Sharing groups that ask your team to be a steward: %(count)d"),
            _("A steward invites, admits and removes teams."),
            _("The group has a steward less."),
        ),
        (
            "requests",
            _("Teams that ask to join a sharing group: %(count)d"),
            _("Your team is a steward, and one steward decides."),
            _("After 30 days the request is over without an answer."),
        ),
        (
            "words",
            _("Teams that ask for a word to join a sharing group: %(count)d"),
            _("Two of its teams, of different houses, let a team in."),
            _("Without two words nobody comes in."),
        ),
        (
            "objections",
            _("Objections against removals from sharing groups: %(count)d"),
            _("Your team is a steward."),
            _("The team stays removed without an answer."),
        ),
        (
            "removed",
            _("Sharing groups from which your team was removed: %(count)d"),
            _("You can read why, and object for 14 days."),
            _("The removal stays."),
        ),
    ):
        if told[name]:
            yield Waiting(
                title=title % {"count": told[name]},
                why=why,
                otherwise=otherwise,
                url=reverse("groups:list"),
            )
