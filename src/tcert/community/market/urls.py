"""Addresses of the marketplace."""

from django.urls import path

from tcert.community.market.views import contacts, desk, entries, lists

app_name = "market"

_ENTRY = "market/<uuid:entry_id>/"

urlpatterns = [
    path("market/", lists.listing, name="list"),
    path("market/marketplace.csv", lists.sheet, name="csv"),
    path("market/marketplace.json", lists.document, name="json"),
    path("market/mine/", lists.mine, name="mine"),
    path("market/matches/", lists.fitting, name="matches"),
    path("market/matches/notices/", entries.wish, name="wish"),
    path("market/offers/new/", entries.new_offer, name="new_offer"),
    path("market/needs/new/", entries.new_need, name="new_need"),
    path("market/reports/", desk.reports, name="reports"),
    path("market/reports/<uuid:report_id>/", desk.settle, name="settle"),
    path("market/contacts/<uuid:contact_id>/", contacts.contact, name="contact"),
    path("market/contacts/<uuid:contact_id>/reply/", contacts.reply, name="reply"),
    path(_ENTRY, entries.entry, name="entry"),
    path(f"{_ENTRY}change/", entries.change, name="change"),
    path(f"{_ENTRY}move/", entries.move, name="move"),
    path(f"{_ENTRY}claims/", entries.claims, name="claims"),
    path(f"{_ENTRY}claims/off/", entries.unclaim, name="unclaim"),
    path(f"{_ENTRY}contact/", contacts.turn_to, name="turn_to"),
    path(f"{_ENTRY}report/", entries.report, name="report"),
]
