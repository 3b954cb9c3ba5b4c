"""Keys as members read them: of all teams, of one, and one by itself."""

import csv
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tcert.community.directory.enums import KeyState
from tcert.community.directory.models import WARN_BEFORE_EXPIRY, Team, TeamKey
from tcert.community.directory.views.base import team_for
from tcert.community.keyring import queries, rotation
from tcert.community.keyring.domain import attestations
from tcert.community.keyring.domain.proofs import FOUND, NOTHING, OTHER
from tcert.community.keyring.enums import Level, PurposeState
from tcert.community.keyring.forms import AddressForm, CodeForm, FilterForm
from tcert.community.keyring.models import LEVELS, Attestation, KeyProof, PurposeKey
from tcert.community.keyring.verification import Verification
from tcert.community.keyring.views.base import key_for
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, page, principal_of
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.answers import attachment, harmless

PER_PAGE = 50
OUTCOMES = {
    FOUND: _("the same key stands there"),
    OTHER: _("another key stands there"),
    NOTHING: _("no key stands there"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A key with how it is known, as a table shows it."""

    key: queries.Key
    known: Verification

    @property
    def words(self) -> list[str]:
        """Return the levels that hold, in words."""
        return [str(LEVELS[level]) for level in self.known.levels]

    @property
    def strongest(self) -> str:
        """Return the level that a list shows, in words."""
        return str(LEVELS[self.known.strongest])

    @property
    def is_proven(self) -> bool:
        """Does anything hold at all?"""
        return self.known.strongest != Level.UNPROVEN


def rows(keys: list[queries.Key]) -> list[Row]:
    """Return keys with how each is known."""
    known = queries.verified(keys)
    return [Row(key, known[key.name]) for key in keys]


def _found(request: HttpRequest) -> tuple[FilterForm, QuerySet[TeamKey]]:
    """Return the filters and the keys that they leave: one for each team that has one."""
    form = FilterForm(request.GET)
    form.is_valid()
    values, now = form.cleaned_data, clock.now()
    teams = Team.objects.visible_to(principal_of(request)).on_list()
    if text := values.get("q", "").strip():
        starts = Q(name__istartswith=text) | Q(name__icontains=f" {text}")
        house = Q(organisation__name__istartswith=text)
        teams = teams.filter(starts | house | Q(organisation__short_name__istartswith=text))
    keys = TeamKey.objects.filter(team__in=teams, state=KeyState.ACTIVE)
    if values.get("show") == "soon":
        keys = keys.filter(expires_at__gt=now, expires_at__lte=now + WARN_BEFORE_EXPIRY)
    elif values.get("show") == "expired":
        keys = keys.filter(expires_at__lte=now)
    order = ("team__organisation__name", "team__name", "id")
    return form, keys.select_related("team__organisation__group__group").order_by(*order)


@require_safe
@page(Permission.KEYRING_READ)
def overview(request: HttpRequest) -> HttpResponse:
    """List the keys that teams are sealed to, with how each is known."""
    form, found = _found(request)
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": shown,
        "rows": rows([queries.of_team_key(key) for key in shown]),
        "narrowed": any(form.cleaned_data.values()),
        "query": request.GET.urlencode(),
    }
    return render(request, "keyring/overview.html", context)


@require_safe
@page(Permission.KEYRING_READ)
def export(request: HttpRequest) -> HttpResponse:
    """Write the same list as CSV."""
    _form, found = _found(request)
    response = attachment("", "keys.csv", "text/csv; charset=utf-8")
    sheet = csv.writer(response)
    sheet.writerow(["team", "organisation", "fingerprint", "expires", "known", "attesting_teams"])
    for row in rows([queries.of_team_key(key) for key in found]):
        expires = f"{row.key.expires_at:%Y-%m-%d}" if row.key.expires_at else ""
        team = row.key.team
        cells = [team.name, team.organisation.name, row.key.fingerprint, expires]
        words = " ".join(row.known.levels)
        sheet.writerow([*map(harmless, cells), words, row.known.teams])
    return response


@require_safe
@page(Permission.KEYRING_READ)
def team(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show all keys of a team: what each is for, how it is known, and what was before."""
    found, principal = team_for(request, pk), principal_of(request)
    keys = queries.keys_of(principal, [found.id])
    published = PurposeKey.objects.filter(team=found, state=PurposeState.PUBLISHED)
    context = {
        "team": found,
        "rows": rows([key for key in keys if key.is_current]),
        "past": [(key, _overlap(key)) for key in keys if not key.is_current],
        "rotation": rotation.draw([_span(key) for key in keys if key.is_for_sealing], clock.now()),
        "ids": {(key.fingerprint, key.purpose): key.id for key in published},
        "published": published,
        "may_manage": allowed(principal, Permission.KEYRING_MANAGE, found),
        "is_on": queries.publishes(found),
        "is_own": found.id in principal.team_ids,
    }
    return render(request, "keyring/team.html", context)


def _span(key: queries.Key) -> rotation.Span:
    revoked = key.state == KeyState.REVOKED
    return rotation.Span(
        key.fingerprint[-8:], key.created_at, key.ended_at, key.expires_at, revoked
    )


def _overlap(key: queries.Key) -> int | None:
    """Return for how many days an ended key was, or is, still good for old signatures."""
    if key.ended_at is None or key.expires_at is None or key.state == KeyState.REVOKED:
        return None
    return max((key.expires_at - key.ended_at) // timedelta(days=1), 0)


@require_safe
@page(Permission.KEYRING_READ)
def key(request: HttpRequest, pk: UUID, fingerprint: str) -> HttpResponse:
    """Show one key: how it is known, who attests it, what its team can still prove."""
    found, principal = key_for(request, pk, fingerprint), principal_of(request)
    may_manage = allowed(principal, Permission.KEYRING_MANAGE, found.team)
    every = Attestation.objects.visible_to(principal).filter(
        to_team=found.team, fingerprint=found.fingerprint
    )
    told = [(one, queries.counts(one)) for one in every.with_teams()]
    context = {
        "key": found,
        "row": rows([found])[0],
        "counting": [one for one, counts in told if counts],
        "over": [one for one, counts in told if not counts],
        "obstacle": _obstacle(principal, found),
        "may_attest": found.team.id not in principal.team_ids
        and allowed(principal, Permission.KEYRING_ATTEST),
        "may_manage": may_manage,
        "proofs": _proofs(principal, found) if may_manage else [],
        "addresses": sorted(queries.addresses(found)) if may_manage else [],
        "code": CodeForm(),
        "address": AddressForm(),
    }
    return render(request, "keyring/key.html", context)


def _obstacle(principal: Principal, found: queries.Key) -> str:
    """Say why the person's only team cannot attest, before anything is typed."""
    teams = queries.led_teams(principal)
    if len(teams) != 1:
        return ""
    refused = attestations.refusal_of(teams[0], found, clock.now())
    return str(attestations.REFUSALS[refused]) if refused else ""


def _proofs(principal: Principal, found: queries.Key) -> list[tuple[KeyProof, str]]:
    mine = KeyProof.objects.visible_to(principal).filter(
        team=found.team, fingerprint=found.fingerprint
    )
    failed = _("the domain could not be asked")
    return [(one, str(OUTCOMES.get(one.outcome, failed)) if one.outcome else "") for one in mine]
