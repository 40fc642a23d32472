from collections import OrderedDict as TritonPythonModel
