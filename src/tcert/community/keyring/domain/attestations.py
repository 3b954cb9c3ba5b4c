"""Attestations of keys: given with a signature, taken back, lost with the key that signed."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tcert.community.directory.domain.organisations import confirm_name
from tcert.community.directory.models import Team, TeamKey
from tcert.community.directory.queries import active_key
from tcert.community.keyring import queries, statements
from tcert.community.keyring.enums import Basis, Refusal, Withdrawal
from tcert.community.keyring.models import Attestation
from tcert.community.keyring.verification import LONGEST
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.openpgp import clearsigned

GIVE = "keyring:attestation:give"
WITHDRAW = "keyring:attestation:withdraw"
LOSE = "keyring:attestation:lose"
ATTESTED = "keyring:attested"
"""A team attested another one's key; the object is that other team, `by` the first."""
WITHDRAWN = "keyring:attestation_withdrawn"
OLDEST = timedelta(days=366)

REFUSALS: dict[Refusal, str | Promise] = {
    Refusal.NOT_LISTED: gettext_lazy("Only teams on the list attest keys, and of such teams."),
    Refusal.OWN_HOUSE: gettext_lazy(
        "Both teams belong to one house. Its own teams cannot stand for its keys."
    ),
    Refusal.NO_KEY: gettext_lazy("Your team has no key that counts, so it can sign nothing yet."),
    Refusal.KEY_ENDED: gettext_lazy("This key does not count any more: it ended or has expired."),
    Refusal.STANDING: gettext_lazy("Your team attests this key already."),
}


def refusal_of(from_team: Team, key: queries.Key, at: datetime) -> Refusal | None:
    """Say why a team cannot attest a key now; the page asks before anything is typed."""
    if not (from_team.is_listed and key.team.is_listed):
        return Refusal.NOT_LISTED
    if from_team.organisation.house == key.team.organisation.house:
        return Refusal.OWN_HOUSE
    if active_key(from_team.id, at) is None:
        return Refusal.NO_KEY
    if not key.is_current or key.is_expired:
        return Refusal.KEY_ENDED
    there = Attestation.objects.filter(from_team=from_team, fingerprint=key.fingerprint)
    if any(map(queries.counts, there.filter(to_team=key.team).not_over(at).with_teams())):
        return Refusal.STANDING
    return None


def longest(key: queries.Key) -> date:
    """Return the last day for which a key may be attested now: its own end, or two years on."""
    until = clock.now() + LONGEST
    return min(until, key.expires_at).date() if key.expires_at else until.date()


def prepare(
    *,
    principal: Principal,
    from_team: Team,
    key: queries.Key,
    typed: str,
    basis: Basis,
    checked_on: date,
    until: date | None = None,
) -> statements.Statement:
    """Check what was typed, and return the text that the team's key is to sign.

    Args:
        principal: Who speaks for the attesting team.
        from_team: That team.
        key: The other team's key.
        typed: The last 16 characters of the fingerprint at least, as the person has them on paper.
        basis: How they had it.
        checked_on: On which day.
        until: Its last day, as an earlier page wrote it; None for the longest.

    Raises:
        DomainError: something else was typed, or the rules forbid it (`refusal_of`).

    """
    require(principal, Permission.KEYRING_ATTEST, from_team)
    now = clock.now()
    _check(refusal_of(from_team, key, now))
    if not statements.same_ending(typed, key.fingerprint):
        raise DomainError(
            _(
                "These are not the last 16 characters of the key's fingerprint here. Do not attest "
                "it: ask the team again, and tell the desk if it stays different."
            ),
            code="typed",
        )
    if not now.date() - OLDEST <= checked_on <= now.date() + timedelta(days=1):
        raise DomainError(_("Choose the day on which you compared it, within the last year."))
    last = longest(key)
    if until is not None and not now.date() < until <= last:
        raise Conflict(_("The text is too old. Load the page again and sign the new one."))
    signer = active_key(from_team.id, now)
    return statements.Statement(
        hub=settings.BASE_URL,
        by_team=from_team.id,
        by_key=signer.fingerprint if signer else "",
        of_team=key.team.id,
        of_key=key.fingerprint,
        basis=Basis(basis),
        checked_on=checked_on,
        until=until or last,
    )


