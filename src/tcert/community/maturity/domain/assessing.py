"""An assessment from its beginning to the team's record, where it stays as it is."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tcert.community.directory.domain.organisations import confirm_name
from tcert.community.directory.models import Team
from tcert.community.maturity import queries, sim3
from tcert.community.maturity.catalogue import PROFILES_VERSION, parameters, targets
from tcert.community.maturity.enums import Profile
from tcert.community.maturity.models import Answer, Assessment
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.shown import STALE, mark

BEGIN = "maturity:assessment:begin"
PUBLISH = "maturity:assessment:publish"
DISCARD = "maturity:assessment:discard"
SHOW = "maturity:assessment:show"
HIDE = "maturity:assessment:hide"
AIM = "maturity:assessment:aim"
ANSWER_FIELDS = ("level", "evidence", "links")


def begin(*, principal: Principal, team: Team, target: Profile) -> Assessment:
    """Begin a draft, from the team's last assessment where there is one.

    Raises:
        Conflict: a draft is open already.

    """
    require(principal, Permission.MATURITY_ASSESS, team)
    try:
        with transaction.atomic():
            last = queries.last_published(team)
            draft = Assessment.objects.create(
                team=team,
                target=target,
                started_at=clock.now(),
                started_by=principal.person_id,
            )
            if last is not None:
                _carry_over(last, draft)
            record(principal, BEGIN, "assessment", draft.id, team=str(team.id))
    except IntegrityError as error:
        raise Conflict(_("A colleague has begun one already: go on with that.")) from error
    return draft


def _carry_over(last: Assessment, draft: Assessment) -> None:
    """Copy what was said last time; each value is closed anew for its own row."""
    for one in last.given().values():
        Answer.objects.create(
            assessment=draft,
            parameter=one.parameter,
            level=one.level,
            evidence=one.evidence,
            links=one.links,
            changed_at=one.changed_at,
            changed_by=one.changed_by,
        )


def held(assessment: Assessment, parameter: str) -> Answer:
    """Return the answer as it stands, or an empty one that is not stored."""
    asked = {"assessment": assessment, "parameter": parameter}
    return Answer.objects.filter(**asked).first() or Answer(**asked)


@transaction.atomic
def answer(
    *,
    principal: Principal,
    assessment: Assessment,
    parameter: str,
    level: str,
    evidence: str,
    links: str,
    shown: str,
) -> Answer:
    """Save what is said of one parameter; an empty level is for who is not sure yet.

    Raises:
        Conflict: a colleague changed it since the page `shown`.
        AlreadyDone: the assessment is published or gone.

    """
    draft = _draft(principal, assessment)
    if parameter not in parameters():
        raise DomainError(_("SIM3 has no such parameter."))
    present = held(draft, parameter)
    if mark(present, ANSWER_FIELDS) != shown:
        raise Conflict(
            _(
                "A colleague changed this before you: nothing of yours was saved. Look at what "
                "stands there now; to replace it with what you typed, save again."
            ),
            code=STALE,
        )
    present.level, present.evidence, present.links = level, evidence, links
    present.changed_at, present.changed_by = clock.now(), principal.person_id
    present.save()
    return present


@transaction.atomic
def aim(*, principal: Principal, assessment: Assessment, target: Profile) -> Assessment:
    """Choose another target for a draft.

    Raises:
        AlreadyDone: the assessment is published or gone.

    """
    draft = _draft(principal, assessment)
    draft.target = target
    draft.save(update_fields=["target"])
    record(principal, AIM, "assessment", draft.id)
    return draft


@transaction.atomic
def publish(*, principal: Principal, assessment: Assessment, confirmed_name: str) -> Assessment:
    """Put a draft into the team's record for good.

    Raises:
        DomainError: a parameter has no level, or another name was typed.
        AlreadyDone: it is published or gone.

    """
    draft = _draft(principal, assessment)
    confirm_name(confirmed_name, draft.team.name)
    levels = draft.levels()
    left = len(sim3.missing(levels, list(parameters())))
    if left:
        raise DomainError(
            ngettext(
                "One parameter has no level yet.", "%(left)d parameters have no level yet.", left
            )
            % {"left": left}
        )
    draft.published_at, draft.published_by = clock.now(), principal.person_id
    draft.reached, draft.judged_by = sim3.reached(levels, targets()) or "", PROFILES_VERSION
    draft.save(update_fields=["published_at", "published_by", "reached", "judged_by"])
    record(principal, PUBLISH, "assessment", draft.id, team=str(draft.team_id))
    return draft


@transaction.atomic
def discard(*, principal: Principal, assessment: Assessment, confirmed_name: str) -> None:
    """Throw a draft away with all that it says.

    Raises:
        DomainError: another name was typed.
        AlreadyDone: it is published or gone.

    """
    draft = _draft(principal, assessment)
    confirm_name(confirmed_name, draft.team.name)
    record(principal, DISCARD, "assessment", draft.id, team=str(draft.team_id))
    draft.delete()


@transaction.atomic
def show(*, principal: Principal, assessment: Assessment, is_shown: bool) -> Assessment:
    """Tell members the profile that was reached and its day, or stop telling them.

    Raises:
        DomainError: it is a draft, or no profile was reached, so there is nothing to tell.

    """
    require(principal, Permission.MATURITY_ASSESS, assessment.team)
    present = _held(assessment)
    if present.is_draft or (is_shown and not present.reached):
        raise DomainError(_("There is no profile to show: none was reached."))
    present.is_shown = is_shown
    present.save(update_fields=["is_shown"])
    record(principal, SHOW if is_shown else HIDE, "assessment", present.id)
    return present


def _held(assessment: Assessment) -> Assessment:
    found = Assessment.objects.select_for_update(of=("self",)).select_related("team")
    present = found.filter(pk=assessment.pk).first()
    if present is None:
        raise AlreadyDone
    return present


def _draft(principal: Principal, assessment: Assessment) -> Assessment:
    """Lock a draft that the person may change."""
    require(principal, Permission.MATURITY_ASSESS, assessment.team)
    present = _held(assessment)
    if not present.is_draft:
        raise AlreadyDone
    return present
