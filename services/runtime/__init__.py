"""What a service needs to run, and nothing about faces."""
