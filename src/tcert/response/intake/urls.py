"""Addresses of the stranger's side; a receipt never stands in one."""

from django.urls import path

from tcert.response.intake import mailbox_views, views

app_name = "intake"
urlpatterns = [
    path("report/", views.report, name="report"),
    path("report/guidance/", views.guidance, name="guidance"),
    path("report/begin", views.begin, name="begin"),
    path("report/file", views.keep_file, name="file"),
    path("report/send", views.send, name="send"),
    path("receipt/", mailbox_views.mailbox, name="mailbox"),
    path("receipt/open", mailbox_views.open_sealed, name="open"),
    path("receipt/fetch", mailbox_views.fetch, name="fetch"),
    path("receipt/part", mailbox_views.part, name="part"),
    path("receipt/keep", mailbox_views.keep_file, name="keep"),
    path("receipt/post", mailbox_views.post_sealed, name="post"),
    path("receipt/anew/begin", mailbox_views.begin_anew, name="begin_anew"),
    path("receipt/anew/send", mailbox_views.send_anew, name="send_anew"),
    path("receipt/withdraw", mailbox_views.withdraw, name="withdraw"),
    path("receipt/leave", mailbox_views.leave, name="leave"),
]
