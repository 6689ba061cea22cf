"""Who: contacts, how they are known, what they allowed, and who is never written to."""

from contacts.models.bulk import BulkAction
from contacts.models.consent import ConsentEntry, ConsentWording, Suppression
from contacts.models.contact import Contact, ContactTag, Identity, Tag
from contacts.models.field import ContactField
from contacts.models.note import Note
from contacts.models.segment import Segment
from contacts.models.task import Task
from contacts.models.ticket import Ticket
from contacts.models.transfer import ContactExport, ContactImport, ImportProblem

__all__ = [
    "BulkAction",
    "ConsentEntry",
    "ConsentWording",
    "Contact",
    "ContactExport",
    "ContactField",
    "ContactImport",
    "ContactTag",
    "Identity",
    "ImportProblem",
    "Note",
    "Segment",
    "Suppression",
    "Tag",
    "Task",
    "Ticket",
]
