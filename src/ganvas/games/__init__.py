"""The rules: who plays, and what each turn minimises."""
