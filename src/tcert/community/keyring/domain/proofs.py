"""What the hub proves by itself: that a key answers at an address, and stands at its domain."""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from tcert.community.directory.enums import ChannelKind
from tcert.community.directory.models import Channel, Team
from tcert.community.keyring import queries, wkd
from tcert.community.keyring.enums import Proof
from tcert.community.keyring.models import KeyProof
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.fetcher import FetchError, Limits, NameUnknown, fetcher
from tcert.foundation.kernel.limits import Budget, Scope
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.openpgp import certificates, publishing
from tcert.foundation.openpgp.mailing import queue_sealed_mail

ASK = "keyring:proof:ask"
PROVE = "keyring:proof:prove"
CODE_LASTS = timedelta(hours=48)
LOOK_AGAIN = timedelta(days=30)
AT_ONCE = 500
"""So many looks at domains one day's run asks for."""

_ASKED = Budget("keyring:ask-proof", Scope.ACCOUNT, 20, timedelta(days=1))
_TYPED = Budget("keyring:type-code", Scope.ACCOUNT, 30, timedelta(hours=1))
_LIMITS = Limits(
    connect=5, read=5, whole=20, headers=16 * 1024, compressed=200_000, body=200_000, redirects=3
)

ASKED = "keyring:domain-asked"
"""A look at a domain is wanted; the object is the proof."""
FOUND, OTHER, NOTHING = "found", "other-key", "nothing"
_NOT_THERE = frozenset({404, 410})
"""Answers that there is no such file; another one, such as a fault there, says nothing of it."""


def ask_by_mail(*, principal: Principal, team: Team, key: queries.Key, address: str) -> KeyProof:
    """Send a code, sealed to the key, to an address that the key names and the team lists.

    Raises:
        DomainError: the key cannot be sealed to, or the address is not the team's or the key's.

    """
    require(principal, Permission.KEYRING_MANAGE, team)
    address = _own_address(team, key, address)
    certificates.inspect(key.certificate, clock.now())
    _ASKED.require(_person(principal))
    code = secrets.token_urlsafe(12)
    with transaction.atomic():
        proof = _asked(principal, key, Proof.MAIL, address)
        proof.digest, proof.expires_at = _digest(code), clock.now() + CODE_LASTS
        proof.save()
        record(principal, ASK, "team", team.id, key=key.fingerprint, kind=str(Proof.MAIL))
        queue_sealed_mail(
            to=address,
            certificate=key.certificate,
            subject=_("Code for your team's key"),
            text=_("Type this code on the page of the key within 48 hours: %(code)s")
            % {"code": code},
        )
    return proof


def prove_by_mail(*, principal: Principal, team: Team, key: queries.Key, code: str) -> KeyProof:
    """Take the code that only the key's holder at the address could read.

    Raises:
        DomainError: it is not the code, or its time is over.

    """
    require(principal, Permission.KEYRING_MANAGE, team)
    _TYPED.require(_person(principal))
    with transaction.atomic():
        now = clock.now()
        asked = KeyProof.objects.select_for_update().filter(
            team=team,
            fingerprint=key.fingerprint,
            kind=Proof.MAIL,
            digest=_digest(code.strip()),
            expires_at__gt=now,
        )
        proof = asked.first()
        if proof is None:
            raise DomainError(_("This is not the code, or its 48 hours are over."), code="code")
        proof.digest, proof.proved_at, proof.expires_at = "", now, None
        proof.save(update_fields=["digest", "proved_at", "expires_at"])
        record(principal, PROVE, "team", team.id, key=key.fingerprint, kind=str(Proof.MAIL))
    return proof


