"""From what people declare to what each node shall be: parse, validate, merge, compile, store."""
