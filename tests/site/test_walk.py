"""Every address by every kind of principal: all is declared, and answers as declared."""

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from tests.factories.accounts import PersonFactory
from tests.factories.directory import (
    DeskFactory,
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.principals import principal_of, sign_in, sign_in_without_second_factor

from tcert.community.directory.enums import OrganisationState, TeamRole
from tcert.foundation.kernel import access, clock
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import ANONYMOUS, Principal, PrincipalKind
from tcert.foundation.kernel.worker import WorkerBeat

pytestmark = pytest.mark.slow

KINDS = (
    "anonymous",
    "newcomer",
    "loner",
    "member",
    "provisional",
    "representative",
    "desk",
    "coordinator",
)
ASKS_FOR_KEY = {
    Permission.ADVISORIES_MEMBERS_READ,
    Permission.INCIDENTS_PROGRAM,
    Permission.NOTIFICATIONS_PROGRAM,
    Permission.ROUTING_LOOKUPS_ASK,
}
"""What programs read: a stranger is not led to sign-in, but asked for a feed key."""
SAMPLES = {
    "advisory_number": lambda: "TCERT-SA-2026-0001",
    "csaf_name": lambda: "tcert-sa-2026-0001.json",
    "csaf_suffix": lambda: ".asc",
    "csaf_year": lambda: "2026",
    "fingerprint": lambda: "0" * 40,
    "int": lambda: "1",
    "uuid": lambda: str(uuid4()),
    "year": lambda: "2026",
}


def patterns(resolver=None, prefix="") -> Iterator[tuple[str, URLPattern]]:
    """Yield each address of the hub with its pattern."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, route)
        else:
            yield route, entry


def address(route: str) -> str:
    """Fill a route with values of the right form."""
    filled = re.sub(r"<(?:(\w+):)?\w+>", lambda m: SAMPLES.get(m[1] or "str", lambda: "x")(), route)
    return "/" + filled.lstrip("/")


ADDRESSES = sorted(patterns(), key=lambda pair: pair[0])


def visitor(kind: str, client: Client) -> Principal:
    """Sign the client in as this kind and return the principal that its requests have."""
    if kind == "anonymous":
        return ANONYMOUS
    if kind == "newcomer":
        person = member_of(TeamFactory())
        sign_in_without_second_factor(client, person)
        return Principal(PrincipalKind.PERSON, person_id=person.id)
    if kind == "loner":
        person = PersonFactory()
    elif kind == "member":
        person = member_of(TeamFactory())
    elif kind == "provisional":
        house = OrganisationFactory(state=OrganisationState.PROVISIONAL)
        person = member_of(TeamFactory(organisation=house), TeamRole.REPRESENTATIVE)
    elif kind == "representative":
        person = member_of(TeamFactory(), TeamRole.REPRESENTATIVE)
    else:
        person = coordinator_of_desk()
    sign_in(client, person, coordinator=kind == "coordinator")
    return principal_of(person, coordinator=kind == "coordinator")


def test_every_view_declares_a_permission():
    undeclared = [route for route, entry in ADDRESSES if access.declared(entry.callback) is None]
    assert undeclared == []


def test_every_view_declares_a_permission_that_some_rule_grants():
    declared = {str(access.declared(entry.callback)) for _route, entry in ADDRESSES}
    assert declared <= access.granted()


def test_the_permissions_are_in_order_and_each_is_granted():
    assert [p.name for p in Permission] == sorted(p.name for p in Permission)
    assert {str(p) for p in Permission} == access.granted()


def test_the_library_has_no_pages_beyond_those_that_we_list():
    from tcert.community.accounts import library_urls

    ours = {entry.name for entry in library_urls.urlpatterns}
    named = {entry.name for _route, entry in ADDRESSES if entry.name}
    assert {name for name in named if name.startswith(("account_", "mfa_", "social"))} == ours
    assert not ours & {"account_signup", "account_email", "account_set_password"}


def problem(response, principal: Principal, permission: Permission) -> str:
    """Say what is wrong with an answer, or nothing."""
    status, location = response.status_code, response.headers.get("Location", "")
    if access.allowed(principal, permission):
        return "" if status != 403 and status < 500 else f"answered {status} though allowed"
    if status == 405:
        return ""  # refused before anybody was asked who they are
    if principal.kind is PrincipalKind.ANONYMOUS and permission in ASKS_FOR_KEY:
        fine = status == 401 and response.headers.get("WWW-Authenticate", "").startswith("Basic ")
        return "" if fine else f"asked a stranger for no key: {status} {location}"
    if principal.kind is PrincipalKind.ANONYMOUS:
        fine = status == 302 and location.startswith("/account/sign-in/")
        return "" if fine else f"let a stranger on: {status} {location}"
    if not principal.has_second_factor:
        fine = status == 302 and location == "/account/second-factor/"
        return "" if fine else f"let somebody without second factor on: {status} {location}"
    return "" if status == 403 else f"answered {status} though denied"


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_address_answers_as_declared(kind, method):
    DeskFactory()
    WorkerBeat.objects.create(at=clock.now())
    client = Client(raise_request_exception=False)
    principal = visitor(kind, client)
    session_key = client.session.session_key
    problems = []
    for route, entry in ADDRESSES:
        WorkerBeat.objects.update(at=clock.now())  # without a worker /healthz answers 503
        response = getattr(client, method)(address(route))
        wrong = problem(response, principal, access.declared(entry.callback))
        if wrong:
            problems.append(f"{method} /{route}: {wrong}")
        if principal.is_person and client.session.session_key != session_key:
            client = Client(raise_request_exception=False)  # the page ended the session
            principal = visitor(kind, client)
            session_key = client.session.session_key
    assert problems == []


@pytest.mark.django_db
def test_no_form_is_taken_without_proof_of_origin():
    taken = []
    client = Client(enforce_csrf_checks=True)
    sign_in(client, coordinator_of_desk(), coordinator=True)
    for route, entry in ADDRESSES:
        response = client.post(address(route), headers={"Origin": "https://elsewhere.example"})
        if response.status_code != 403:
            taken.append((route, response.status_code))
        _ = entry
    assert taken == []


@pytest.mark.django_db
def test_unknown_addresses_are_not_found(client):
    assert client.get("/no/such/page/").status_code == 404
    assert client.get("/account/signup/").status_code == 404
    assert client.get("/account/email/").status_code == 404
