"""The mail providers whose reports are understood: anymail's addresses, reached only through views.events."""

from django.urls import include, path

urlpatterns = [path("", include("anymail.urls"))]
