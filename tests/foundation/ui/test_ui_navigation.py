"""Who sees which link."""

from uuid import uuid4

import pytest
from django.template import Context, Template
from django.test import RequestFactory

from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import ANONYMOUS, Membership, Principal, PrincipalKind
from tcert.foundation.ui import navigation
from tcert.foundation.ui.checks import check_navigation
from tcert.foundation.ui.navigation import Section


def person(*, team: bool = False) -> Principal:
    places = (Membership(uuid4(), uuid4(), "member"),) if team else ()
    return Principal(
        PrincipalKind.PERSON, uuid4(), "Ada", memberships=places, has_second_factor=team
    )


@pytest.fixture
def registry(monkeypatch):
    monkeypatch.setattr(navigation, "_entries", {})
    monkeypatch.setattr(navigation, "_search", [])
    return navigation


def test_a_link_is_shown_only_where_its_permission_is_granted(registry):
    registry.register(Section.RESPONSE, "Cases", "ui:about", Permission.SITE_MEMBER)
    registry.register("response", "Policies", "ui:policies", order=5)
    shown = registry.side_list(person(), "/")
    assert [link.label for link in shown[0].links] == ["Policies"]
    shown = registry.side_list(person(team=True), "/")
    assert [link.label for link in shown[0].links] == ["Policies", "Cases"]


def test_strangers_have_no_side_list(registry):
    registry.register(Section.RESPONSE, "Policies", "ui:policies")
    assert registry.side_list(ANONYMOUS, "/") == ()


def test_a_section_without_links_has_no_heading(registry):
    registry.register(Section.WATCH, "Alerts", "ui:about", Permission.SITE_MEMBER)
    assert registry.side_list(person(), "/") == ()


def test_the_longest_matching_address_is_the_current_one(registry):
    registry.register(Section.RESPONSE, "About", "ui:about")
    registry.register(Section.RESPONSE, "Policies", "ui:policies")
    (group,) = registry.side_list(person(), "/about/policies/")
    assert [(link.label, link.current) for link in group.links] == [
        ("About", False),
        ("Policies", True),
    ]
    (group,) = registry.side_list(person(), "/about/elsewhere")
    assert [link.current for link in group.links] == [True, False]


def test_counts_are_asked_of_the_viewer(registry):
    registry.register(Section.DAY, "My day", "ui:about", count=lambda p: 4 if p.is_member else None)
    (group,) = registry.side_list(person(team=True), "/")
    assert group.links[0].count == 4
    (group,) = registry.side_list(person(), "/")
    assert group.links[0].count is None


def test_a_link_that_leads_nowhere_is_reported_at_start_and_breaks_no_page(registry):
    registry.register(Section.DAY, "Lost", "ui:nowhere")
    assert registry.side_list(person(), "/") == ()
    assert [error.id for error in check_navigation()] == ["ui.E001"]


def test_the_registered_links_of_the_hub_all_lead_somewhere():
    assert check_navigation() == []


def test_a_member_finds_the_list_twice_but_shortcuts_once(registry):
    registry.register(Section.RESPONSE, "Policies", "ui:policies", key="p")
    request = RequestFactory().get("/about/policies/")
    request.principal = person()
    html = Template('{% extends "ui/base.html" %}').render(Context({"request": request}))
    assert html.count('aria-current="page"') == 2
    assert html.count('data-key="p"') == 1


def test_search_is_offered_to_those_who_may(registry):
    registry.register_search("ui:about", Permission.SITE_MEMBER, "Search")
    assert registry.search_target(person()) is None
    assert registry.search_target(person(team=True)) == ("/about/", "Search")
