"""Every route there is: which kind it is, and how to call it with somebody's rows.

The values name what `belongings.furnish` made. Adding a route to a URLconf means adding it here.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Kind(Enum):
    """Who a route is for."""

    OPEN = "open to everyone on the workspace's host"
    LINK = "open to whoever has the signed link in its address"
    MEMBERS = "for members of the workspace"
    API = "for API keys of the workspace"
    PUBLIC = "on the public site, for everyone or for the person who signed in"
    OPERATORS = "the operators' admin"


@dataclass(frozen=True)
class Route:
    """`args` are the address's arguments; a value that names no belonging stands for itself."""

    kind: Kind
    args: dict[str, Any] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)


def opened(**args: Any) -> Route:
    return Route(Kind.OPEN, args)


def linked(**args: Any) -> Route:
    return Route(Kind.LINK, args)


def members(**args: Any) -> Route:
    return Route(Kind.MEMBERS, args)


def api(**args: Any) -> Route:
    return Route(Kind.API, args)


def public(**args: Any) -> Route:
    return Route(Kind.PUBLIC, args)


def operators(**args: Any) -> Route:
    return Route(Kind.OPERATORS, args)


WORKSPACE: dict[str, Route] = {
    # tenants
    "tenants:enter": Route(Kind.LINK, query={"token": "ticket"}),
    "tenants:sign_out": opened(),
    "tenants:set_language": opened(),
    "tenants:business": members(),
    "tenants:people": members(),
    "tenants:change_role": members(pk="membership"),
    "tenants:remove_member": members(pk="membership"),
    "tenants:api_keys": members(),
    "tenants:revoke_key": members(pk="api_key"),
    "tenants:audit_log": members(),
    # events
    "events:failed": members(),
    "events:replay": members(),
    "events:deliveries": members(),
    "events:delivery_replay": members(),
    # contacts
    "contacts:list": members(),
    "contacts:bulk": members(),
    "contacts:create": members(),
    "contacts:fields": members(),
    "contacts:tags": members(),
    "contacts:segments": members(),
    "contacts:segment_new": members(),
    "contacts:segment_count": members(),
    "contacts:segment": members(segment_id="segment"),
    "contacts:segment_duplicate": members(segment_id="segment"),
    "contacts:segment_delete": members(segment_id="segment"),
    "contacts:tasks": members(),
    "contacts:task_done": members(task_id="task"),
    "contacts:task_add": members(contact_id="contact"),
    "contacts:imports": members(),
    "contacts:import": members(import_id="import"),
    "contacts:import_progress": members(import_id="import"),
    "contacts:import_cancel": members(import_id="import"),
    "contacts:import_resume": members(import_id="import"),
    "contacts:import_problems": members(import_id="import"),
    "contacts:import_problem_file": members(import_id="import"),
    "contacts:exports": members(),
    "contacts:export_file": members(export_id="export"),
    "contacts:export_forget": members(export_id="export"),
    "contacts:detail": members(contact_id="contact"),
    "contacts:edit": members(contact_id="contact"),
    "contacts:erase": members(contact_id="contact"),
    "contacts:tag_add": members(contact_id="contact"),
    "contacts:tag_remove": members(contact_id="contact"),
    "contacts:note": members(contact_id="contact"),
    "contacts:consent": members(contact_id="contact"),
    "contacts:proof": members(contact_id="contact"),
    "contacts:panel": members(contact_id="contact", key="messages"),
    # journeys
    "journeys:list": members(),
    "journeys:new": members(),
    "journeys:create": members(),
    "journeys:create_from_recipe": members(key="welcome"),
    "journeys:report": members(journey_id="journey"),
    "journeys:steps_file": members(journey_id="journey"),
    "journeys:time_file": members(journey_id="journey", unit="day"),
    "journeys:people": members(journey_id="journey"),
    "journeys:people_file": members(journey_id="journey"),
    "journeys:why": Route(Kind.MEMBERS, {"journey_id": "journey"}, query={"q": "friend"}),
    "journeys:add_people": members(journey_id="journey"),
    "journeys:path": members(journey_id="journey", run_id="run"),
    "journeys:remove_run": members(journey_id="journey", run_id="run"),
    "journeys:skip_wait": members(journey_id="journey", run_id="run"),
    "journeys:add_contact": members(contact_id="contact"),
    "journeys:draft": members(journey_id="journey"),
    "journeys:entry_check": Route(
        Kind.MEMBERS, {"journey_id": "journey"}, query={"part": "entry:0"}
    ),
    "journeys:ops": members(journey_id="journey"),
    "journeys:draft_save": members(journey_id="journey"),
    "journeys:draft_condition": members(journey_id="journey"),
    "journeys:replay": members(journey_id="journey"),
    "journeys:replay_start": members(journey_id="journey"),
    "journeys:replay_progress": members(journey_id="journey", replay_id="replay"),
    "journeys:replay_cancel": members(journey_id="journey", replay_id="replay"),
    "journeys:replay_people": members(journey_id="journey", replay_id="replay"),
    "journeys:walk": members(journey_id="journey"),
    "journeys:walk_mail": members(journey_id="journey"),
    "journeys:publish": members(journey_id="journey"),
    "journeys:split": members(journey_id="journey", step_id="aa"),
    "journeys:rename": members(journey_id="journey"),
    "journeys:pause": members(journey_id="journey"),
    "journeys:resume": members(journey_id="journey"),
    "journeys:archive": members(journey_id="journey"),
    "journeys:restore": members(journey_id="journey"),
    "journeys:unplan": members(journey_id="journey"),
    "journeys:versions": members(journey_id="journey"),
    "journeys:compare_versions": members(journey_id="journey"),
    "journeys:version": members(journey_id="journey", number=1),
    "journeys:restore_version": members(journey_id="journey", number=1),
    # campaigns
    "campaigns:click": linked(token="message_token", index=0),
    "campaigns:open": linked(token="message_token"),
    "campaigns:view": linked(token="message_token"),
    "campaigns:campaigns": members(),
    "campaigns:campaign_new": members(),
    "campaigns:campaign": members(campaign_id="campaign"),
    "campaigns:campaign_edit": members(campaign_id="campaign"),
    "campaigns:campaign_audience": members(campaign_id="campaign"),
    "campaigns:campaign_test": members(campaign_id="campaign"),
    "campaigns:campaign_progress": members(campaign_id="campaign"),
    "campaigns:campaign_people": members(campaign_id="campaign"),
    "campaigns:campaign_send": members(campaign_id="campaign"),
    "campaigns:campaign_unschedule": members(campaign_id="campaign"),
    "campaigns:campaign_pause": members(campaign_id="campaign"),
    "campaigns:campaign_resume": members(campaign_id="campaign"),
    "campaigns:campaign_cancel": members(campaign_id="campaign"),
    "campaigns:campaign_duplicate": members(campaign_id="campaign"),
    "campaigns:campaign_delete": members(campaign_id="campaign"),
    "campaigns:provider_call": linked(token="feedback_token"),
    "campaigns:templates": members(),
    "campaigns:template_new": members(),
    "campaigns:template": members(template_id="template"),
    "campaigns:preview": members(template_id="template"),
    "campaigns:messages": members(),
    "campaigns:doubts": members(),
    "campaigns:message": members(message_id="message"),
    "campaigns:message_mail": members(message_id="message"),
    "campaigns:resolve": members(message_id="message"),
    "campaigns:accounts": members(),
    "campaigns:account_new": members(kind="smtp"),
    "campaigns:account": members(account_id="account"),
    "campaigns:account_feedback": members(account_id="reporter"),
    "campaigns:account_default": members(account_id="account"),
    "campaigns:account_switch": members(account_id="account"),
    "campaigns:account_test": members(account_id="account"),
    # commerce
    "commerce:shop_call": linked(token="shop_token"),
    "commerce:shops": members(),
    "commerce:shop_new": members(kind="shopify"),
    "commerce:shop": members(shop_id="shop"),
    "commerce:shop_switch": members(shop_id="shop"),
    "commerce:shop_rotate": members(shop_id="shop"),
    "commerce:shop_leave": members(shop_id="shop"),
    "commerce:shop_return": members(shop_id="shop"),
    "commerce:shop_replay": members(shop_id="shop"),
    "commerce:shop_request_done": members(request_id="data_request"),
    # capture
    "capture:signup": opened(slug="form_slug"),
    "capture:thanks": opened(slug="form_slug"),
    "capture:confirm": linked(token="confirm_token"),
    "capture:unsubscribe": linked(token="contact_token"),
    "capture:preferences": linked(token="contact_token"),
    "capture:forms": members(),
    "capture:form_new": members(),
    "capture:form": members(form_id="form"),
    "capture:form_edit": members(form_id="form"),
    "capture:form_preview": members(form_id="form"),
    "capture:form_people": members(form_id="form"),
    "capture:form_open": members(form_id="form"),
    "capture:form_close": members(form_id="form"),
    # commerce
    "commerce:coupons": members(),
    "commerce:coupon_new": members(),
    "commerce:coupon": members(coupon_id="coupon"),
    "commerce:coupon_edit": members(coupon_id="coupon"),
    "commerce:coupon_pool": members(coupon_id="coupon"),
    "commerce:coupon_switch": members(coupon_id="coupon"),
    "commerce:coupon_csv": members(coupon_id="coupon"),
    # surveys
    "surveys:answer": linked(token="survey_token"),
    "surveys:thanks": linked(token="survey_token"),
    "surveys:review_lines": linked(token="review_token"),
    "surveys:review_thanks": linked(token="review_token"),
    "surveys:review_form": linked(token="review_token", line_id="review_line"),
    "surveys:widget_json": Route(Kind.OPEN, query={"product": "reviewed_product"}),
    "surveys:widget_script": opened(),
    "surveys:widget_photo": opened(review_id="review"),
    "surveys:surveys": members(),
    "surveys:survey_new": members(),
    "surveys:survey": members(survey_id="survey"),
    "surveys:survey_edit": members(survey_id="survey"),
    "surveys:survey_preview": members(survey_id="survey"),
    "surveys:survey_people": members(survey_id="survey"),
    "surveys:survey_open": members(survey_id="survey"),
    "surveys:survey_close": members(survey_id="survey"),
    "surveys:reviews": members(),
    "surveys:review": members(review_id="review"),
    "surveys:review_photo": members(review_id="review"),
    "surveys:review_publish": members(review_id="review"),
    "surveys:review_refuse": members(review_id="review"),
    "surveys:review_reply": members(review_id="review"),
    # insights
    "insights:home": members(),
    "insights:attribution": members(),
    # commerce
    "commerce:orders": members(),
    "commerce:order_import": members(),
    "commerce:order": members(order_id="order"),
    "commerce:products": members(),
    "commerce:product": members(product_id="product"),
    "commerce:carts": members(),
    "commerce:currencies": members(),
    "commerce:currency_main": members(code="EUR"),
    "commerce:currency_remove": members(code="EUR"),
    # the API
    "api:docs": opened(),
    "api:openapi": opened(),
    "api:contacts": api(),
    "api:contacts_bulk": api(),
    "api:contact": api(contact_id="contact"),
    "api:contact_tags": api(contact_id="contact"),
    "api:contact_tag": api(contact_id="contact", name="vip"),
    "api:consents": api(contact_id="contact"),
    "api:contact_fields": api(),
    "api:segments": api(),
    "api:segment": api(segment_id="segment"),
    "api:segment_contacts": api(segment_id="segment"),
    "api:segment_count": api(segment_id="segment"),
    "api:tickets": api(),
    "api:tasks": api(),
    "api:task": api(task_id="task"),
    "api:task_complete": api(task_id="task"),
    "api:tags": api(),
    "api:tags_bulk": api(),
    "api:events": api(),
    "api:events_bulk": api(),
    "api:journeys": api(),
    "api:journey": api(journey_id="journey"),
    "api:journey_versions": api(journey_id="journey"),
    "api:journey_draft": api(journey_id="journey"),
    "api:journey_draft_ops": api(journey_id="journey"),
    "api:journey_version": api(journey_id="journey", number=1),
    "api:journey_version_restore": api(journey_id="journey", number=1),
    "api:journey_publish": api(journey_id="journey"),
    "api:journey_planned": api(journey_id="journey"),
    "api:enrolments": api(journey_id="journey"),
    "api:journey_explain": Route(Kind.API, {"journey_id": "journey"}, query={"contact": "contact"}),
    "api:replays": api(journey_id="journey"),
    "api:replay": api(journey_id="journey", replay_id="replay"),
    "api:replay_cancel": api(journey_id="journey", replay_id="replay"),
    "api:products": api(),
    "api:products_bulk": api(),
    "api:product": api(product_id="product"),
    "api:categories": api(),
    "api:categories_bulk": api(),
    "api:category": api(category_id="category"),
    "api:orders": api(),
    "api:orders_bulk": api(),
    "api:order": api(order_id="order"),
    "api:carts": api(),
    "api:carts_bulk": api(),
    "api:cart": api(cart_id="cart"),
    "api:coupons": api(),
    "api:coupons_validate": api(),
    "api:coupons_redeem": api(),
    "api:coupon_codes": api(coupon_id="coupon"),
    "api:campaigns": api(),
    "api:campaign": api(campaign_id="campaign"),
    "api:campaign_report": api(campaign_id="campaign"),
    "api:campaign_send": api(campaign_id="campaign"),
    "api:campaign_pause": api(campaign_id="campaign"),
    "api:campaign_resume": api(campaign_id="campaign"),
    "api:campaign_cancel": api(campaign_id="campaign"),
    "api:surveys": api(),
    "api:survey": api(survey_id="survey"),
    "api:reviews": api(),
    "api:review": api(review_id="review"),
    "api:messages": api(),
    "api:message": api(message_id="message"),
}

