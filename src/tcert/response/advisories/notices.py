"""Mails about advisories: to the parties and the coordinating team, by the worker."""

from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tcert.community.notices.domain.telling import notify_team
from tcert.foundation.kernel.outbox import Event, subscribe
from tcert.response.advisories import parties, standing
from tcert.response.advisories.models import Advisory, FinalCopy, Release

_SOONER = gettext_lazy(
    "That leaves you less than 48 hours with the final text, because the flaw or an exploit is "
    "public. The reason stands in your team's copy of the text.\n"
)


@subscribe("advisories:final-text", name="advisories:tell-party")
def tell_party(event: Event) -> None:
    """Tell a party that the final text waits for it."""
    copy = FinalCopy.objects.filter(pk=event.object_id).first()
    if copy is not None:
        notify_team(
            copy.team_id,
            subject=_("Final text of an advisory before publication"),
            text=_(
                "The final text of an advisory that concerns you can be read before it is "
                "published, in your team's own marked copy:\n%(address)s\n"
            )
            % {"address": settings.BASE_URL + reverse("advisories:final", args=[copy.id])}
            + _planned(copy.advisory),
            key=f"final-text:{copy.id}",
            urgent=True,
        )


def _planned(advisory: Advisory) -> str:
    """Return when it is to appear: who joins after that was told to all must not be surprised."""
    if not advisory.is_scheduled:
        return ""
    return _("It is to be published at %(at)s UTC.\n") % {
        "at": f"{advisory.scheduled_for:%Y-%m-%d %H:%M}"
    }


@subscribe("advisories:joined-late", name="advisories:tell-joined-late")
def tell_joined_late(event: Event) -> None:
    """Tell the coordinating team that a party joined late, and whether that holds its plan back."""
    advisory = Advisory.objects.filter(pk=event.object_id).first()
    if advisory is None:
        return
    text = _("A party of %(number)s joined after the others had the final text. It has its copy.\n")
    if standing.wants_reason(advisory):
        text += _(
            "The planned release comes sooner than 48 hours after that. It will be held back "
            "unless you give a reason, or plan a later time:\n%(address)s\n"
        )
    address = settings.BASE_URL + reverse("advisories:text", args=[advisory.id])
    notify_team(
        advisory.team_id,
        subject=_("A party joined an advisory's case late"),
        text=text % {"number": advisory.number, "address": address},
        key=f"{event.id}:{advisory.team_id}",
        urgent=True,
    )


@subscribe("advisories:scheduled", name="advisories:tell-scheduled")
def tell_scheduled(event: Event) -> None:
    """Tell all parties when the release is planned for."""
    advisory = Advisory.objects.filter(pk=event.object_id).first()
    if advisory is None or advisory.scheduled_for is None:
        return
    _tell_all(
        advisory,
        event,
        subject=_("Publication of an advisory is planned"),
        text=_("%(number)s is to be published at %(at)s UTC.\n")
        % {"number": advisory.number, "at": f"{advisory.scheduled_for:%Y-%m-%d %H:%M}"}
        + (_SOONER if event.data.get("is_short_notice") else ""),
    )


@subscribe("advisories:held", name="advisories:tell-held")
def tell_held(event: Event) -> None:
    """Tell the coordinating team and all parties that a planned release did not happen."""
    advisory = Advisory.objects.filter(pk=event.object_id).first()
    if advisory is not None:
        _tell_all(
            advisory,
            event,
            subject=_("A planned publication was held back"),
            text=_(
                "%(number)s was not published as planned. The coordinating team looks into it.\n"
            )
            % {"number": advisory.number},
        )


@subscribe("advisories:published", name="advisories:tell-published")
def tell_published(event: Event) -> None:
    """Tell all parties that the advisory is public, and where."""
    release = Release.objects.filter(pk=UUID(event.data["release"])).first()
    if release is not None:
        _tell_all(
            release.advisory,
            event,
            subject=_("An advisory was published"),
            text=_("%(number)s was published:\n%(address)s\n")
            % {
                "number": release.number,
                "address": settings.BASE_URL
                + reverse("advisories:advisory", args=[release.number]),
            },
        )


def _tell_all(advisory: Advisory, event: Event, *, subject: str, text: str) -> None:
    teams = {advisory.team_id, *(team.id for team in parties.facts(advisory.case_id).teams)}
    for team_id in teams:
        notify_team(team_id, subject=subject, text=text, key=f"{event.id}:{team_id}")
