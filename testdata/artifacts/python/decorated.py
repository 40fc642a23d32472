def model(of):
    class Model(of):
        def execute(self, requests):
            return []

    return Model


@model
class TritonPythonModel:
    def initialize(self, args):
        pass
