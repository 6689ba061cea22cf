"""Custom fields and tags of the workspace."""

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts.fields import create_fields
from contacts.forms import FieldForm
from contacts.models import ContactField, Tag
from contacts.tags import clean_tag, ensure_tags
from core.errors import Invalid


@require_http_methods(["GET", "HEAD", "POST"])
def field_list(request: HttpRequest) -> HttpResponse:
    """The custom fields, and a form for one more."""
    form = FieldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        field = ContactField(
            key=cleaned["key"],
            label=cleaned["label"],
            type=cleaned["type"],
            choices=cleaned["options"],
            created_at=timezone.now(),
        )
        create_fields(fields=[field])
        messages.success(request, _("Field added."))
        return redirect("contacts:fields")
    context = {"form": form, "fields": ContactField.objects.all()}
    return render(request, "contacts/fields.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def tag_list(request: HttpRequest) -> HttpResponse:
    """The tags and how many contacts have each, and a box for one more."""
    if request.method == "POST":
        try:
            ensure_tags(names=[clean_tag(request.POST.get("name", ""))], now=timezone.now())
        except Invalid as refusal:
            messages.error(request, refusal.message)
        return redirect("contacts:tags")
    tags = Tag.objects.annotate(people=Count("contact_tags")).order_by("name")
    return render(request, "contacts/tags.html", {"tags": tags})
