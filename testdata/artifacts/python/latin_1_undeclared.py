class TritonPythonModel:
    name = "café"
    def execute(self, requests):
        return []
