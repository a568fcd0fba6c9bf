"""EventBridge: what AWS's own services tell, handed to whom the rules name."""
