class TritonPythonModel:
    pass


def execute(self, requests):
    return []


TritonPythonModel.execute = execute
