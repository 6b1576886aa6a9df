"""What is kept for people between questions: conversations, pins, reviews."""
