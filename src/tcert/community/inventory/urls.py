"""Addresses of the inventory."""

from django.urls import path

from tcert.community.inventory import views

app_name = "inventory"
urlpatterns = [
    path("inventory/", views.organisations, name="organisations"),
    path("products/", views.all_products, name="products"),
    path("inventory/<uuid:organisation_id>/", views.overview, name="overview"),
    path("inventory/<uuid:organisation_id>/equipment.csv", views.equipment_csv, name="csv"),
    path("inventory/<uuid:organisation_id>/products/new/", views.product, name="new_product"),
    path(
        "inventory/<uuid:organisation_id>/products/<uuid:product_id>/",
        views.product,
        name="product",
    ),
    path(
        "inventory/<uuid:organisation_id>/<str:kind>/<uuid:declaration_id>/withdraw/",
        views.withdraw,
        name="withdraw",
    ),
]
