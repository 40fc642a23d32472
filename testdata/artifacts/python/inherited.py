class Base:
    def execute(self, requests):
        return [None for _ in requests]


class TritonPythonModel(Base):
    def initialize(self, args):
        pass
