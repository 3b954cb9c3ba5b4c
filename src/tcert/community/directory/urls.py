"""Addresses of the directory."""

from django.urls import path

from tcert.community.directory.views import (
    documents,
    history,
    keys,
    listing,
    manage,
    public,
    publicity,
    sections,
)

app_name = "directory"
urlpatterns = [
    path("directory/", listing.listing, name="list"),
    path("directory/directory.csv", listing.export, name="csv"),
    path("directory/list.json", listing.list_json, name="list_json"),
    path("directory/list.csv", listing.list_csv, name="list_csv"),
    path("directory/list.schema.json", listing.list_schema, name="list_schema"),
    path("directory/statistics/", listing.statistics, name="statistics"),
    path("directory/organisations/new/", manage.new_organisation, name="new_organisation"),
    path("directory/organisations/<uuid:pk>/", public.organisation, name="organisation"),
    path(
        "directory/organisations/<uuid:pk>/edit/",
        manage.edit_organisation,
        name="edit_organisation",
    ),
    path(
        "directory/organisations/<uuid:pk>/retire/",
        manage.retire_organisation,
        name="retire_organisation",
    ),
    path(
        "directory/organisations/<uuid:pk>/restore/",
        manage.restore_organisation,
        name="restore_organisation",
    ),
    path("directory/organisations/<uuid:pk>/teams/new/", manage.new_team, name="new_team"),
    path("directory/teams/<uuid:pk>/", public.team, name="team"),
    path("directory/teams/<uuid:pk>/rfc2350/", documents.description, name="rfc2350"),
    path("directory/teams/<uuid:pk>/rfc2350.txt", documents.text, name="rfc2350_text"),
    path("directory/teams/<uuid:pk>/rfc2350.txt.asc", documents.signature, name="rfc2350_asc"),
    path("directory/teams/<uuid:pk>/security.txt", documents.security_txt, name="security_txt"),
    path("directory/teams/<uuid:pk>/team.vcf", documents.card, name="vcard"),
    path("directory/teams/<uuid:pk>/team.json", documents.contact, name="jscontact"),
    path("directory/teams/<uuid:pk>/sections/", sections.overview, name="sections"),
    path(
        "directory/teams/<uuid:pk>/sections/<str:section>/<str:language>/",
        sections.edit,
        name="section",
    ),
    path("directory/teams/<uuid:pk>/public/", publicity.choose, name="publicity"),
    path("directory/teams/<uuid:pk>/confirm/", manage.confirm, name="confirm_team"),
    path("directory/teams/<uuid:pk>/history/", history.history, name="history"),
    path("directory/teams/<uuid:pk>/hours/", manage.hours, name="hours"),
    path("directory/teams/<uuid:pk>/edit/", manage.edit_team, name="edit_team"),
    path("directory/teams/<uuid:pk>/retire/", manage.retire_team, name="retire_team"),
    path("directory/teams/<uuid:pk>/restore/", manage.restore_team, name="restore_team"),
    path("directory/teams/<uuid:pk>/undo/", manage.undo, name="undo"),
    path("directory/teams/<uuid:pk>/people/", manage.people, name="people"),
    path(
        "directory/teams/<uuid:pk>/people/<uuid:membership>/role/", manage.change_role, name="role"
    ),
    path(
        "directory/teams/<uuid:pk>/people/<uuid:membership>/remove/",
        manage.remove_person,
        name="remove_person",
    ),
    path("directory/teams/<uuid:pk>/channels/new/", manage.new_channel, name="new_channel"),
    path(
        "directory/teams/<uuid:pk>/channels/<uuid:channel>/",
        manage.edit_channel,
        name="edit_channel",
    ),
    path(
        "directory/teams/<uuid:pk>/channels/<uuid:channel>/remove/",
        manage.remove_channel,
        name="remove_channel",
    ),
    path("directory/teams/<uuid:pk>/keys/<str:fingerprint>.asc", public.certificate, name="asc"),
    path("directory/teams/<uuid:pk>/key/", keys.overview, name="keys"),
    path("directory/teams/<uuid:pk>/key/make/", keys.make, name="make_key"),
    path("directory/teams/<uuid:pk>/key/upload/", keys.upload, name="upload_key"),
    path("directory/teams/<uuid:pk>/key/<uuid:key>/confirm/", keys.confirm, name="confirm_key"),
    path("directory/teams/<uuid:pk>/key/<uuid:key>/refuse/", keys.refuse, name="refuse_key"),
    path("directory/teams/<uuid:pk>/key/<uuid:key>/renew/", keys.renew, name="renew_key"),
    path("directory/teams/<uuid:pk>/key/<uuid:key>/revoke/", keys.revoke, name="revoke_key"),
    path("directory/teams/<uuid:pk>/key/<uuid:key>/share/", keys.share, name="share_key"),
    path("directory/teams/<uuid:pk>/key/<uuid:key>/backup/", keys.backup, name="backup_key"),
    path("directory/teams/<uuid:pk>/key/<uuid:key>/intake/", keys.intake, name="intake_key"),
    path("directory/keys/", keys.waiting, name="waiting_keys"),
]
