"""Who is let in: requests go in, those of people who may come out at the page and the API."""
