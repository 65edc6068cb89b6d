"""parcelbook: the post office's book of parcels (Django on SQLite), served by gunicorn as parcelbook:application.

The database is the file PARCELBOOK_DB.
"""

import os
import time

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import JsonResponse
from django.urls import path

settings.configure(
    ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY=os.urandom(20).hex(),
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["PARCELBOOK_DB"], "OPTIONS": {"timeout": 4}}},
    LOGGING={
        "version": 1, "disable_existing_loggers": False,
        "formatters": {"verbose": {"format": "{levelname} {asctime} {module} {process:d} {thread:d} {message}", "style": "{"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "verbose"}},
        "loggers": {"": {"handlers": ["console"], "level": "INFO"}, "django": {"handlers": ["console"], "level": "INFO", "propagate": False}},
    })
import logging

log = logging.getLogger("parcelbook")


def parcel(request, number):
    start = time.monotonic()
    with connection.cursor() as cursor:
        if request.method == "POST":
            cursor.execute("INSERT INTO scans (parcel, place, at) VALUES (%s, 'counter', datetime('now'))", [number])
            log.info("parcel %d scanned in %.0f ms", number, 1000 * (time.monotonic() - start))
        cursor.execute("SELECT count(*) FROM scans WHERE parcel = %s", [number])
        return JsonResponse({"parcel": number, "scans": cursor.fetchone()[0]})


urlpatterns = [path("parcel/<int:number>", parcel)]
application = get_wsgi_application()
