"""Addresses of the desk's watch over itself."""

from django.urls import path

from tcert.community.desk import views

app_name = "desk"
urlpatterns = [
    path("desk/declaration/", views.declaration, name="declaration"),
    path("desk/declaration/confirm/", views.confirm, name="confirm"),
    path("desk/declaration/interests/<uuid:pk>/end/", views.end, name="end_interest"),
    path("desk/interests/", views.interests, name="interests"),
]
