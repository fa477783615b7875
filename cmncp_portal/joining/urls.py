"""Addresses of joining. Personal pages come first: their address is the key."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from .views import applying, deciding, fees, public, renewing

app_name = "joining"

urlpatterns = [
    path("", public.join, name="join"),
    path(_("resolution/"), public.resolution, name="resolution"),
    path(_("sent/"), public.sent, name="sent"),
    path(_("lost-link/"), public.lost_link, name="lost_link"),
    path(_("mine/<str:token>/"), applying.page, name="page"),
    path(_("mine/<str:token>/application/"), applying.application, name="application"),
    path(_("mine/<str:token>/<slug:name>/"), applying.act, name="act"),
    path(_("desk/"), deciding.desk, name="desk"),
    path(_("desk/interest/<int:pk>/"), deciding.interest, name="interest"),
    path(_("desk/interest/<int:pk>/<slug:name>/"), deciding.interest_act, name="interest_act"),
    path(_("desk/application/<int:pk>/"), deciding.decide, name="decide"),
    path(_("desk/application/<int:pk>/resolution/"), deciding.resolution_file, name="resolution_file"),
    path(_("desk/application/<int:pk>/<slug:name>/"), deciding.application_act, name="application_act"),
    path(_("desk/fees/"), fees.fees, name="fees"),
    path(_("desk/renewals/"), renewing.renewals, name="renewals"),
    path(_("desk/renewals/<int:pk>/<slug:name>/"), renewing.renewal_act, name="renewal_act"),
    path(_("first-steps/<slug:slug>/"), renewing.first_steps, name="first_steps"),
    path(_("first-steps/<slug:slug>/<slug:code>/"), renewing.step_act, name="step_act"),
    path(_("renewal/<slug:slug>/"), renewing.my_renewal, name="my_renewal"),
    path(_("renewal/<slug:slug>/<slug:name>/"), renewing.my_renewal_act, name="my_renewal_act"),
]
