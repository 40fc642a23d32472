class TritonPythonModel:
    def __getattr__(self, name):
        return lambda *arguments: []
