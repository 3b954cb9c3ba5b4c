"""Addresses of the desk's watch over itself."""

from django.urls import path

from tcert.community.desk.views import acts, deputy, interests, sessions

app_name = "desk"
urlpatterns = [
    path("desk/declaration/", interests.declaration, name="declaration"),
    path("desk/declaration/confirm/", interests.confirm, name="confirm"),
    path("desk/declaration/interests/<uuid:pk>/end/", interests.end, name="end_interest"),
    path("desk/acts/", acts.listing, name="acts"),
    path("desk/acts/propose/", acts.propose, name="propose"),
    path("desk/acts/<uuid:pk>/", acts.act, name="act"),
    path("desk/deputy/", deputy.deputy, name="deputy"),
    path("desk/sessions/", sessions.listing, name="sessions"),
    path("desk/sessions/sessions.csv", sessions.export, name="sessions_csv"),
    path("desk/sessions/<uuid:pk>/", sessions.session, name="session"),
    path("desk/interests/", interests.interests, name="interests"),
]
