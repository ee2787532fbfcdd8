"""Django's settings, made from the shop's folder and a few words of the environment.

``REGULARS_SHOP`` is the folder. ``DATABASE_URL`` keeps people, jobs and audit in PostgreSQL rather than in the folder's
``app.sqlite3``. ``REGULARS_ADDRESS`` is the address people use (https://shop.example.com), where a proxy stands in
front. ``REGULARS_SMTP`` (smtp://user:password@host:587) sends mail; without it links are shown rather than mailed.
``REGULARS_ANYMAIL`` is the provider that campaigns may go through, see ``outreach/providers.py``.
``REGULARS_LOG`` is the file that events are written to, one JSON object a line; else the standard error.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from regulars.app import catalogs, keys, logs
from regulars.app.databases import database
from regulars.app.discovery import folders
from regulars.app.mail import mail, provider
from regulars.model.settings import LANGUAGES as SPOKEN

FOLDER = Path(os.environ.get("REGULARS_SHOP") or "shop").resolve()
ADDRESS = os.environ.get("REGULARS_ADDRESS", "").rstrip("/")
SECURE = ADDRESS.startswith("https://")

SQLITE_FOLDERS = [Path(each) for each in os.environ.get("REGULARS_SQLITE", "").split(os.pathsep) if each]

SECRET_KEY = keys.secret_key(FOLDER)
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *keys.hosts(ADDRESS, os.environ.get("REGULARS_HOST", ""))]
CSRF_TRUSTED_ORIGINS = [ADDRESS] if ADDRESS else []
CSRF_FAILURE_VIEW = "regulars.app.base.trouble.refused_form"
ROOT_URLCONF = "regulars.app.urls"
WSGI_APPLICATION = "regulars.app.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    *folders(),
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages",
    "django.contrib.staticfiles", "django.contrib.humanize", "django_htmx",
    "allauth", "allauth.account", "allauth.mfa", "allauth.usersessions",
]
MIDDLEWARE = [
    "regulars.app.api.watching.Counting",
    "regulars.app.base.middleware.SecureHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "regulars.app.base.middleware.Language",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "regulars.app.base.middleware.Trouble",
    "regulars.app.doors.middleware.OnlyLooking",
]
TEMPLATES: list[dict[str, Any]] = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": True,
    "OPTIONS": {
        "context_processors": [
            "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
            "django.contrib.messages.context_processors.messages", "regulars.app.base.context.everywhere"],
        "builtins": ["regulars.app.base.templatetags.said", "django.templatetags.i18n",
                     "django.templatetags.static"],
    },
}]

DATABASES = {"default": database(FOLDER, os.environ.get("DATABASE_URL", ""))}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "regulars"}}

AUTH_USER_MODEL = "doors.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "regulars.app.doors.adapter.Doors"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_RATE_LIMITS = {"login_failed": "20/5m/ip,5/5m/key", "reset_password": "20/h/ip,5/h/key"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Regulars"
# Browsers allow passkeys on http only at localhost, where this server is by itself.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
USERSESSIONS_TRACK_ACTIVITY = True

EMAIL_BACKEND, MAIL = mail(os.environ.get("REGULARS_SMTP", ""), os.environ.get("REGULARS_SENDER", ""))
DEFAULT_FROM_EMAIL = MAIL.sender
EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.host, MAIL.port, MAIL.user, MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL, EMAIL_TIMEOUT = MAIL.start_tls, MAIL.tls, 20

ANYMAIL = provider(os.environ.get("REGULARS_ANYMAIL", ""))

SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_HTTPONLY = True
# Browsers keep cookies by host, not by port: two shops on one machine would else sign each other out.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = (f"regulars_{which}_{keys.mark(FOLDER)}" for which in ("session", "csrf"))
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_TEMP_DIR = None

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("id", "Bahasa Indonesia"), ("ur", "اردو"), ("ru", "Русский")]
assert tuple(code for code, _ in LANGUAGES) == SPOKEN
LOCALE_PATHS = [catalogs.compiled()]
USE_TZ = True
TIME_ZONE = "UTC"
FORM_RENDERER = "regulars.app.base.forms.Renderer"

STATIC_URL = "/static/"
STORAGES = {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
            "staticfiles": {"BACKEND": "regulars.app.base.statics.Stamped"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 7 * 24 * 3600

LOGGING = logs.settings(os.environ.get("REGULARS_LOG", ""))
