"""Training recipes; they need the extra ``train`` (torch), which the runtime never imports."""
