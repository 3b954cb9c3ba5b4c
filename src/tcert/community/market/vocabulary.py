"""The words of the marketplace: labels of its own terms, and the vocabularies that it takes."""

import re
from functools import cache

from django.utils.translation import gettext_lazy as _

from tcert.community.directory.documents.languages import NAMES
from tcert.community.market.enums import Act, ContactState, Ground, Kind, Outcome, State, Terms
from tcert.community.market.matching import Reason, Why
from tcert.foundation.language.vocabularies import Vocabulary, vocabulary

KINDS = {Kind.OFFER: _("offer"), Kind.NEED: _("need")}
TERMS = {
    Terms.FREE: _("free of charge"),
    Terms.AT_COST: _("at cost"),
    Terms.PAID: _("for payment"),
}
STATES = {
    State.DRAFT: _("draft"),
    State.PUBLISHED: _("published"),
    State.PAUSED: _("paused"),
    State.EXPIRED: _("over"),
    State.WITHDRAWN: _("withdrawn"),
}
ACTS = {
    Act.ENTER: _("entered"),
    Act.CHANGE: _("changed"),
    Act.CLAIM: _("claims on requirements changed"),
    Act.PUBLISH: _("published"),
    Act.RENEW: _("said to be true still"),
    Act.PAUSE: _("paused"),
    Act.EXPIRE: _("its time was over"),
    Act.WITHDRAW: _("withdrawn"),
    Act.TAKE_UP: _("taken up again as a draft"),
    Act.TAKEN_OFF: _("withdrawn by the desk"),
}
CONTACTS = {
    ContactState.ASKED: _("asked"),
    ContactState.TALKING: _("talking"),
    ContactState.DECLINED: _("declined"),
    ContactState.TAKEN_BACK: _("taken back"),
    ContactState.LAPSED: _("over without an answer"),
}
GROUNDS = {
    Ground.NAMES_OTHERS: _("it names a weakness of somebody else, or somebody who did not agree"),
    Ground.FALSE_CLAIM: _("what it says is not true"),
    Ground.COMPETITION: _("it breaks competition law"),
    Ground.NOT_FITTING: _("it does not belong here"),
    Ground.OTHER: _("something else, said below"),
}
OUTCOMES = {Outcome.WITHDRAWN: _("withdrawn"), Outcome.STAYS: _("it stays")}
WHYS = {
    Why.SUBJECT: _("same subject: %(what)s"),
    Why.DOMAIN: _("same domain: %(what)s"),
    Why.LANGUAGE: _("%(what)s in common"),
    Why.REGION: _("same country: %(what)s"),
}
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


def subjects() -> Vocabulary:
    """Return what an entry can be about."""
    return vocabulary("market-subject")


def domains() -> Vocabulary:
    """Return the domains of telecom security."""
    return vocabulary("telecom-domain")


def clauses() -> Vocabulary:
    """Return the documents with requirements, and their clauses."""
    return vocabulary("scas-clause")


@cache
def clause_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the clauses for a form, under the documents in which they stand."""
    terms = clauses().terms
    return [
        (
            f"{document.code} ({document.label})",
            [(t.code, f"{t.code}: {t.label}") for t in terms if t.parent == document.code],
        )
        for document in terms
        if not document.parent
    ]


@cache
def clause_codes() -> frozenset[str]:
    """Return the codes of clauses, documents left out."""
    return frozenset(t.code for t in clauses().terms if t.parent)


def is_country(code: str) -> bool:
    """Tell whether a text has the form of an ISO 3166-1 alpha-2 code."""
    return bool(_COUNTRY.fullmatch(code))


def said(reason: Reason) -> str:
    """Return one reason in words."""
    labels = {
        Why.SUBJECT: lambda: subjects().label(reason.code),
        Why.DOMAIN: lambda: domains().label(reason.code),
        Why.LANGUAGE: lambda: NAMES.get(reason.code, reason.code),
        Why.REGION: lambda: reason.code,
    }
    return str(WHYS[reason.why]) % {"what": labels[reason.why]()}
