"""Everything, top to bottom, from the environment. The other modules change only what is a structure (house rule, docs/architecture.md)."""

import zoneinfo

# British Columbia, Alberta and Manitoba stopped changing clocks in 2026; system copies of the rules may not know. Use PyPI's tzdata.
zoneinfo.reset_tzpath(to=())
zoneinfo.ZoneInfo.clear_cache()

from pathlib import Path  # noqa: E402

import dj_database_url  # noqa: E402
from csp.constants import NONE, SELF  # noqa: E402

from cmncp_portal.settings import env  # noqa: E402

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR = env.folder("CMNCP_VAR", BASE_DIR / ".var")  # everything the portal writes is in here
BUILT_ROOT = VAR / "built"  # files made from others: the web fonts

SECRET_KEY = env.text("SECRET_KEY", "")
DEBUG = False
DEMO = False
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ("localhost", "127.0.0.1", "[::1]"))
SITE_ADDRESS = env.origin("SITE_ADDRESS", "http://127.0.0.1:8000")  # in letters, where there is no request to ask
RENEWALS_RUN = env.flag(
    "RENEWALS_RUN", True
)  # the night asks for renewals and ends memberships after the days of grace
BADGE_KEY = env.content("BADGE_KEY_FILE")  # an RSA key (PEM) that signs Open Badges; without one they are not offered

# ---- the network, which has changed its name before ---------------------------------------------
NETWORK_NAME_EN = env.text("NETWORK_NAME_EN", "Canadian Municipal Network on Crime Prevention")
NETWORK_NAME_FR = env.text("NETWORK_NAME_FR", "Réseau municipal canadien en prévention de la criminalité")
NETWORK_ACRONYM_EN = env.text("NETWORK_ACRONYM_EN", "CMNCP")
NETWORK_ACRONYM_FR = env.text("NETWORK_ACRONYM_FR", "RMCPC")
NETWORK_MOTTO_EN = env.text("NETWORK_MOTTO_EN", "Together for Safer Canadian Cities")
NETWORK_MOTTO_FR = env.text("NETWORK_MOTTO_FR", "Ensemble pour des villes canadiennes plus sécuritaires")
NETWORK_CONTACT_EMAIL = env.text("NETWORK_CONTACT_EMAIL", "info@safercities.ca")
NETWORK_CONTACT_PHONE = env.text("NETWORK_CONTACT_PHONE", "")
NETWORK_POSTAL_ADDRESS_EN = env.text("NETWORK_POSTAL_ADDRESS_EN", "")
NETWORK_POSTAL_ADDRESS_FR = env.text("NETWORK_POSTAL_ADDRESS_FR", "")

# ---- apps ---------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "cmncp_portal.core",
    "cmncp_portal.accounts",
    "cmncp_portal.network",
    "cmncp_portal.notifications",
    "cmncp_portal.evaluation",
    "cmncp_portal.progress",
    "cmncp_portal.joining",
    "exchanges",
    "meetings",
    "knowledge",
    "training",
    "mentoring",
    "cmncp_portal.reporting",
    "cmncp_portal.privacy",
    "cmncp_portal.home",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "django_filters",
    "django_htmx",
    "csp",
    "rules.apps.AutodiscoverRulesConfig",
    "pgtrigger",
    "pghistory",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "cmncp_portal.core.middleware.PersonMiddleware",
]

ROOT_URLCONF = "cmncp_portal.urls"
WSGI_APPLICATION = "cmncp_portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "django.template.context_processors.tz",
                "cmncp_portal.core.context.portal",
                "cmncp_portal.home.context.waiting",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
FORMS_URLFIELD_ASSUME_HTTPS = True  # as Django 6 will; goes away with it

# ---- data ---------------------------------------------------------------------------------------
DATABASE_URL = env.text("DATABASE_URL", "postgresql:///portal")
DATABASES = {
    "default": {
        **dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True),
        # A cluster whose template1 has other collation rules must not decide those of the test database.
        "TEST": {"TEMPLATE": "template0"},
    }
}

REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379")
_seconds_to_reach_redis = {"socket_connect_timeout": 1, "socket_timeout": 5}
CACHES = {
    "default": {
        "BACKEND": "cmncp_portal.caching.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "portal",
        "OPTIONS": {**_seconds_to_reach_redis, "db": 1},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

MEDIA_ROOT = VAR / "media"  # private: sent by views that ask who wants it, never by address
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [folder for folder in (BASE_DIR / "static", BUILT_ROOT) if folder.is_dir()]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("map", "woff2", "png", "jpg", "gz", "br")

# ---- languages, dates, time ---------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]
LOCALE_PATHS = [BASE_DIR / "cmncp_portal" / "locale"]
FORMAT_MODULE_PATH = ["cmncp_portal.formats"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "America/Toronto"  # of the network's office; meetings and people have their own

# ---- who is who ---------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "cmncp_portal.accounts.backends.PortalBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "cmncp_portal.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60  # seconds; the letter with the code may wait a minute for the sweep
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXY_COUNT", 0)

MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_TOTP_ISSUER = NETWORK_ACRONYM_EN

USERSESSIONS_TRACK_ACTIVITY = False  # one write for every page seen would be a high price

# One OpenID Connect provider, such as the network's own Entra tenant. Who it signs in must already have an account here.
OIDC_SERVER_URL = env.text("OIDC_SERVER_URL", "")
SOCIALACCOUNT_PROVIDERS = {}
if OIDC_SERVER_URL:
    SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "organisation",
                    "name": env.text("OIDC_NAME", NETWORK_ACRONYM_EN),
                    "client_id": env.text("OIDC_CLIENT_ID"),
                    "secret": env.text("OIDC_CLIENT_SECRET"),
                    "settings": {"server_url": OIDC_SERVER_URL},
                }
            ],
            "EMAIL_AUTHENTICATION": True,
            "EMAIL_AUTHENTICATION_AUTO_CONNECT": True,
        }
    }
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_LOGIN_ON_GET = False

# ---- letters ------------------------------------------------------------------------------------
# Every mail goes through the outbox (EMAIL_BACKEND); what carries it away is MAIL_TRANSPORT, from EMAIL_URL.
_mail = env.mail("EMAIL_URL", f"file://{VAR / 'mail'}")
MAIL_TRANSPORT = _mail.pop("EMAIL_BACKEND")
globals().update(_mail)
EMAIL_BACKEND = "cmncp_portal.notifications.backend.OutboxBackend"
DEFAULT_FROM_ADDRESS = env.text("DEFAULT_FROM_ADDRESS", NETWORK_CONTACT_EMAIL)
DEFAULT_FROM_EMAIL = f"{NETWORK_ACRONYM_EN} / {NETWORK_ACRONYM_FR} <{DEFAULT_FROM_ADDRESS}>"
SERVER_EMAIL = env.text("SERVER_EMAIL", NETWORK_CONTACT_EMAIL)
ADMINS = [("", address) for address in env.words("ADMINS")]

# ---- background work ----------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    **_seconds_to_reach_redis,
    "socket_keepalive": True,
    "visibility_timeout": 3600,  # a task of a killed worker comes back after this; the sweep is quicker
    "max_retries": 0,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # the worker waits for the broker as long as it takes
CELERY_TASK_PUBLISH_RETRY = (
    False  # whoever saves a form must not wait for the broker: the sweep finds what was not queued
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE

# ---- headers ------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF, *([OIDC_SERVER_URL] if OIDC_SERVER_URL else [])],  # signing in leads there
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    "camera": [],
    "microphone": [],
    "geolocation": [],
    "payment": [],
    "usb": [],
    "publickey-credentials-get": ["self"],
    "publickey-credentials-create": ["self"],
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

# ---- what is written down -----------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {"django": {"handlers": ["console"], "level": "INFO", "propagate": False}},
}
