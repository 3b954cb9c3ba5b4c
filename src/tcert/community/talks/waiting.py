"""What talks ask of people, for my day: by counts and days, never of whom or about what."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tcert.community.talks import queries
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.waiting import Urgency, Waiting


def talks(principal: Principal) -> Iterator[Waiting]:
    """Yield one line for each kind of thing that waits in talks, whatever their number."""
    if not (principal.is_member and principal.acting_team_ids):
        return
    told = queries.counted(principal)
    if not told["all"]:
        return  # my day costs who has no talk one question
    address = f"{reverse('talks:list')}?turn=ours"
    asked, waiting = told["asked"], told["waiting"]
    if asked:
        yield Waiting(
            title=ngettext(
                "A talk that your team is asked to join",
                "%(count)d talks that your team is asked to join",
                asked,
            )
            % {"count": asked},
            why=_("another team wants yours in a sealed talk"),
            otherwise=_("nothing of it is sealed to your team"),
            url=address,
        )
    if waiting:
        yield Waiting(
            title=ngettext("A team wrote to you", "Teams wrote to you in %(count)d talks", waiting)
            % {"count": waiting},
            why=_("others wrote since your team did"),
            otherwise=_("nobody answers; say “Needs no answer” where that is so"),
            url=address,
        )
    yield from _to_seal_anew(principal)
    yield from _deleted_soon(told["ending"])


def _to_seal_anew(principal: Principal) -> Iterator[Waiting]:
    for talk in queries.to_seal_anew(principal)[:5]:
        yield Waiting(
            title=_("Message of a talk to seal anew"),
            why=_("a reader cannot open what your team sent"),
            otherwise=_("the reader does not learn what you wrote"),
            url=reverse("talks:talk", args=[talk.id]),
        )


def _deleted_soon(ending: int) -> Iterator[Waiting]:
    if ending:
        yield Waiting(
            title=ngettext(
                "A talk that is deleted within 30 days",
                "%(count)d talks that are deleted within 30 days",
                ending,
            )
            % {"count": ending},
            why=_("silent and closed talks are not kept"),
            otherwise=_("they are gone for good: take your part before, if you need it"),
            url=reverse("talks:list"),
            urgency=Urgency.WHENEVER,
        )