def ask_domain(*, principal: Principal, team: Team, key: queries.Key, address: str) -> KeyProof:
    """Have the worker look for the key in the Web Key Directory of an address's domain."""
    require(principal, Permission.KEYRING_MANAGE, team)
    address = _own_address(team, key, address)
    _ASKED.require(_person(principal))
    with transaction.atomic():
        proof = _asked(principal, key, Proof.DOMAIN, address)
        proof.save()
        record(principal, ASK, "team", team.id, key=key.fingerprint, kind=str(Proof.DOMAIN))
        emit(ASKED, proof.id)
    return proof


def look(proof_id: UUID) -> None:
    """Look at the domain and keep what was found; no network inside a transaction.

    Another key there ends the proof. That nobody answers does not: it counts for 90 days after
    the last look that found it (`verification.DOMAIN_HOLDS`).
    """
    proof = KeyProof.objects.filter(pk=proof_id, kind=Proof.DOMAIN).first()
    if proof is None:
        return
    outcome = fetched(proof.address, proof.fingerprint)
    with transaction.atomic():
        present = KeyProof.objects.select_for_update().filter(pk=proof_id).first()
        if present is None:
            return
        now = clock.now()
        present.checked_at, present.outcome = now, outcome
        if outcome == FOUND:
            present.proved_at = now
        elif outcome in {OTHER, NOTHING}:
            present.proved_at = None
        present.save(update_fields=["checked_at", "outcome", "proved_at"])
        record(SYSTEM, PROVE, "team", present.team_id, key=present.fingerprint, outcome=outcome)


def fetched(address: str, fingerprint: str) -> str:
    """Fetch the key of an address from its own domain and say in a word what was there.

    The advanced method first; the direct one only if the sub-domain does not exist
    (draft-koch-openpgp-webkey-service-21, section 3.1). Whatever comes is bounded, and nothing of
    it is kept but whether the fingerprint is in it.
    """
    try:
        try:
            answer = fetcher().get(wkd.advanced_url(address), limits=_LIMITS, only_https=True)
        except NameUnknown:
            answer = fetcher().get(wkd.direct_url(address), limits=_LIMITS, only_https=True)
    except FetchError as error:
        return error.code
    except wkd.NoAddress:
        return NOTHING
    if not answer.is_fine:
        return NOTHING if answer.status in _NOT_THERE else FetchError.code
    shown = publishing.primary_fingerprints(answer.body)
    if fingerprint in shown:
        return FOUND
    return OTHER if shown else NOTHING


def due() -> list[UUID]:
    """Return the proofs at domains that are to be looked at again.

    Not where the team is gone, or no longer lists the address: nobody asks that domain for it.
    """
    listed = Channel.objects.filter(
        team=OuterRef("team"), kind=ChannelKind.EMAIL, value__iexact=OuterRef("address")
    )
    old = KeyProof.objects.filter(
        Exists(listed),
        kind=Proof.DOMAIN,
        checked_at__lt=clock.now() - LOOK_AGAIN,
        team__retired_at=None,
    )
    return list(old.order_by("checked_at").values_list("id", flat=True)[:AT_ONCE])


def _asked(principal: Principal, key: queries.Key, kind: Proof, address: str) -> KeyProof:
    """Return the row of a proof, locked or new, with who asked."""
    proof, _made = KeyProof.objects.select_for_update().get_or_create(
        team=key.team, fingerprint=key.fingerprint, kind=kind, address=address
    )
    proof.asked_at, proof.asked_by = clock.now(), principal.person_id
    return proof


def _own_address(team: Team, key: queries.Key, address: str) -> str:
    """Return an address that the team lists and the key names."""
    address = address.strip().lower()
    listed = Channel.objects.filter(team=team, kind=ChannelKind.EMAIL, value__iexact=address)
    if not key.is_current or address not in queries.addresses(key) or not listed.exists():
        raise DomainError(
            _("Choose an address that the key names and that is among the team's channels."),
            code="address",
        )
    return address


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode(errors="replace")).hexdigest()


def _person(principal: Principal) -> UUID:
    assert principal.person_id is not None  # noqa: S101 - the rule asks for a person
    return principal.person_id
