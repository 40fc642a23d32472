# A model.
