"""`manage.py create_operator`: somebody who may use the operators' admin."""

import getpass
import os
from argparse import ArgumentParser
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from core.mailgate import AddressError, clean_address
from tenants.models import User


class Command(BaseCommand):
    help = (
        "Make an operator. The password comes from VIAGGIO_OPERATOR_PASSWORD or is asked for;"
        " an existing person becomes an operator and keeps theirs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="Operator")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            email = clean_address(options["email"]).lower()
        except AddressError as error:
            raise CommandError(error.message) from None
        with transaction.atomic():
            user = User.objects.filter(email=email).first() or self._create(email, options["name"])
            User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser=True)
            EmailAddress.objects.update_or_create(
                user=user, email=email, defaults={"verified": True, "primary": True}
            )
        self.stdout.write(f"{email} is an operator.")

    def _create(self, email: str, name: str) -> User:
        password = os.environ.get("VIAGGIO_OPERATOR_PASSWORD") or getpass.getpass("Password: ")
        user = User(email=email, name=name)
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        user.set_password(password)
        user.save()
        return user
