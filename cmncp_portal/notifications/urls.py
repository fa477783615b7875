from django.urls import path
from django.utils.translation import gettext_lazy as _

from . import views

app_name = "notifications"

urlpatterns = [
    path(_("letters/"), views.mine, name="mine"),
    path(_("letters/preferences/"), views.preferences, name="preferences"),
    path(_("letters/outbox/"), views.outbox, name="outbox"),
    path(_("letters/stop/<str:token>/"), views.unsubscribe, name="unsubscribe"),
    path(_("letters/<int:pk>/"), views.message, name="message"),
    path(_("letters/<int:pk>/as-sent/"), views.message_html, name="message_html"),
    path(_("letters/<int:pk>/resend/"), views.resend, name="resend"),
    path(_("letters/mailbox/"), views.mailbox, name="mailbox"),
    path(_("letters/mailbox/<int:pk>/"), views.mailbox_message, name="mailbox_message"),
    path(_("letters/mailbox/<int:pk>/as-sent/"), views.mailbox_html, name="mailbox_html"),
    path("letters/events/<slug:provider>/", views.events, name="events"),
]
