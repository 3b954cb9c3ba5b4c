"""Addresses of the room."""

from django.urls import path

from tcert.community.maturity.views import assessments, mentors, paths

app_name = "maturity"
urlpatterns = [
    path("establish/", paths.start, name="start"),
    path("establish/organisations/", paths.survey, name="survey"),
    path("establish/teams/<uuid:pk>/", paths.path, name="path"),
    path("establish/teams/<uuid:pk>/not-now/", paths.put_away, name="put_away"),
    path("establish/teams/<uuid:pk>/go-on/", paths.take_up, name="take_up"),
    path("maturity/teams/<uuid:pk>/", assessments.overview, name="assessments"),
    path("maturity/<uuid:assessment_id>/", assessments.assessment, name="assessment"),
    path("maturity/<uuid:assessment_id>/target/", assessments.aim, name="aim"),
    path("maturity/<uuid:assessment_id>/publish/", assessments.publish, name="publish"),
    path("maturity/<uuid:assessment_id>/discard/", assessments.discard, name="discard"),
    path("maturity/<uuid:assessment_id>/show/", assessments.show, name="show"),
    path("maturity/<uuid:assessment_id>/levels.csv", assessments.export, name="csv"),
    path(
        "maturity/<uuid:assessment_id>/parameters/<str:parameter>/",
        assessments.parameter,
        name="parameter",
    ),
    path("mentors/", mentors.mentors, name="mentors"),
    path("mentors/teams/<uuid:pk>/ask/", mentors.ask, name="ask_mentor"),
    path("mentors/<uuid:request_id>/", mentors.mentor_request, name="mentor_request"),
    path("mentors/<uuid:request_id>/withdraw/", mentors.withdraw, name="withdraw_request"),
    path("mentors/<uuid:request_id>/step-back/", mentors.step_back, name="step_back"),
    path("mentors/<uuid:request_id>/done/", mentors.done, name="mentoring_done"),
]
