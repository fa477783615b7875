from django.urls import path
from django.utils.translation import gettext_lazy as _

from .views import calendar, pages, people, reach

app_name = "home"
urlpatterns = [
    path("", people.front, name="front"),
    path(_("my-page/"), people.to_front, name="dashboard"),
    path(_("calendar/"), calendar.calendar, name="calendar"),
    path(_("calendar/address/"), calendar.feed_address, name="feed_address"),
    path(_("calendar/<str:token>.ics"), calendar.feed, name="feed"),
    path(_("search/"), people.search, name="search"),
    path(_("municipalities/<slug:slug>/activity/"), people.municipality_activity, name="municipality_activity"),
    path(_("reach/"), reach.reach, name="reach"),
    path(_("reach/visits/"), reach.ways, name="reach_ways"),
    path(_("reach/not-reached/"), reach.unreached, name="reach_unreached"),
    path(_("reach/list.csv"), reach.export, name="reach_export"),
    path(_("accessibility/"), pages.accessibility, name="accessibility"),
    path(_("privacy/"), pages.privacy, name="privacy"),
    path(_("terms/"), pages.terms, name="terms"),
    path(_("gallery/"), pages.gallery, name="gallery"),
]
