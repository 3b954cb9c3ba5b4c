"""Ways to verify a claim: mail, DNS, the word of another team, a coordinator."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.accounts.tokens import digest, new_token
from tcert.community.claims import queries, spaces
from tcert.community.claims.domain import states
from tcert.community.claims.enums import Act, Proof, State, Way
from tcert.community.claims.models import VERIFIED_FOR, Claim, Verification
from tcert.community.directory.models import Channel, Team
from tcert.community.directory.queries import active_key
from tcert.community.notices.domain.telling import notify_team
from tcert.foundation.identifiers import registry
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.fetcher import FetchError
from tcert.foundation.kernel.limits import Budget, Scope
from tcert.foundation.kernel.mail import queue_mail
from tcert.foundation.kernel.nameservice import name_service
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.openpgp.mailing import queue_sealed_mail

ANSWER_WITHIN = {
    Way.MAIL: timedelta(days=7),
    Way.DNS: timedelta(days=30),
    Way.ATTESTATION: timedelta(days=30),
}
LABEL = "_tcert-claim"
_SAYS = "tcert-claim="
MAILS = Budget("claims:mails", Scope.ACCOUNT, 20, timedelta(days=1))
LOOKS = Budget("claims:looks", Scope.ACCOUNT, 60, timedelta(hours=1))


def ways_for(claim: Claim) -> tuple[Way, ...]:
    """Return the ways that are open to a kind: a DNS record proves names outside of 3GPP only."""
    named = spaces.has_public_domain(registry.parse(Kind(claim.kind), claim.value))
    return (Way.MAIL, *((Way.DNS,) if named else ()), Way.ATTESTATION, Way.COORDINATOR)


def record_name(claim: Claim) -> str:
    """Return where the DNS record of a claim stands."""
    return f"{LABEL}.{claim.value}"


@transaction.atomic
def ask_by_mail(*, principal: Principal, claim: Claim) -> Verification:
    """Mail a link that works once to the round-the-clock addresses that the directory knows.

    Raises:
        DomainError: there is no such address, or none to which the hub may write.
        Conflict: it is asked for already, or the claim does not wait for a proof.
        TooMany: too many mails today.

    """
    require(principal, Permission.CLAIMS_MANAGE, claim)
    _provable(claim)
    addresses = queries.round_the_clock(claim)
    if not addresses:
        raise DomainError(
            _(
                "No team of yours has a round-the-clock e-mail address in the directory. Enter one "
                "on the team's page, then ask again."
            )
        )
    if principal.person_id is not None:
        MAILS.require(principal.person_id)
    token = new_token()
    asked = _ask(principal, claim, Way.MAIL, digest=digest(token))
    link = settings.BASE_URL + reverse("claims:link", args=[token])
    sent = [_mail(channel, link, asked) for channel in addresses]
    if not any(sent):
        raise DomainError(
            _("The hub sends no mail in clear, and the team has no key yet. Bring a key first.")
        )
    return asked


def _mail(channel: Channel, link: str, asked: Verification) -> bool:
    """Write to one address: sealed where there is a key, else in words that say nothing."""
    text = (
        _("There is something to confirm for your organisation. This address works once, until")
        + f" {asked.expires_at:%d %B %Y %H:%M} UTC:\n\n{link}\n"
    )
    key = f"claims:verify:{asked.id}:{channel.id}"
    held = active_key(channel.team_id, clock.now())
    if held is not None:
        queue_sealed_mail(
            to=channel.value,
            certificate=held.certificate,
            subject=_("Something to confirm"),
            text=text,
            otherwise=text if settings.MAIL_CLEAR_TEXT else "",
            key=key,
        )
        return True
    if settings.MAIL_CLEAR_TEXT:
        queue_mail(channel.value, settings.MAIL_DOMAIN, text, key=key)
    return settings.MAIL_CLEAR_TEXT


def open_link(token: str) -> Verification:
    """Return what a mailed link is about, without using it up.

    Raises:
        DomainError: it is unknown, used or over; one answer for all three.

    """
    found = (
        Verification.objects.select_related("claim__organisation")
        .filter(way=Way.MAIL, digest=digest(token))
        .first()
    )
    if found is None or not found.is_open(clock.now()):
        raise DomainError(_("This link does not work: it was used, has ended, or is not complete."))
    return found


@transaction.atomic
def answer_link(*, token: str, is_right: bool) -> Verification:
    """Use a mailed link up: confirm the claim, or say that it is wrong.

    Raises:
        DomainError: the link does not work (any more).

    """
    asked = open_link(token)
    return _answer(SYSTEM, asked, is_right=is_right, note="")


@transaction.atomic
def ask_by_dns(*, principal: Principal, claim: Claim) -> Verification:
    """Give the holder what a record in the zone of the name must say.

    Raises:
        DomainError: the claim is no name whose zone its holder writes.
        Conflict: it is asked for already, or the claim does not wait for a proof.

    """
    require(principal, Permission.CLAIMS_MANAGE, claim)
    _provable(claim)
    if Way.DNS not in ways_for(claim):
        raise DomainError(_("Only a domain or a name outside of 3GPP's can be proven by DNS."))
    return _ask(principal, claim, Way.DNS, record=_SAYS + new_token())


def ask_to_look(*, principal: Principal, verification: Verification) -> None:
    """Have the worker ask the name service; the page says what came of it.

    Raises:
        AlreadyDone: it was answered or has run out.
        TooMany: too many looks within the hour.

    """
    require(principal, Permission.CLAIMS_MANAGE, verification.claim)
    if not verification.is_open(clock.now()) or verification.way != Way.DNS:
        raise AlreadyDone
    with transaction.atomic():
        if principal.person_id is not None:
            LOOKS.require(principal.person_id)
        jobs.enqueue(look_up, verification=verification.id)


@jobs.job("claims:look-up-record", max_attempts=3)
def look_up(verification: UUID) -> bool:
    """Ask the name service, outside of any transaction, and note whether the record is there."""
    asked = Verification.objects.select_related("claim").filter(pk=verification).first()
    if asked is None or not asked.is_open(clock.now()) or asked.way != Way.DNS:
        return False
    try:
        texts = name_service().texts(record_name(asked.claim))
    except FetchError:
        texts = ()
    Verification.objects.filter(pk=asked.pk).update(looked_at=clock.now())
    if asked.record not in {text.strip() for text in texts}:
        return False
    try:
        _answer(SYSTEM, asked, is_right=True, note="")
    except Conflict:
        return False  # withdrawn, disputed or answered meanwhile
    return True


@transaction.atomic
def ask_for_word(*, principal: Principal, claim: Claim, team: Team) -> Verification:
    """Ask a team of another house for its word; it reads the claim and its evidence from then on.

    Raises:
        DomainError: the team is of the same house, or none that can be asked.
        Conflict: it is asked for already, or the claim does not wait for a proof.

    """
    require(principal, Permission.CLAIMS_MANAGE, claim)
    _provable(claim)
    if not queries.witnesses(claim).filter(pk=team.pk).exists():
        raise DomainError(_("This team cannot be asked."), code="team")
    _other_house(claim, team)
    asked = _ask(principal, claim, Way.ATTESTATION, by_team=team)
    notify_team(
        team.id,
        subject=_("Your team's word is asked for"),
        text=_("Another team asks whether you know that something is theirs. You may decline.")
        + f"\n\n{settings.BASE_URL}{reverse('claims:attest', args=[asked.id])}\n",
        key=f"claims-word:{asked.id}",
    )
    return asked


@transaction.atomic
def give_word(
    *, principal: Principal, verification: Verification, is_right: bool, note: str
) -> Verification:
    """Attest another's claim for one's team, or decline; the holder and the desk read the note.

    Raises:
        AlreadyDone: it was answered, or its time is over.
        DomainError: both have come to belong to one house.

    """
    require(principal, Permission.CLAIMS_ATTEST, verification)
    if verification.by_team is None:
        raise AlreadyDone
    _other_house(verification.claim, verification.by_team)
    return _answer(principal, verification, is_right=is_right, note=note)


@transaction.atomic
def verify_by_desk(*, principal: Principal, claim: Claim, note: str) -> Claim:
    """Verify as a coordinator whom nothing ties to the holder, saying what was looked at.

    Raises:
        Conflict: the claim does not wait for a proof (any more).
        DomainError: nothing was said.

    """
    require(principal, Permission.CLAIMS_VERIFY, claim)
    if not note.strip():
        raise DomainError(_("Say what you looked at."), code="note")
    _provable(claim)
    done = Verification(
        claim=claim, way=Way.COORDINATOR, asked_by=principal.person_id, note=note.strip()
    )
    return _proven(principal, done)


def _ask(principal: Principal, claim: Claim, way: Way, **fields: object) -> Verification:
    now = clock.now()
    # What has run out makes room for what is asked anew.
    over = Verification.objects.filter(claim=claim, way=way, state=Proof.ASKED, expires_at__lte=now)
    over.update(state=Proof.LAPSED, digest=None)
    try:
        with transaction.atomic():
            asked = Verification.objects.create(
                claim=claim,
                way=way,
                asked_at=now,
                asked_by=principal.person_id,
                expires_at=now + ANSWER_WITHIN[way],
                **fields,
            )
    except IntegrityError as error:
        raise Conflict(_("This is asked for already and waits for an answer.")) from error
    record(principal, "claims:claim:ask", "claim", claim.id, way=str(way))
    return asked


@transaction.atomic
def take_back(*, principal: Principal, verification: Verification) -> None:
    """Ask no longer: a link stops working, a team's word is not waited for.

    Raises:
        AlreadyDone: it was answered a moment ago.

    """
    require(principal, Permission.CLAIMS_MANAGE, verification.claim)
    open_now = Verification.objects.filter(pk=verification.pk, state=Proof.ASKED)
    if not open_now.update(state=Proof.LAPSED, digest=None, answered_at=clock.now()):
        raise AlreadyDone
    record(principal, "claims:claim:ask-no-more", "claim", verification.claim_id)


def _answer(
    principal: Principal, asked: Verification, *, is_right: bool, note: str
) -> Verification:
    with transaction.atomic():
        # The claim first, as whoever withdraws it does: otherwise each would wait for the other.
        Claim.objects.select_for_update(of=("self",)).filter(pk=asked.claim_id).first()
        present = (
            Verification.objects.select_for_update(of=("self",))
            .select_related("claim")
            .filter(pk=asked.pk)
            .first()
        )
        if present is None or not present.is_open(clock.now()):
            raise AlreadyDone
        present.note = note.strip()
        present.answered_by = principal.person_id
        if is_right:
            _proven(principal, present)
        else:
            present.state, present.digest = Proof.DECLINED, None
            present.answered_at = clock.now()
            present.save()
            record(
                principal, "claims:claim:decline", "claim", present.claim_id, way=str(present.way)
            )
        return present


@transaction.atomic
def _proven(principal: Principal, proof: Verification) -> Claim:
    """Store a proof and let the claim count as verified for a year from now."""
    now = clock.now()
    proof.state, proof.digest = Proof.PROVEN, None
    proof.answered_at, proof.holds_until = now, now + VERIFIED_FOR
    proof.answered_by = principal.person_id
    proof.save()
    present = Claim.objects.select_for_update(of=("self",)).get(pk=proof.claim_id)
    return states.move(
        principal=principal,
        claim=present,
        act=Act.VERIFY,
        verified_from=present.verified_from if present.is_proven else now,
        verified_until=now + VERIFIED_FOR,
    )


def _provable(claim: Claim) -> None:
    if claim.state == State.DISPUTED:
        raise Conflict(_("It is under dispute: a coordinator decides first."))
    if not claim.counts:
        raise AlreadyDone


def _other_house(claim: Claim, team: Team) -> None:
    if team.organisation.house == claim.organisation.house:
        raise DomainError(
            _("Both belong to one house. A house cannot stand for itself."), code="team"
        )


def lapse_questions(now: datetime) -> int:
    """Close what was asked and never answered; returns how many."""
    over = Verification.objects.filter(state=Proof.ASKED, expires_at__lte=now)
    return over.update(state=Proof.LAPSED, digest=None)
