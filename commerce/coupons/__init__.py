"""Coupons: who may have a code, handing codes out, and seeing them come back with an order."""
