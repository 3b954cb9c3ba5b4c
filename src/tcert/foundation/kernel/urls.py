from django.urls import path

from tcert.foundation.kernel import views

app_name = "kernel"
urlpatterns = [path("healthz", views.healthz, name="healthz")]
