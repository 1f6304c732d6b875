"""What people do with a reply (`replies`) and with a character (`dismissal`)."""
