"""What both regulations share: citations, rulings, and figures by effective date."""
