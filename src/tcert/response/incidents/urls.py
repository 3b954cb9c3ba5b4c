"""Addresses of incidents."""

from django.urls import path

from tcert.response.incidents import api
from tcert.response.incidents.views import acts, incident, lists, mailing, reporting

app_name = "incidents"
_incident = "incidents/<uuid:incident_id>/"
_party = "incidents/parties/<uuid:party_id>/"
urlpatterns = [
    path("api/v1/incidents", api.report, name="report"),
    path("api/v1/incidents/<slug:number>", api.state, name="state"),
    path("incidents/", lists.incidents, name="list"),
    path("incidents/incidents.csv", lists.incidents_csv, name="csv"),
    path("incidents/mail/", mailing.mail, name="mail"),
    path("incidents/mail/<uuid:key>/facts.txt", mailing.mail_facts, name="mail_facts"),
    path("incidents/mail/<uuid:key>/keys.asc", mailing.mail_keys, name="mail_keys"),
    path("incidents/mail/<uuid:key>/words.txt", mailing.mail_words, name="mail_words"),
    path("incidents/new/", reporting.new, name="new"),
    path(_incident, incident.incident, name="incident"),
    path(f"{_incident}case/", acts.case, name="case"),
    path(f"{_incident}change/", acts.change, name="change"),
    path(f"{_incident}count/", acts.count, name="count"),
    path(f"{_incident}hold/", acts.hold, name="hold"),
    path(f"{_incident}incident.misp.json", incident.as_misp, name="misp"),
    path(f"{_incident}incident.stix.json", incident.as_stix, name="stix"),
    path(f"{_incident}indicator/", acts.indicator, name="indicator"),
    path(f"{_incident}indicators.csv", incident.indicators_csv, name="indicators_csv"),
    path(f"{_incident}join/", acts.join, name="join"),
    path(f"{_incident}name/", acts.name, name="name"),
    path(f"{_incident}separate/", acts.separate, name="separate"),
    path(f"{_incident}talk/", incident.talk, name="talk"),
    path(f"{_incident}task/", acts.task, name="task"),
    path(f"{_party}answer/", acts.answer, name="answer"),
    path(f"{_party}end/", acts.end, name="end"),
    path("incidents/tasks/<uuid:task_id>/settle/", acts.settle, name="settle"),
    path("incidents/indicators/<uuid:indicator_id>/withdraw/", acts.withdraw, name="withdraw"),
    path("incidents/cases/<uuid:link_id>/unlink/", acts.unlink, name="unlink"),
]
