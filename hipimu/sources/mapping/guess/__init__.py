"""What a table of unknown origin probably is: a mapping is proposed, and every choice explained."""
