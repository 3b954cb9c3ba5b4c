"""Addresses of joining."""

from django.urls import path

from tcert.community.joining.views import applicant, desk, members, public

app_name = "joining"
urlpatterns = [
    path("join/", public.join, name="join"),
    path("join/account/", public.account, name="account"),
    path("join/invite/", public.invite, name="invite"),
    path("join/mine/", applicant.mine, name="mine"),
    path("join/mine/<uuid:pk>/", applicant.application, name="application"),
    path("join/mine/<uuid:pk>/edit/", applicant.edit, name="edit"),
    path("join/mine/<uuid:pk>/mail/", applicant.mail, name="mail"),
    path("join/mine/<uuid:pk>/sponsors/", applicant.sponsors, name="sponsors"),
    path("join/mine/<uuid:pk>/submit/", applicant.submit, name="submit"),
    path("join/mine/<uuid:pk>/write/", applicant.write, name="write"),
    path("join/mine/<uuid:pk>/withdraw/", applicant.withdraw, name="withdraw"),
    path("join/applicants/", members.applicants, name="applicants"),
    path("join/applicants/<uuid:pk>/", members.applicant, name="applicant"),
    path("join/applicants/<uuid:pk>/object/", members.object_to, name="object"),
    path("join/objections/<uuid:pk>/", members.objection, name="objection"),
    path("join/sponsorships/<uuid:pk>/", members.sponsorship, name="sponsorship"),
    path("join/sponsorships/<uuid:pk>/decline/", members.decline, name="decline_sponsor"),
    path("join/sponsorships/<uuid:pk>/take-back/", members.take_back, name="take_back"),
    path("join/queue/", desk.queue, name="queue"),
    path("join/queue/applications.csv", desk.export, name="queue_csv"),
    path("join/queue/<uuid:pk>/", desk.desk, name="desk"),
    path("join/queue/<uuid:pk>/examine/", desk.examine, name="examine"),
    path("join/queue/<uuid:pk>/write/", desk.write, name="desk_write"),
    path("join/queue/<uuid:pk>/open/", desk.open_period, name="open_period"),
    path("join/queue/<uuid:pk>/resume/", desk.resume, name="resume"),
    path("join/queue/<uuid:pk>/admit/", desk.admit, name="admit"),
    path("join/queue/<uuid:pk>/defer/", desk.defer, name="defer"),
    path("join/queue/<uuid:pk>/decline/", desk.decline, name="decline"),
    path("join/queue/objections/<uuid:pk>/", desk.decide, name="decide"),
]
