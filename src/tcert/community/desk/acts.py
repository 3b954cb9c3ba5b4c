"""The acts that need two coordinators, as data: what each is about, who may, how it is carried out.

A room above registers its own acts at start; those of the community's rooms stand here. What
makes an act need a second stands in its domain function (see `kernel.second`).
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tcert.community.accounts.domain import links, people
from tcert.community.accounts.enums import Verified
from tcert.community.accounts.models import VERIFIED, Person
from tcert.community.desk.domain import declarations as interests
from tcert.community.desk.models import COOLING_OFF, Interest
from tcert.community.directory.domain import keys, organisations, teams
from tcert.community.directory.domain import people as places
from tcert.community.directory.enums import SecondChannel, TeamRole
from tcert.community.directory.models import (
    SECOND_CHANNELS,
    TEAM_ROLES,
    Organisation,
    Team,
    TeamKey,
    TeamMembership,
)
from tcert.community.inventory.domain import declarations
from tcert.community.inventory.models import Equipment
from tcert.foundation.kernel.access import allowed
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.second import Confirmation

Words = str | Promise
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DangerousAct:
    """One kind of act that needs two."""

    name: str
    title: Words
    model: type[models.Model]
    permission: Permission
    carry_out: Callable[[Principal, Any, Values, Confirmation], object]
    state: Callable[[Any], Iterable[object]]
    """What must not change between proposal and confirmation."""
    about: Callable[[Any], tuple[str, UUID]]
    """The thing as records name it: who may not read these does not see the act either."""
    asked_of: Callable[[Any], object] = lambda _found: None
    """On what the permission is asked."""
    shown: Callable[[Any, Values], Iterable[tuple[Words, object]]] = lambda _found, _values: ()
    """What is shown to the second coordinator."""
    subject: Callable[[Any], UUID | None] = lambda _found: None
    """Whom it is done to: that person may refuse, and is not waited for."""

    def find(self, object_id: UUID) -> Any:
        """Return the thing, or None when it is gone."""
        return self.model._base_manager.filter(pk=object_id).first()  # noqa: SLF001 - Django's own interface

    def may(self, principal: Principal, found: Any) -> bool:
        """Tell whether a person may propose or confirm it: the rule of the act itself."""
        return allowed(principal, self.permission, self.asked_of(found))

    def mark(self, found: Any) -> str:
        """Return a fingerprint of what must not change; keyed, as some of it is guarded text."""
        held = json.dumps([str(value) for value in self.state(found)])
        return salted_hmac("desk.acts", held, algorithm="sha256").hexdigest()


_acts: dict[str, DangerousAct] = {}


def register(act: DangerousAct) -> None:
    """Let a room say how one of its acts is proposed and carried out."""
    _acts[act.name] = act


def named(name: str) -> DangerousAct | None:
    """Return an act by its name."""
    return _acts.get(name)


def all_acts() -> list[DangerousAct]:
    """Return every act that needs two."""
    return list(_acts.values())


def titles() -> dict[str, Words]:
    """Return what the acts are called."""
    return {name: act.title for name, act in _acts.items()}


# Accounts ------------------------------------------------------------------------------------


def _person(person: Person) -> tuple[str, UUID]:
    return "person", person.id


def _let_in(by: Principal, person: Person, values: Values, confirmed: Confirmation) -> None:
    verified = Verified(values["verified"])
    people.let_in_again(principal=by, person=person, verified=verified, confirmation=confirmed)


def _change_email(by: Principal, person: Person, values: Values, confirmed: Confirmation) -> None:
    people.change_email(principal=by, person=person, email=values["email"], confirmation=confirmed)


def _close(by: Principal, person: Person, _values: Values, confirmed: Confirmation) -> None:
    people.close_account(principal=by, person=person, confirmation=confirmed)


def _reopen(by: Principal, person: Person, _values: Values, confirmed: Confirmation) -> None:
    people.reopen_account(principal=by, person=person, confirmation=confirmed)


def _about_person(
    name: str,
    title: Words,
    carry_out: Callable[[Principal, Person, Values, Confirmation], None],
    shown: Callable[[Values], list[tuple[Words, object]]],
) -> DangerousAct:
    return DangerousAct(
        name=name,
        title=title,
        model=Person,
        permission=Permission.ACCOUNTS_PEOPLE_MANAGE,
        carry_out=carry_out,
        state=lambda person: (person.email, person.is_active),
        about=_person,
        asked_of=lambda person: person,
        shown=lambda person, values: [
            (_("Coordinator"), f"{person.name}, {person.email}"),
            *shown(values),
        ],
        subject=lambda person: person.id,
    )


register(
    _about_person(
        people.LET_IN,
        _("Remove a coordinator's second factors"),
        _let_in,
        lambda values: [(_("Known to be them by"), VERIFIED[Verified(values["verified"])])],
    )
)
register(
    _about_person(
        people.CHANGE_EMAIL,
        _("Change a coordinator's address"),
        _change_email,
        lambda values: [(_("New address"), values["email"])],
    )
)
register(
    _about_person(people.CLOSE, _("Close a coordinator's account"), _close, lambda _values: [])
)
register(
    _about_person(
        people.REOPEN, _("Open a coordinator's account again"), _reopen, lambda _values: []
    )
)


# Directory -----------------------------------------------------------------------------------


def _add(by: Principal, desk: Team, values: Values, confirmed: Confirmation) -> None:
    """Give a place at the desk: at once to who has an account, by invitation to who has none."""
    role = TeamRole(values["role"])
    known = places.holder_of(values["email"])
    if values.get("account") != places.account_id(known):
        # One coordinator alone can move an address to another account, or an account to another
        # address: the second agreed on whose it was.
        raise DomainError(_("The address is another account's than when this was proposed."))
    if known is not None:
        places.add_person(principal=by, team=desk, person=known, role=role, confirmation=confirmed)
        return
    place = places.place_for(
        principal=by,
        team=desk,
        role=role,
        email=values["email"],
        name=values["name"],
        confirmation=confirmed,
    )
    links.invite_person(principal=by, email=values["email"], name=values["name"], places=[place])


def _whom(values: Values) -> str:
    """Name who gets the rights: by the account, where there is one, not as somebody typed it."""
    known = places.holder_of(values["email"])
    return f"{known.name if known else values['name']}, {values['email']}"


register(
    DangerousAct(
        name=places.ADD,
        title=_("Give a person coordinator rights"),
        model=Team,
        permission=Permission.DIRECTORY_MANAGE,
        carry_out=_add,
        state=lambda desk: (desk.name, desk.is_desk, desk.retired_at),
        about=lambda desk: ("team", desk.id),
        shown=lambda _desk, values: [
            (_("Person"), _whom(values)),
            (_("Role"), TEAM_ROLES[TeamRole(values["role"])]),
        ],
    )
)


def _remove(by: Principal, place: TeamMembership, values: Values, ok: Confirmation) -> None:
    places.remove_person(
        principal=by,
        membership=place,
        confirmed_name=values["confirmed_name"],
        had_secret=values["had_secret"],
        confirmation=ok,
    )


register(
    DangerousAct(
        name=places.REMOVE,
        title=_("Take a person out of the desk, leaving one"),
        model=TeamMembership,
        permission=Permission.DIRECTORY_MANAGE,
        carry_out=_remove,
        state=lambda place: (place.team_id, place.person_id, place.role),
        about=lambda place: ("team", place.team_id),
        shown=lambda place, _values: [(_("Person"), place.person.name)],
        subject=lambda place: place.person_id,
    )
)


def _retire_team(by: Principal, team: Team, values: Values, confirmed: Confirmation) -> None:
    name = values["confirmed_name"]
    teams.retire_team(principal=by, team=team, confirmed_name=name, confirmation=confirmed)


register(
    DangerousAct(
        name=teams.RETIRE,
        title=_("Take a team off the list"),
        model=Team,
        permission=Permission.DIRECTORY_MANAGE,
        carry_out=_retire_team,
        state=lambda team: (team.name, team.retired_at),
        about=lambda team: ("team", team.id),
        shown=lambda team, _values: [(_("Team"), f"{team.name}, {team.organisation.name}")],
    )
)


def _retire_organisation(
    by: Principal, organisation: Organisation, values: Values, confirmed: Confirmation
) -> None:
    organisations.retire_organisation(
        principal=by,
        organisation=organisation,
        confirmed_name=values["confirmed_name"],
        confirmation=confirmed,
    )


register(
    DangerousAct(
        name=organisations.RETIRE,
        title=_("Take an organisation off the list"),
        model=Organisation,
        permission=Permission.DIRECTORY_MANAGE,
        carry_out=_retire_organisation,
        state=lambda body: (
            body.name,
            body.state,
            *sorted(
                str(pk) for pk in body.teams.filter(retired_at=None).values_list("id", flat=True)
            ),
        ),
        about=lambda body: ("organisation", body.id),
        shown=lambda body, _values: [(_("Organisation"), body.name)],
    )
)


def _change_ties(
    by: Principal, organisation: Organisation, values: Values, confirmed: Confirmation
) -> None:
    typed = {**values, "group": _owner(values)} if "group" in values else values
    organisations.change_organisation(
        principal=by, organisation=organisation, confirmation=confirmed, **typed
    )


def _owner(values: Values) -> Organisation | None:
    if not values["group"]:
        return None
    owner = Organisation.objects.filter(pk=values["group"]).first()
    if owner is None:
        raise DomainError(_("The new owner is not in the directory any more."))
    return owner


def _new_ties(organisation: Organisation, values: Values) -> Iterable[tuple[Words, object]]:
    yield _("Organisation"), organisation.name
    if "group" in values:
        yield _("Owner"), organisation.group or _("none")
        yield _("Owner, changed"), _owner(values) or _("none")
    yield from _changed(organisation, organisations.FIELDS, values)


def _changed(
    found: Organisation | Team, fields: Iterable[str], values: Values
) -> Iterable[tuple[Words, object]]:
    """Show what was typed on the same page, in its words."""
    for name in fields:
        if name in values and name != "group":
            field = cast("models.Field[Any, Any]", found._meta.get_field(name))
            typed = dict(field.flatchoices).get(values[name], values[name])
            yield _("Changed: %(field)s") % {"field": field.verbose_name}, typed


register(
    DangerousAct(
        name=organisations.CHANGE_TIES,
        title=_("Change an organisation's names, or take its owner away"),
        model=Organisation,
        permission=Permission.DIRECTORY_MANAGE,
        carry_out=_change_ties,
        state=lambda body: [body.serializable_value(name) for name in organisations.FIELDS],
        about=lambda body: ("organisation", body.id),
        shown=_new_ties,
    )
)


def _rename(by: Principal, team: Team, values: Values, confirmed: Confirmation) -> None:
    teams.change_team(principal=by, team=team, confirmation=confirmed, **values)


register(
    DangerousAct(
        name=teams.RENAME,
        title=_("Give a team another name"),
        model=Team,
        permission=Permission.DIRECTORY_MANAGE,
        carry_out=_rename,
        state=lambda team: [team.serializable_value(name) for name in teams.FIELDS],
        about=lambda team: ("team", team.id),
        shown=lambda team, values: [
            (_("Team"), f"{team.name}, {team.organisation.name}"),
            *_changed(team, teams.FIELDS, values),
        ],
    )
)


def _confirm_key(by: Principal, key: TeamKey, values: Values, confirmed: Confirmation) -> None:
    keys.confirm_key(
        principal=by,
        key=key,
        heard_fingerprint=values["heard_fingerprint"],
        channel=SecondChannel(values["channel"]),
        confirmation=confirmed,
    )


register(
    DangerousAct(
        name=keys.CONFIRM,
        title=_("Let a new key of the desk count"),
        model=TeamKey,
        permission=Permission.DIRECTORY_MANAGE,
        carry_out=_confirm_key,
        state=lambda key: (key.fingerprint, key.state),
        about=lambda key: ("team", key.team_id),
        shown=lambda key, values: [
            (_("Fingerprint"), key.fingerprint),
            (_("Heard"), SECOND_CHANNELS[SecondChannel(values["channel"])]),
        ],
    )
)


# The desk itself -----------------------------------------------------------------------------


def _end_interest(by: Principal, interest: Interest, values: Values, ok: Confirmation) -> None:
    until = date.fromisoformat(values["until"])
    interests.end_interest(principal=by, interest=interest, until=until, confirmation=ok)


def _interest(interest: Interest, values: Values) -> Iterable[tuple[Words, object]]:
    ended = date.fromisoformat(values["until"])
    yield _("Coordinator"), interest.person.name
    # One from outside may be kept from who looks here, as its owner's; so it is named to nobody.
    outside = interest.organisation.is_provisional
    yield _("Interest"), _("in an organisation that is not on the list") if outside else interest
    yield _("Since"), interest.since or _("not said")
    yield _("Ended on"), ended
    yield _("Keeps cases away until"), ended + COOLING_OFF


register(
    DangerousAct(
        name=interests.END,
        title=_("End an interest that a coordinator has declared"),
        model=Interest,
        permission=Permission.DESK_INTERESTS_DECLARE,
        carry_out=_end_interest,
        state=lambda interest: (interest.since, interest.until),
        about=lambda interest: ("person", interest.person_id),
        shown=_interest,
    )
)


# Inventory -----------------------------------------------------------------------------------


def _withdraw_equipment(by: Principal, item: Equipment, _values: Values, ok: Confirmation) -> None:
    declarations.set_withdrawn(principal=by, declaration=item, withdrawn=True, confirmation=ok)


register(
    DangerousAct(
        name=declarations.WITHDRAW,
        title=_("Withdraw equipment that an operator has declared"),
        model=Equipment,
        permission=Permission.INVENTORY_MANAGE,
        carry_out=_withdraw_equipment,
        state=lambda item: (item.product_id, item.versions, item.withdrawn_at),
        about=lambda item: ("organisation", item.organisation_id),
        asked_of=lambda item: item.organisation,
        shown=lambda item, _values: [
            (_("Organisation"), item.organisation.name),
            (_("Equipment"), f"{item.product.vendor.name} {item}"),
        ],
    )
)
