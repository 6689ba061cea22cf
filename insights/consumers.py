"""Orders find their message as they come in, and all of them once more under a new window."""

from contacts.contracts import BulkJob, bulk_jobs
from events.contracts import Consumer, consumers
from insights.attribution import follow_orders, has_recount, recount

# After the projections that write orders, before journeys act on what happened.
consumers.register(Consumer("insights.attribution", 25, follow_orders))
bulk_jobs.register(BulkJob("attribution", has_recount, recount))
