"""One file per thing that a person does: the order of the steps, progress and cancellation, no rules."""