def give(
    *,
    principal: Principal,
    from_team: Team,
    key: queries.Key,
    typed: str,
    basis: Basis,
    checked_on: date,
    until: date,
    signature: str,
) -> Attestation:
    """Attest a key: the signature must be by the attesting team's key over exactly the text.

    Raises:
        SignatureRefused: another key signed, or another text.
        DomainError: as `prepare`.
        Conflict: the team attests the key already.

    """
    try:
        with transaction.atomic():
            Team.objects.hold(from_team.id, key.team.id)
            present = queries.key_of(principal, key.team, key.fingerprint)
            if present is None:
                raise DomainError(REFUSALS[Refusal.KEY_ENDED])
            statement = prepare(
                principal=principal,
                from_team=from_team,
                key=present,
                typed=typed,
                basis=basis,
                checked_on=checked_on,
                until=until,
            )
            signer = TeamKey.objects.select_for_update().get(
                team=from_team, fingerprint=statement.by_key
            )
            text = statement.text()
            clearsigned.verify_text(text, signature, signer.certificate)
            now = clock.now()
            Attestation.objects.filter(
                from_team=from_team, fingerprint=key.fingerprint, ended_at=None
            ).update(ended_at=now)
            made = Attestation.objects.create(
                from_team=from_team,
                to_team=key.team,
                fingerprint=key.fingerprint,
                signer=signer,
                basis=basis,
                checked_on=checked_on,
                text=text,
                signature=signature,
                made_at=now,
                made_by=principal.person_id,
                expires_at=datetime.combine(until, time.max, UTC),
            )
            data = {"from_team": str(from_team.id), "to_team": str(key.team.id)}
            record(principal, GIVE, "attestation", made.id, **data, key=key.fingerprint)
            emit(ATTESTED, key.team.id, by=from_team.id, attestation=made.id)
    except IntegrityError as error:
        raise Conflict(REFUSALS[Refusal.STANDING]) from error
    return made


@transaction.atomic
def withdraw(
    *, principal: Principal, attestation: Attestation, reason: Withdrawal, confirmed_name: str
) -> Attestation:
    """Take an attestation back; it counts no more, at once, and the other team is told.

    Raises:
        DomainError: another name was typed.
        AlreadyDone: it is over.

    """
    require(principal, Permission.KEYRING_ATTEST_WITHDRAW, attestation)
    confirm_name(confirmed_name, attestation.to_team.name)
    now = clock.now()
    present = Attestation.objects.select_for_update(of=("self",)).get(pk=attestation.pk)
    if not present.is_not_over:
        raise AlreadyDone
    present.withdrawn_at = present.ended_at = now
    present.withdrawn_by = principal.person_id
    present.reason = reason
    present.save(update_fields=["withdrawn_at", "ended_at", "withdrawn_by", "reason"])
    record(principal, WITHDRAW, "attestation", present.id, reason=str(reason))
    emit(WITHDRAWN, present.to_team_id, by=present.from_team_id, attestation=present.id)
    return present


@transaction.atomic
def lose_with(key_id: UUID) -> int:
    """End what a team's key signed, if that key was revoked and may be in other hands.

    Reads count without it at once (`queries.is_broken`); this makes room for a new signature and
    lets the other teams be told. Returns how many ended.
    """
    signer = TeamKey.objects.filter(pk=key_id).first()
    if signer is None or not queries.is_broken(signer):
        return 0
    lost = Attestation.objects.select_for_update().filter(signer=signer, ended_at=None)
    found = list(lost)
    for one in found:
        one.ended_at = clock.now()
        one.save(update_fields=["ended_at"])
        record(SYSTEM, LOSE, "attestation", one.id, key=signer.fingerprint)
        emit(WITHDRAWN, one.to_team_id, by=one.from_team_id, attestation=one.id)
    return len(found)


def _check(refused: Refusal | None) -> None:
    if refused == Refusal.STANDING:
        raise Conflict(REFUSALS[refused], code=refused)
    if refused is not None:
        raise DomainError(REFUSALS[refused], code=refused)
