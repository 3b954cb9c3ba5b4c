"""Addresses of reachability."""

from django.urls import path

from tcert.community.reachability.views import links, overview, teams

app_name = "reachability"
urlpatterns = [
    path("reachability/", overview.overview, name="overview"),
    path("reachability/teams.csv", overview.export, name="overview_csv"),
    path("reachability/teams/<uuid:pk>/", teams.team, name="team"),
    path("reachability/teams/<uuid:pk>/practice/", teams.practise, name="practise"),
    path("reachability/teams/<uuid:pk>/drills/<uuid:drill>/answer/", teams.answer, name="own"),
    path(
        "reachability/teams/<uuid:pk>/channels/<uuid:channel>/test/",
        teams.test_mail,
        name="test_mail",
    ),
    path("reachability/teams/<uuid:pk>/pause/", teams.pause, name="pause"),
    path(
        "reachability/teams/<uuid:pk>/pauses/<uuid:pause>/end/", teams.end_pause, name="end_pause"
    ),
    path("reachability/teams/<uuid:pk>/drill/", overview.start, name="start"),
    path("drills/<uuid:drill>/reply/", links.reply, name="reply"),
    path("drills/answer/<str:token>/", links.answer, name="answer"),
    path("drills/works/<str:token>/", links.works, name="works"),
]
