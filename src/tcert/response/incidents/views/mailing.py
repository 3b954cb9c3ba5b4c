"""How a member mails an incident: what to send to which key, with downloads."""

from uuid import UUID, uuid4

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tcert.community.directory.models import Team
from tcert.community.talks.queries import speaking_teams
from tcert.foundation.kernel.access import page, principal_of
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.answers import attachment
from tcert.response.incidents import inbox, kinds, mailkit
from tcert.response.incidents.letter import MOST_BYTES
from tcert.response.incidents.mailkit import Kit


def _team(principal: Principal) -> Team | None:
    teams = list(speaking_teams(principal))
    acting = [team for team in teams if team.id == principal.acting_team_id]
    return next(iter([*acting, *teams]), None)


@require_safe
@never_cache
@page(Permission.INCIDENTS_REPORT)
def mail(request: HttpRequest) -> HttpResponse:
    """Say how an incident is mailed; each look gives a key of its own for one incident."""
    team = _team(principal_of(request))
    kit = mailkit.kit_for(team, uuid4()) if team is not None else None
    context = {
        "is_open": inbox.is_open(),
        "address": settings.INCIDENT_ADDRESS,
        "kit": kit,
        "team": team,
        "codes": [
            code.partition(":")[2] for _title, some in kinds.choices()[:1] for code, _n in some
        ],
        "most": MOST_BYTES // 1024**2,
    }
    return render(request, "incidents/mail.html", context)


def _kit(request: HttpRequest, key: UUID) -> Kit:
    team = _team(principal_of(request))
    kit = mailkit.kit_for(team, key) if team is not None else None
    if kit is None:
        raise Http404
    return kit


@require_safe
@never_cache
@page(Permission.INCIDENTS_REPORT)
def mail_keys(request: HttpRequest, key: UUID) -> HttpResponse:
    """Serve the keys to which a mail and its text are sealed, armoured, to be imported."""
    return attachment(_kit(request, key).keyring, mailkit.KEYS_NAME, "application/pgp-keys")


@require_safe
@never_cache
@page(Permission.INCIDENTS_REPORT)
def mail_facts(request: HttpRequest, key: UUID) -> HttpResponse:
    """Serve the lines to fill in."""
    return attachment(_kit(request, key).facts, mailkit.FACTS_NAME, "text/plain; charset=utf-8")


@require_safe
@never_cache
@page(Permission.INCIDENTS_REPORT)
def mail_words(request: HttpRequest, key: UUID) -> HttpResponse:
    """Serve the text to write into: the header that goes inside, an empty line, the body."""
    words = _kit(request, key).words(principal_of(request).label)
    return attachment(words, mailkit.WORDS_NAME, "text/plain; charset=utf-8")
