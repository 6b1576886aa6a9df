"""The drafting desk for analysts, and the review of what they propose: two pages of the app."""
