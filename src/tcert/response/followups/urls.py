"""Where an incident is made of a notification."""

from django.urls import path

from tcert.response.followups import views

app_name = "followups"
urlpatterns = [
    path("notifications/<uuid:notification_id>/incident/", views.make, name="make"),
]
