"""What the generated service is measured against: the same row, the same driver, no security.

    cp bare.py SERVICE/ && cd SERVICE && DATABASE_URL=sqlite:////path/of/service.db PORT=8100 .venv/bin/python bare.py
"""

import os
from datetime import datetime
from uuid import UUID

import django
from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["DATABASE_URL"].removeprefix("sqlite:///"),
            "CONN_MAX_AGE": None,
        }
    },
    ROOT_URLCONF="__main__",
    SECRET_KEY="bare",
    USE_I18N=False,
)
django.setup()

from django.core.wsgi import get_wsgi_application
from django.db import models
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import path
from gunicorn.app.base import BaseApplication
from ninja import NinjaAPI, Schema


class Item(models.Model):
    id = models.UUIDField(primary_key=True)
    title = models.CharField(max_length=200)
    body = models.TextField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        app_label = "bare"
        db_table = "items_item"
        managed = False


class ItemOut(Schema):
    id: UUID
    title: str
    body: str
    created_at: datetime
    updated_at: datetime


api = NinjaAPI()


@api.get("/readyz")
def readyz(request: HttpRequest) -> dict[str, str]:
    return {"status": "ok"}


@api.get("/v1/items/{item_id}", response=ItemOut)
def read_item(request: HttpRequest, item_id: UUID) -> Item:
    return get_object_or_404(Item, id=item_id)


urlpatterns = [path("", api.urls)]


class Server(BaseApplication):
    def load_config(self) -> None:
        self.cfg.set("bind", f"127.0.0.1:{os.environ['PORT']}")
        self.cfg.set("worker_class", "gthread")
        self.cfg.set("threads", 64)
        self.cfg.set("keepalive", 65)
        self.cfg.set("preload_app", True)
        self.cfg.set("loglevel", "warning")
        self.cfg.set("control_socket_disable", True)

    def load(self):
        return get_wsgi_application()


if __name__ == "__main__":
    Server().run()
