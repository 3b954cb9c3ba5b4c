"""Addresses of participation."""

from django.urls import path

from tcert.community.participation.views import desk, members, own

app_name = "participation"
urlpatterns = [
    path("participation/", own.own, name="own"),
    path(
        "participation/organisations/<uuid:organisation_id>/",
        own.organisation,
        name="organisation",
    ),
    path("participation/organisations/<uuid:organisation_id>/absences/new/", own.ask, name="ask"),
    path(
        "participation/organisations/<uuid:organisation_id>/offices/new/",
        desk.new_office,
        name="new_office",
    ),
    path("participation/absences/", desk.absences, name="absences"),
    path("participation/absences/<uuid:absence_id>/decide/", desk.decide, name="decide"),
    path("participation/absences/<uuid:absence_id>/withdraw/", own.withdraw, name="withdraw"),
    path("participation/offices/", members.offices, name="offices"),
    path("participation/offices/<uuid:office_id>/end/", desk.end_office, name="end_office"),
    path("participation/report/", desk.report, name="report"),
    path("participation/report/report.csv", desk.export, name="report_csv"),
    path("participation/standings/", members.standings, name="standings"),
    path("participation/standings/standings.csv", members.export, name="standings_csv"),
]
