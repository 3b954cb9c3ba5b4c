"""Addresses of notices."""

from django.urls import path

from tcert.community.notices import views

app_name = "notices"
urlpatterns = [
    path("notices/<uuid:notice>/", views.notice, name="notice"),
    path("notices/teams/<uuid:pk>/", views.team, name="team"),
    path("notices/teams/<uuid:pk>/pace/", views.pace, name="pace"),
    path("notices/teams/<uuid:pk>/webhooks/new/", views.new_webhook, name="new_webhook"),
    path("notices/teams/<uuid:pk>/sms/new/", views.new_sms, name="new_sms"),
    path("notices/teams/<uuid:pk>/hooks/<uuid:hook>/test/", views.test, name="test_hook"),
    path("notices/teams/<uuid:pk>/hooks/<uuid:hook>/resume/", views.resume, name="resume_hook"),
    path("notices/teams/<uuid:pk>/hooks/<uuid:hook>/remove/", views.remove, name="remove_hook"),
    path("seen/<str:token>/", views.seen, name="seen"),
]
