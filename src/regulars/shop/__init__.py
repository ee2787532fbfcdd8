"""The door: one method for each thing a person can do with a shop's facts."""

from regulars.shop.shop import Shop

__all__ = ["Shop"]
