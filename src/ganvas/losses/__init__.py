"""What the two players minimise, as pure functions of logits."""
