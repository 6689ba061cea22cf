"""All settings, read from the environment by typed readers; nonsense stops the process."""

from pathlib import Path

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _
from whitenoise.compress import Compressor

from config import env
from config.logs import logging_settings

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(env.text("VIAGGIO_VAR", str(ROOT / "var")))

# True on a newcomer's own machine: plain http, the mail inbox open to all, the specimen page.
LOCAL = env.flag("VIAGGIO_LOCAL")
DEBUG = False
SECRET_KEY = env.text("VIAGGIO_SECRET_KEY")
SECRET_KEY_FALLBACKS = env.words("VIAGGIO_OLD_SECRET_KEYS")

# The public site; each workspace lives one label below it.
BASE_DOMAIN = env.text("VIAGGIO_BASE_DOMAIN", "localhost")
PORT = env.number("VIAGGIO_PORT", 8000)
SCHEME = "http" if LOCAL else "https"
# Hosts are decided by tenants.middleware: the base domain, or a Domain row; all others get 404.
ALLOWED_HOSTS = ["*"]
# Reverse proxies in front of us that set X-Forwarded-For; 0 means the header is ignored.
TRUSTED_PROXIES = env.number("VIAGGIO_TRUSTED_PROXIES", 0)

SHARED_APPS = [
    # Before django_tenants, whose admin templates have inline styles.
    "django.contrib.admin",
    "django_tenants",
    "tenants",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "lucide",
]
TENANT_APPS = [
    "django.contrib.sessions",
    "events",
    "contacts",
    "journeys",
    "campaigns",
    "capture",
    "commerce",
    "surveys",
    "insights",
]
# core comes last: it discovers the plug-ins once all models are loaded.
INSTALLED_APPS = [
    *SHARED_APPS,
    *(app for app in TENANT_APPS if app not in SHARED_APPS),
    "core",
]

TENANT_MODEL = "tenants.Workspace"
TENANT_DOMAIN_MODEL = "tenants.Domain"
PUBLIC_SCHEMA_URLCONF = "config.urls_public"
ROOT_URLCONF = "config.urls"
TEMPLATE_SCHEMA = "viaggio_template"
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
DATABASES = {
    "default": {
        **env.database("DATABASE_URL"),
        # Connections live minutes, not for ever: each keeps memory for every schema it touched.
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
    }
}
AUTH_USER_MODEL = "tenants.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.logs.RequestIdMiddleware",
    "config.health.HealthMiddleware",
    "tenants.middleware.WorkspaceMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tenants.middleware.AccessMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "tenants.pages.page_context",
                "core.navigation.shell",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "core.ui",
            ],
        },
    }
]

# --- time and language
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("it", _("Italian"))]
LOCALE_PATHS = [ROOT / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

# --- files
STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "static"]
STATIC_ROOT = VAR / "static"
MEDIA_ROOT = VAR / "media"
MULTITENANT_RELATIVE_MEDIA_ROOT = "%s"
STORAGES = {
    "default": {"BACKEND": "django_tenants.files.storage.TenantFileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# No page asks for source maps, and compressing them took most of the first start.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# What one contact import may hold; a larger file is refused before anything is written.
IMPORT_ROWS_MAX = env.number("VIAGGIO_IMPORT_ROWS_MAX", 2_000_000)
IMPORT_BYTES_MAX = env.number("VIAGGIO_IMPORT_BYTES_MAX", 400_000_000)

# --- cache: per process; anything that must be shared between processes is a row
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "KEY_FUNCTION": "django_tenants.cache.make_key",
        "REVERSE_KEY_FUNCTION": "django_tenants.cache.reverse_key",
    }
}

# --- accounts
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = SCHEME
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_ADAPTER = "tenants.accounts.AccountAdapter"
# A stranger's address gets no mail; the page is the same as for a known one.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# Ours count in PostgreSQL, for all processes together; allauth's would count per process.
ACCOUNT_RATE_LIMITS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
MFA_ADAPTER = "tenants.accounts.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Viaggio"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "workspaces"

# --- mail of the installation itself goes through rows, like every other mail
EMAIL_BACKEND = "tenants.system_mail.RowBackend"
# Where mail leaves when a workspace has no account of its own: smtp://user:password@host:port
EMAIL_URL = env.text("EMAIL_URL", "smtp://127.0.0.1:8025")
# The local mail catcher listens here.
MAIL_PORT = env.number("VIAGGIO_MAIL_PORT", 8025)
DEFAULT_FROM_EMAIL = env.text("VIAGGIO_FROM_EMAIL", f"Viaggio <hello@{BASE_DOMAIN}>")
if BASE_DOMAIN == "localhost":
    DEFAULT_FROM_EMAIL = env.text("VIAGGIO_FROM_EMAIL", "Viaggio <hello@viaggio.example>")

# --- background work: rows are the truth, messages are hints
# How long a worker may be silent before its messages, and its lanes, are somebody else's; seconds.
SENDING_LEASE_SECONDS = env.number("VIAGGIO_SENDING_LEASE_SECONDS", 300)
AGENDA_LEASE_SECONDS = env.number("VIAGGIO_AGENDA_LEASE_SECONDS", 60)
CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", "memory://")

# --- security
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = not LOCAL
SECURE_HSTS_SECONDS = 0 if LOCAL else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not LOCAL
SECURE_HSTS_PRELOAD = not LOCAL
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SESSION_COOKIE_SECURE = not LOCAL
CSRF_COOKIE_SECURE = not LOCAL
CSRF_FAILURE_VIEW = "core.error_pages.csrf_failure"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}

# --- API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tenants.api_keys.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["tenants.api_keys.HasScope"],
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.ApiSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "core.api.errors.handle_exception",
    "DEFAULT_PARSER_CLASSES": ["core.api.json_body.StrictJSONParser"],
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Viaggio API",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "DESCRIPTION": "Contacts, events, journeys and messages of one workspace.",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    # Enums stay where they are used: named by guess, they would change names as others come.
    "POSTPROCESSING_HOOKS": ["core.api.schema.add_errors"],
}

LOGGING = logging_settings(json=not LOCAL)
FORM_RENDERER = "core.ui.FormRenderer"
