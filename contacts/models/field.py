"""Typed custom fields, as the owner names them."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ContactField(models.Model):
    """The definition of one custom field; its values live in Contact.fields[key]."""

    class Type(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        DATE = "date", _("Date")
        BOOLEAN = "boolean", _("Yes or no")
        CHOICE = "choice", _("Choice")

    key = models.SlugField(_("key"), max_length=40, unique=True)
    label = models.CharField(_("label"), max_length=60)
    type = models.CharField(_("type"), max_length=8, choices=Type, default=Type.TEXT)
    choices = models.JSONField(_("choices"), default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["label"]

    def __str__(self) -> str:
        return self.label
