"""The whole URL space on one screen, in English and in French."""

from allauth.account.decorators import secure_admin_login
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from cmncp_portal import frame_views

# The back office asks for the same codes and passkeys as the portal.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", frame_views.to_my_language, name="root"),
    path("healthz/", frame_views.health, name="health"),
    path("robots.txt", frame_views.robots, name="robots"),
    path("admin/", admin.site.urls),
]

urlpatterns += i18n_patterns(
    path(_("account/"), include("cmncp_portal.accounts.urls")),
    path(_("account/"), include("allauth.urls")),
    path(_("exchanges/"), include("exchanges.urls")),
    path(_("meetings/"), include("meetings.urls")),
    path(_("knowledge/"), include("knowledge.urls")),
    path(_("training/"), include("training.urls")),
    path(_("mentoring/"), include("mentoring.urls")),
    path(_("strategies/"), include("cmncp_portal.progress.urls")),
    path(_("join/"), include("cmncp_portal.joining.urls")),
    path(_("reports/"), include("cmncp_portal.reporting.urls")),
    path(_("my-data/"), include("cmncp_portal.privacy.urls")),
    path("", include("cmncp_portal.notifications.urls")),
    path("", include("cmncp_portal.evaluation.urls")),
    path("", include("cmncp_portal.network.urls")),
    path("", include("cmncp_portal.home.urls")),
    prefix_default_language=True,
)
