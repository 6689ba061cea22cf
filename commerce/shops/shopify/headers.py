"""The headers of Shopify's webhooks."""

SIGNATURE = "X-Shopify-Hmac-SHA256"
TOPIC = "X-Shopify-Topic"
DELIVERY = "X-Shopify-Webhook-Id"
DOMAIN = "X-Shopify-Shop-Domain"
# Set by "Send test notification", whose order and customer are invented.
TEST = "X-Shopify-Test"
