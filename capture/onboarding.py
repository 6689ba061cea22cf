"""A form that people can sign up by."""

from django.utils.translation import gettext_lazy as _

from capture.models import SignupForm
from core.onboarding import ChecklistItem, checklist

checklist.register(
    ChecklistItem(
        "form",
        _("Have an open sign-up form"),
        _("Open a form"),
        "capture:forms",
        lambda _workspace: SignupForm.objects.filter(is_open=True),
        order=30,
    )
)
