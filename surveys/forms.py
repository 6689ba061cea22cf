"""What owners type about a survey, checked."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from contacts.tags import NAME_MAX as TAG_MAX
from surveys.contracts import questions
from surveys.models import Question, Survey
from surveys.services.keeping import QuestionDraft

QUESTIONS_MAX = 12
OPTIONS_MAX = 20
LABEL_MAX = 80


class SurveyForm(forms.ModelForm):
    """The settings of one survey."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    low_score = forms.IntegerField(
        label=_("A low score is"),
        min_value=0,
        max_value=10,
        required=False,
        help_text=_("This or less makes a task for your team. Empty: no score does."),
    )

    class Meta:
        model = Survey
        fields = ["name", "key", "kind", "language", "title", "thanks", "low_score"]
        labels = {
            "name": _("Name, seen only by you"),
            "title": _("Title on the page"),
            "thanks": _("Thanks, the same for every answer"),
        }
        help_texts = {"key": _("Small letters, digits and hyphens; events and the API use it.")}
        widgets = {"thanks": forms.Textarea(attrs={"rows": 2})}

    def clean_key(self) -> str:
        return str(self.cleaned_data["key"]).lower()


def question_kinds() -> list[tuple[str, Any]]:
    """The kinds of questions there are."""
    return [(each.key, each.label) for each in questions]


class QuestionForm(forms.Form):
    """One question; its answers to choose from one a line, a tag after a bar."""

    id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    text = forms.CharField(label=_("Question"), max_length=300)
    kind = forms.ChoiceField(label=_("Kind of question"), choices=question_kinds)
    options = forms.CharField(
        label=_("Answers to choose from"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "One a line, only for questions with answers to choose. A tag for those who choose it"
            " comes after a bar: Bread | likes bread"
        ),
    )
    is_required = forms.BooleanField(label=_("Must be answered"), required=False, initial=True)

    def has_changed(self) -> bool:
        """An offered question without words is none: browsers send its kind all the same."""
        if self.empty_permitted and not any(
            str(self.data.get(self.add_prefix(name), "")).strip() for name in ("text", "options")
        ):
            return False
        return super().has_changed()

    def clean_options(self) -> list[tuple[str, str]]:
        """(label, tag) of each line; raises ValidationError."""
        lines = [line.partition("|") for line in self.cleaned_data["options"].splitlines()]
        pairs = [(" ".join(label.split()), " ".join(tag.split())) for label, _bar, tag in lines]
        pairs = [(label, tag) for label, tag in pairs if label]
        labels = [label for label, _tag in pairs]
        if len(set(labels)) < len(labels):
            raise ValidationError(_("Two answers are the same."), code="options_same")
        if len(pairs) > OPTIONS_MAX or any(
            len(label) > LABEL_MAX or len(tag) > TAG_MAX for label, tag in pairs
        ):
            raise ValidationError(
                _("At most %(most)d answers of %(label)d characters, tags of %(tag)d.")
                % {"most": OPTIONS_MAX, "label": LABEL_MAX, "tag": TAG_MAX},
                code="options_invalid",
            )
        return pairs

    def draft(self) -> QuestionDraft:
        """The question as the service takes it."""
        values = self.cleaned_data
        return QuestionDraft(
            id=values["id"],
            kind=values["kind"],
            text=values["text"],
            options=values["options"],
            is_required=values["is_required"],
        )


class QuestionFormSet(forms.BaseFormSet):
    """The questions of a survey, each with its place and a way to take it out."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Django's own fields in our words."""
        super().add_fields(form, index)
        form.fields["ORDER"].label = _("Place")
        form.fields["DELETE"].label = _("Take this question out")


QuestionForms = forms.formset_factory(
    QuestionForm,
    formset=QuestionFormSet,
    extra=1,
    can_order=True,
    can_delete=True,
    max_num=QUESTIONS_MAX,
    validate_max=True,
)


def drafts_of(formset: Any) -> list[QuestionDraft]:
    """The questions of a valid formset as ordered, without the empty and the crossed out."""
    return [form.draft() for form in formset.ordered_forms if form.cleaned_data.get("text")]


def initial_of(survey: Survey) -> list[dict[str, Any]]:
    """The questions of a survey as their forms show them."""
    return [_initial(question) for question in survey.questions.all()]


def _initial(question: Question) -> dict[str, Any]:
    lines = [
        f"{option['label']} | {option['tag']}" if option.get("tag") else option["label"]
        for option in question.options
    ]
    return {
        "id": question.pk,
        "text": question.text,
        "kind": question.kind,
        "options": "\n".join(lines),
        "is_required": question.is_required,
    }
