"""Addresses of notifications."""

from django.urls import path

from tcert.response.notifications import api
from tcert.response.notifications.views import acts, delivering, desk, lists, sending

app_name = "notifications"
_one = "notifications/<uuid:notification_id>/"
_step = "notifications/steps/<uuid:step_id>/"
_rules = "notifications/delivery/<uuid:organisation_id>/"
urlpatterns = [
    path("api/v1/notifications", api.receive, name="receive"),
    path("api/v1/notifications/<uuid:sending_id>", api.state, name="state"),
    path("notifications/", lists.notifications, name="list"),
    path("notifications/new/", sending.new, name="new"),
    path("notifications/queue/", desk.queue, name="queue"),
    path("notifications/statistics/", lists.statistics, name="statistics"),
    path("notifications/delivery/", delivering.organisations, name="organisations"),
    path(_rules, delivering.rules, name="rules"),
    path(f"{_rules}let-stand/", delivering.let_stand, name="let_stand"),
    path(f"{_rules}preview/", delivering.preview, name="preview"),
    path(f"{_rules}remove/<uuid:rule_id>/", delivering.remove, name="remove"),
    path(f"{_rules}ours/<uuid:denial_id>/", delivering.take_back, name="take_back"),
    path(_one, lists.notification, name="notification"),
    path(f"{_one}take/", desk.take, name="take"),
    path(f"{_one}send-on/", desk.send_on, name="send_on"),
    path(f"{_one}close/", desk.close, name="close"),
    path(f"{_step}lines.pgp", acts.lines, name="lines"),
    path(f"{_step}answer/", acts.answer, name="answer"),
]
