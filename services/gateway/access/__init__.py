"""Who may call the gateway: API keys, what each allows, and how much."""
