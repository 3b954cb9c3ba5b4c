"""Delivery rules of an organisation, entered and removed by those who lead one of its teams."""

from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Organisation, Team
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.response.notifications.delivery import Rule
from tcert.response.notifications.models import DeliveryRule

MOST = 100


def add(*, principal: Principal, organisation: Organisation, rule: Rule) -> DeliveryRule:
    """Enter a rule.

    Raises:
        Conflict: there is one for the same; remove it first.
        DomainError: the team is another organisation's, or there are a hundred.

    """
    require(principal, Permission.NOTIFICATIONS_RULES, organisation)
    teams = Team.objects.on_list().filter(organisation=organisation)
    if rule.team is not None and not teams.filter(pk=rule.team).exists():
        raise DomainError(_("Choose a team of the organisation."))
    if DeliveryRule.objects.filter(organisation=organisation).count() >= MOST:
        raise DomainError(_("An organisation has a hundred rules at most."))
    days = None if rule.repeat is None else rule.repeat // timedelta(days=1)
    try:
        with transaction.atomic():
            made = DeliveryRule.objects.create(
                organisation=organisation,
                topic=rule.topic,
                feed=rule.feed,
                kind=rule.kind,
                prefix=rule.prefix,
                team_id=rule.team,
                pace=rule.pace,
                repeat_days=days,
                way=rule.way,
            )
            record(
                principal,
                "notifications:rule:add",
                "organisation",
                organisation.id,
                rule=str(made.id),
                pace=str(rule.pace),
                way=str(rule.way),
            )
    except IntegrityError as error:
        raise Conflict(_("There is a rule for the same. Remove it first.")) from error
    return made


@transaction.atomic
def remove(*, principal: Principal, organisation: Organisation, rule_id: UUID) -> None:
    """Remove a rule; raises `AlreadyDone` where it is gone."""
    require(principal, Permission.NOTIFICATIONS_RULES, organisation)
    gone, _rows = DeliveryRule.objects.filter(organisation=organisation, pk=rule_id).delete()
    if not gone:
        raise AlreadyDone
    record(
        principal,
        "notifications:rule:remove",
        "organisation",
        organisation.id,
        rule=str(rule_id),
    )
