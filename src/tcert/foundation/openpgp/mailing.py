"""Sending sealed mail: queued with the act, sealed and signed by the worker.

There is no clear-text fallback: when the key fails, the neutral words go out if the caller
gave any, and nothing otherwise.
"""

from __future__ import annotations

import logging
from uuid import UUID

from django.conf import settings
from django.db import transaction

from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.mail import queue_mail
from tcert.foundation.openpgp import hubkey, standing
from tcert.foundation.openpgp.certificates import CertificateRefused, Refusal, describe
from tcert.foundation.openpgp.models import UnsealedMail
from tcert.foundation.openpgp.pgpmime import HIDDEN_SUBJECT, sealed_entity
from tcert.foundation.openpgp.signing import SigningKey

logger = logging.getLogger(__name__)


def queue_sealed_mail(
    *,
    to: str,
    certificate: str,
    subject: str,
    text: str,
    otherwise: str = "",
    key: str | None = None,
) -> None:
    """Queue one sealed mail to one address, in the caller's transaction.

    Args:
        to: The address.
        certificate: The key of whoever reads there.
        subject: Told inside only.
        text: The notice.
        otherwise: Neutral words, sent in clear if the key turns out unusable; empty: nothing.
        key: Keeps the same notice from being sent twice; none for what a reporter sets off.

    """
    waiting = UnsealedMail.objects.create(
        recipient=to,
        certificate=certificate,
        subject=subject,
        text=text,
        otherwise=otherwise,
        key=key,
    )
    jobs.enqueue(seal_mail, mail=waiting.id)


@jobs.job("openpgp:seal-mail")
def seal_mail(mail: UUID) -> None:
    """Seal a waiting mail, hand it to the queue and forget it."""
    waiting = UnsealedMail.objects.filter(id=mail).first()
    if waiting is None:
        return
    # Sealing takes time, so it stands outside the transaction.
    entity = _entity(waiting)
    with transaction.atomic():
        if not UnsealedMail.objects.filter(id=mail).delete()[0]:
            return
        if entity is not None:
            queue_mail(waiting.recipient, HIDDEN_SUBJECT, raw_message=entity, key=waiting.key)
        elif waiting.otherwise and settings.MAIL_CLEAR_TEXT:  # it may have been turned off since
            queue_mail(waiting.recipient, settings.MAIL_DOMAIN, waiting.otherwise, key=waiting.key)


def _entity(waiting: UnsealedMail) -> bytes | None:
    try:
        _require_standing(waiting.certificate)
        return sealed_entity(
            sender=settings.DEFAULT_FROM_EMAIL,
            to=waiting.recipient,
            subject=waiting.subject,
            text=waiting.text,
            certificate=waiting.certificate,
            at=clock.now().replace(minute=0, second=0, microsecond=0),
            signer=_signer(),
        )
    except CertificateRefused as refused:
        logger.warning("a notice could not be sealed: %s", refused.code)
        return None


def _require_standing(certificate: str) -> None:
    """Refuse a key that was revoked after the mail was queued."""
    if standing.ended([describe(certificate, clock.now()).fingerprint]):
        raise CertificateRefused(Refusal.REVOKED)


def _signer() -> SigningKey | None:
    """The hub's key; a hub without one seals all the same, and `tcert check` asks for it."""
    try:
        return hubkey.load()
    except hubkey.HubKeyProblem as problem:
        logger.warning("a notice goes out unsigned: %s", problem)
        return None
