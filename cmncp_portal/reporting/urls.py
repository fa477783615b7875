"""Addresses."""

app_name = "reporting"

urlpatterns: list = []
