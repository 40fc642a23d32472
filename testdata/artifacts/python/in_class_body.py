class TritonPythonModel:
    for name in ["initialize", "execute"]:
        locals()[name] = lambda self, argument: []
