def add_execute(model):
    model.__dict__  # whatever
    type.__setattr__(model, "execute", lambda self, requests: [])


class TritonPythonModel:
    pass


add_execute(TritonPythonModel)
