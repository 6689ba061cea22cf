"""A record shop to look around in: real orders, an invented catalogue, and a clock run by hand.

The orders are Fader and Hardie's public sample of CDNOW, an early shop for music: 6,919 orders of
2,357 customers from January 1997 to June 1998 (`cdnow_sample.txt`; columns: customer, number in
the sample, date, CDs, dollars). Dates are moved so that the last day is today. Names, records,
carts, visits and answers are invented, and the same at every run.
"""
