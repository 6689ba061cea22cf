"""Adding and changing a contact by hand."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts.editing import Agreement, create_contact, edit_contact
from contacts.forms import ContactForm, NewContactForm
from contacts.models import Contact
from core.errors import Invalid


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Add a contact."""
    form = NewContactForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        agreement = Agreement(form.cleaned_data["agreement"])
        try:
            contact = create_contact(
                row=form.row(),
                agreement=agreement if form.cleaned_data["agreed"] else None,
                now=timezone.now(),
            )
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Contact added."))
            return redirect("contacts:detail", contact.pk)
    return _page(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Change a contact."""
    contact = get_object_or_404(Contact, pk=contact_id)
    form = ContactForm(request.POST or None, contact=contact)
    if request.method == "POST" and form.is_valid():
        try:
            edit_contact(contact_id=contact.pk, row=form.row(), now=timezone.now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("contacts:detail", contact.pk)
    return _page(request, form, contact)


def _page(request: HttpRequest, form: ContactForm, contact: Contact | None) -> HttpResponse:
    status = 422 if form.errors else 200
    context = {"form": form, "contact": contact}
    return render(request, "contacts/edit.html", context, status=status)
