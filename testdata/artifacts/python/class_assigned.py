class Real:
    def execute(self, requests):
        return []


class TritonPythonModel:
    def __init__(self):
        self.__class__ = Real
