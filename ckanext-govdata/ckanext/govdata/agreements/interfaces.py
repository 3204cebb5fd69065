"""How another plugin brings a seal service of its own."""

from __future__ import annotations

import ckan.plugins as p

from .signing.providers import SealProvider


class IGovdataSeals(p.Interface):
    """Electronic seals of agencies (L3), such as those of a province's platform (GY-c4)."""

    def seal_provider(self) -> SealProvider | None:
        """The provider; it is asked for each agency whether it has that agency's seal."""
        return None