# The components' own pages, on a local machine only.
for _name in ("", "_journey", "_hosted", "_public", "_landing"):
    WORKSPACE[f"specimen{_name}"] = members()

PUBLIC: dict[str, Route] = {
    "landing": public(),
    "set_language": public(),
    "account_signup": public(),
    "slug_check": Route(Kind.PUBLIC, query={"slug": "slug"}),
    "account_email_verification_sent": public(),
    "account_confirm_email": public(key="not-a-key"),
    "account_login": public(),
    "account_logout": public(),
    "account_reset_password": public(),
    "account_reset_password_done": public(),
    "account_reset_password_from_key": public(uidb36="1", key="not-a-key"),
    "account_reset_password_from_key_done": public(),
    "account": public(),
    "account_inactive": public(),
    "account_email": public(),
    "account_change_password": public(),
    "account_set_password": public(),
    "account_reauthenticate": public(),
    "mfa_authenticate": public(),
    "mfa_index": public(),
    "mfa_reauthenticate": public(),
    "mfa_activate_totp": public(),
    "mfa_deactivate_totp": public(),
    "mfa_view_recovery_codes": public(),
    "mfa_generate_recovery_codes": public(),
    "mfa_download_recovery_codes": public(),
    "workspaces": public(),
    "workspace_enter": public(slug="slug"),
    "inbox": public(),
    "inbox_empty": public(),
    "inbox_mail": public(pk=1),
    "inbox_body": public(pk=1),
    # The admin names its routes after its models, so these stand for all of them.
    "admin:index": operators(),
    "admin:login": operators(),
    "admin:logout": operators(),
    "admin:password_change": operators(),
    "admin:password_change_done": operators(),
    "admin:autocomplete": operators(),
    "admin:jsi18n": operators(),
    "admin:view_on_site": operators(content_type_id="1", object_id="user"),
    "admin:app_list": operators(app_label="tenants"),
    "admin:<model>_changelist": operators(),
    "admin:<model>_add": operators(),
    "admin:<model>_history": operators(object_id="<row>"),
    "admin:<model>_delete": operators(object_id="<row>"),
    "admin:<model>_change": operators(object_id="<row>"),
}
# Routes of the admin without a name: the old address of a row, and whatever is not there.
NAMELESS = {"<path:object_id>/", "(?P<url>.*)$"}
