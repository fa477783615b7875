"""The letters about accounts. All are essential: who may enter is nobody's newsletter."""

from django.utils.translation import gettext_lazy as _

from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.models import Category

INVITATION = Kind("accounts.invitation", Category.ACCOUNT, ("name", "email", "by", "until", "url"))
ROLES_CHANGED = Kind("accounts.roles_changed", Category.ACCOUNT, ("name", "given", "taken", "by", "url"))
ACCOUNT_CLOSED = Kind("accounts.account_closed", Category.ACCOUNT, ("name", "by"))
ACCOUNT_OPENED = Kind("accounts.account_opened", Category.ACCOUNT, ("name", "by", "url"))
SIGN_IN_CODE = Kind("accounts.sign_in_code", Category.ACCOUNT, ("code", "minutes"))
EMAIL_CODE = Kind("accounts.email_code", Category.ACCOUNT, ("code", "minutes", "email"))
PASSWORD_RESET = Kind("accounts.password_reset", Category.ACCOUNT, ("name", "url"))
UNKNOWN_ADDRESS = Kind("accounts.unknown_address", Category.ACCOUNT, ("email",))
SECURITY_CHANGE = Kind("accounts.security_change", Category.ACCOUNT, ("name", "what", "when", "ip", "browser", "url"))

# What allauth reports after the fact, by the name of its own mail.
SECURITY_CHANGES = {
    "account/email/password_changed": _("The password of your account was changed."),
    "account/email/password_set": _("A password was set for your account."),
    "account/email/password_reset": _("The password of your account was replaced."),
    "account/email/email_changed": _(
        "The email address of your account was changed from %(from_email)s to %(to_email)s."
    ),
    "account/email/email_confirm": _("An email address of your account was confirmed."),
    "account/email/email_deleted": _("The email address %(deleted_email)s was removed from your account."),
    "mfa/email/totp_activated": _("An authenticator app was connected to your account."),
    "mfa/email/totp_deactivated": _("The authenticator app was disconnected from your account."),
    "mfa/email/recovery_codes_generated": _(
        "New recovery codes were made for your account. The former ones no longer work."
    ),
    "mfa/email/webauthn_added": _("A passkey or security key was added to your account."),
    "mfa/email/webauthn_removed": _("A passkey or security key was removed from your account."),
    "socialaccount/email/account_connected": _("Your account can now be entered with the sign-in of %(provider)s."),
    "socialaccount/email/account_disconnected": _(
        "Your account can no longer be entered with the sign-in of %(provider)s."
    ),
}
