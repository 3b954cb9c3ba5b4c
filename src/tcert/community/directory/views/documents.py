"""A team's documents: RFC 2350 as page, text and signature; security.txt, vCard, JSContact."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tcert.community.directory import team_facts
from tcert.community.directory.documents import (
    jscontact,
    languages,
    rfc2350,
    securitytxt,
    vcard,
)
from tcert.community.directory.documents.facts import TeamFacts
from tcert.community.directory.enums import Audience
from tcert.community.directory.models import Team, TeamSignature
from tcert.community.directory.section_forms import LanguageForm
from tcert.community.directory.views.base import team_for
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, page, principal_of
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import attachment

TEXT = "text/plain; charset=utf-8"
SOON = 60
"""Seconds after which the worker has signed, in most cases."""


def language_of(request: HttpRequest) -> str:
    """Return the language that the address asks for, else English."""
    form = LanguageForm(request.GET)
    form.is_valid()
    return form.cleaned_data.get("language") or languages.ENGLISH


def _facts(request: HttpRequest, team: Team) -> TeamFacts:
    return team_facts.of(team, team_facts.audience_of(principal_of(request), team))


@require_safe
@page(Permission.DIRECTORY_READ)
def description(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a team's description in the order of RFC 2350."""
    team = team_for(request, pk)
    principal = principal_of(request)
    facts = _facts(request, team)
    language = language_of(request)
    there = {tag for texts in facts.texts.values() for tag in texts}
    signature = _signature(request, team, rfc2350.write(facts))
    context = {
        "team": team,
        "entries": rfc2350.without_kept(rfc2350.outline(facts, language)),
        "language": language,
        "languages": [(tag, languages.NAMES[tag]) for tag in languages.ordered(there)],
        "signature": signature,
        "is_member": facts.for_members,
        "may_change": allowed(principal, Permission.DIRECTORY_TEAM_MANAGE, team),
    }
    return render(request, "directory/rfc2350.html", context)


@require_safe
@page(Permission.DIRECTORY_READ)
def text(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the description as plain text."""
    facts = _facts(request, team_for(request, pk))
    return _private(
        HttpResponse(rfc2350.write(facts, language_of(request)), content_type=TEXT), facts
    )


@require_safe
@page(Permission.DIRECTORY_READ)
def signature(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the hub's detached signature over `rfc2350.txt` as the same reader gets it.

    The worker signs soon after a change; until then there is none, and never one of other text.
    """
    team = team_for(request, pk)
    facts = _facts(request, team)
    found = _signature(request, team, rfc2350.write(facts))
    if found is None:
        answer = HttpResponse(
            _("The present text is not signed yet. Ask again in a minute.\n"),
            content_type=TEXT,
            status=404,
        )
        answer.headers["Retry-After"] = str(SOON)
        return answer
    return _private(
        attachment(found.signature, "rfc2350.txt.asc", "application/pgp-signature"), facts
    )


def _signature(request: HttpRequest, team: Team, written: str) -> TeamSignature | None:
    audience = team_facts.audience_of(principal_of(request), team)
    found: TeamSignature | None = TeamSignature.objects.filter(
        team=team, audience=audience, sha256=team_facts.digest(written)
    ).first()
    return found


@require_safe
@page(Permission.DIRECTORY_READ)
def security_txt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the team's security.txt: what is public only, for it is made to be published."""
    team = team_for(request, pk)
    facts = team_facts.of(team, Audience.PUBLIC)
    try:
        written = securitytxt.write(facts, clock.now())
    except securitytxt.NoContact:
        raise Http404(_("This team has no public channel that the file could name.")) from None
    return HttpResponse(written, content_type=TEXT)


@require_safe
@page(Permission.DIRECTORY_READ)
def card(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the team as a vCard."""
    team = team_for(request, pk)
    facts = _facts(request, team)
    return _private(
        attachment(vcard.write(facts), _name(team, "vcf"), "text/vcard; charset=utf-8"), facts
    )


@require_safe
@page(Permission.DIRECTORY_READ)
def contact(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the team as a JSContact card."""
    team = team_for(request, pk)
    facts = _facts(request, team)
    kind = "application/jscontact+json; version=1.0"
    return _private(attachment(jscontact.write(facts), _name(team, "json"), kind), facts)


def _name(team: Team, ending: str) -> str:
    return f"{slugify(team.name) or 'team'}.{ending}"


def _private(answer: HttpResponse, facts: TeamFacts) -> HttpResponse:
    """Keep what members alone read out of every store on the way."""
    if facts.for_members:
        answer.headers["Cache-Control"] = "private, no-store"
    return answer
