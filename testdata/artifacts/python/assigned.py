class Model(object):
    def execute(self, requests):
        return []


TritonPythonModel = Model
