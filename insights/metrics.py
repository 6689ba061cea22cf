"""Registers what messages earned with the figures of journeys."""

from insights import earnings as earnings
